import { describe, expect, it } from 'vitest';
import { ageOn, bytes, clock, dollars, fileName, gain, longDate, moment, parseDate, relative, stretch, today } from './format';

const now = new Date(2026, 2, 3, 14, 30, 0);

describe('times', () => {
  it.each([[0, '00:00'], [999, '00:00'], [42_000, '00:42'], [3_665_000, '61:05'], [-5, '00:00']])('%d ms is %s', (ms, text) => {
    expect(clock(ms)).toBe(text);
  });
  it('joins a stretch', () => expect(stretch(19_000, 24_400)).toBe('00:19–00:24'));
});

describe('dates', () => {
  it.each([
    ['2026-03-02', '2026-03-02'], ['3/2/2026', '2026-03-02'], ['3/2/26', '2026-03-02'], ['03022026', '2026-03-02'],
    ['3-2-57', '1957-03-02'], [' today ', '2026-03-03'], ['2024-02-29', '2024-02-29'],
    ['2026-02-29', null], ['13/1/2026', null], ['', null], ['soon', null], ['0026-01-01', null],
  ])('reads %j as %j', (typed, iso) => expect(parseDate(typed, now)).toBe(iso));

  it('never shifts a date of service by the time zone', () => {
    expect(longDate('2026-03-02', 'en-US')).toBe('Mon, Mar 2, 2026');
    expect(longDate('not a date', 'en-US')).toBe('not a date');
    expect(today(new Date(2026, 0, 1, 0, 0, 1))).toBe('2026-01-01');
    expect(today(new Date(2026, 11, 31, 23, 59, 59))).toBe('2026-12-31');
  });

  it('tells moments by distance in local time', () => {
    const ago = (ms: number) => moment(new Date(now.getTime() - ms).toISOString(), now, 'en-US');
    expect(ago(10_000)).toBe('just now');
    expect(ago(-4_000)).toBe('just now');
    expect(ago(12 * 60_000)).toBe('12 min ago');
    expect(ago(5 * 3_600_000)).toBe('09:30');
    expect(ago(24 * 3_600_000)).toBe('Mar 2, 14:30');
    expect(ago(400 * 24 * 3_600_000)).toContain('2025');
  });

  it('counts whole years', () => {
    expect(ageOn('1957-08-14', '2026-08-13')).toBe(68);
    expect(ageOn('1957-08-14', '2026-08-14')).toBe(69);
    expect(ageOn('2030-01-01', '2026-01-01')).toBeNull();
    expect(ageOn('x', '2026-01-01')).toBeNull();
  });
});

it('names files and sizes', () => {
  expect(fileName('/a/b c/d.wav')).toBe('d.wav');
  expect(fileName('C:\\rec\\d.wav')).toBe('d.wav');
  expect([bytes(1200), bytes(147_964_211), bytes(1_500_000_000)]).toEqual(['2 kB', '148 MB', '1.5 GB']);
});

it('writes money and relative values', () => {
  expect([dollars('1204.5'), gain('120'), gain('-35.10'), gain('0'), relative(268_900)])
    .toEqual(['$1,204.50', '+$120.00', '−$35.10', '±$0.00', '26.89']);
});
