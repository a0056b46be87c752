import { expect, it } from 'vitest';
import { demoMasters } from '../lib/backend/demo-master';
import { blank, complaints, headerOf, withPatient } from './header';
import type { RecordLevelEvent } from '../lib/backend/types';
import { ending, levelWord, meterHeight } from './level';

const now = new Date(2026, 2, 3);
const good = { ...blank('3/2/2026', 'medicare'), last: ' Fernworth ', birth: '8/14/1957', sex: 'F' as const };

it('makes the header the engine takes', () => {
  expect(headerOf(good, now)).toEqual({
    payer: 'medicare', dos: '2026-03-02',
    patient: { id: null, last: 'Fernworth', first: null, birth_date: '1957-08-14', sex: 'F', member_id: null },
  });
  expect(headerOf(blank('2026-03-02', 'medicare'), now)?.patient).toBeNull();
});
it.each([
  [{ payer: '' }, 'payer'], [{ dos: 'tomorrow' }, 'dos'], [{ dos: '' }, 'dos'], [{ birth: '14.8.57.1' }, 'birth'],
])('refuses %j', (wrong, field) => {
  expect(Object.keys(complaints({ ...good, ...wrong }, now))).toEqual([field]);
  expect(headerOf({ ...good, ...wrong }, now)).toBeNull();
});

const reading = (more: Partial<RecordLevelEvent>): RecordLevelEvent => ({
  state: 'recording', elapsedMs: 0, remainingMs: 10_800_000, rms: 0.2, peak: 0.4, clipped: false, silent: false, device: 'Desk', trouble: null, ...more,
});
it.each([
  [[], 'listening'],
  [[reading({})], 'level ok'],
  [[reading({ rms: 0.004 })], 'very quiet: move closer'],
  [[reading({}), reading({ clipped: true })], 'too loud: move back a little'],
  [[reading({ silent: true, rms: 0 })], 'no sound: is the microphone on?'],
  [[reading({}), reading({ device: null })], 'microphone lost: plug it in again; what was said is kept'],
])('hears %j as %s', (levels, text) => expect(levelWord(levels).text).toBe(text));
it('meters in decibels', () => {
  expect(meterHeight(0)).toBe(0);
  expect(meterHeight(1)).toBe(1);
  expect(meterHeight(0.1)).toBeGreaterThan(0.5);
});
it('says when the longest recording is near', () => {
  expect(ending(undefined)).toBeNull();
  expect(ending(600_001)).toBeNull();
  expect(ending(90_000)).toContain('2 min');
  expect(ending(0)).toContain('kept');
});

it('takes a known patient over, with the number of whoever pays first', () => {
  const odile = demoMasters().find((r) => r.id === 'm-odile');
  if (!odile) throw new Error('no such record');
  expect(withPatient(blank('2026-03-02', 'cedar'), odile)).toEqual({
    last: 'Fernworth', first: 'Odile', birth: '1957-08-14', sex: 'F', memberId: '1EG4-TE5-MK00', chartId: 'F-2201', payer: 'medicare', dos: '2026-03-02',
  });
  expect(withPatient({ ...good, memberId: 'old' }, { ...odile, data: { last: 'New', sex: 'x' } })).toMatchObject({ last: 'New', first: '', birth: '', sex: '', memberId: '', payer: 'medicare' });
});
