// Insights on the test double: every figure with its period, its count and its table; none where there is none.
// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import App from '../App.svelte';
import { DemoBackend, type DemoOptions } from '../lib/backend/demo';
import { percent, period, spell } from './figures';

afterEach(cleanup);

async function open(options: DemoOptions = {}): Promise<DemoBackend> {
  const backend = new DemoBackend({ state: 'unlocked', ...options });
  render(App, { backend });
  await waitFor(() => expect(document.getElementById('to-insights')).not.toBeNull());
  await fireEvent.keyDown(document.body, { key: ';' });
  await waitFor(() => expect(document.getElementById('clean')).not.toBeNull());
  return backend;
}

describe('insights', () => {
  it('say of every figure its period and its count, and give each plot a table', async () => {
    await open();
    const figures = [...document.querySelectorAll('.figure')];
    expect(figures.map((f) => f.id)).toEqual(['clean', 'denials', 'agreement', 'waiting', 'at-risk']);
    for (const figure of figures) {
      expect(figure.querySelector('.rests')?.textContent, figure.id).toMatch(/\d/);
      expect(figure.querySelectorAll('tbody tr').length, figure.id).toBeGreaterThan(1);
      expect(figure.querySelector('.plot')?.getAttribute('aria-hidden')).toBe('true');
    }
    expect(document.querySelector('#clean .rests')?.textContent).toMatch(/answered of \d+ sent, .+ to .+/);
    expect(document.querySelector('#denials table')?.textContent).toContain('medically necessary');
  });
  it('ask for another period', async () => {
    const backend = await open();
    await fireEvent.keyDown(document.body, { key: '1' });
    await waitFor(() => expect(backend.calls.filter(([name]) => name === 'insights')).toHaveLength(2));
    const [, from, to] = backend.calls.filter(([name]) => name === 'insights').at(-1) ?? [];
    expect((Date.parse(String(to)) - Date.parse(String(from))) / 86_400_000).toBe(27);
  });
  it('show no figure where there is none', async () => {
    await open({ empty: true });
    expect(document.querySelector('#clean .value')?.textContent).toBe('–');
    expect(screen.getByText(/No denial was opened/)).toBeTruthy();
    expect(document.querySelectorAll('.plot')).toHaveLength(0);
  });
});

it('reckons shares, times and periods', () => {
  expect([percent({ of: 0, are: 0 }), percent({ of: 3, are: 2 })]).toEqual([null, 67]);
  expect([spell(null), spell(0), spell(59), spell(60), spell(150), spell(4320)]).toEqual(['–', '0 min', '59 min', '1 h', '2 h 30 min', '3 days']);
  expect(period(28, new Date(2026, 2, 28))).toEqual(['2026-03-01', '2026-03-28']);
});
