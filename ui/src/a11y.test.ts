// Every screen as a screen reader finds it: axe finds nothing serious or critical. Contrast is measured on the tokens.
// @vitest-environment happy-dom
import axe from 'axe-core';
import { cleanup, fireEvent, render, waitFor } from '@testing-library/svelte';
import { afterEach, expect, it } from 'vitest';
import App from './App.svelte';
import { DemoBackend } from './lib/backend/demo';

afterEach(cleanup);

const press = (key: string, more: object = {}) => fireEvent.keyDown(document.activeElement ?? document.body, { key, ...more });
const shown = (selector: string) => waitFor(() => expect(document.querySelector(selector)).not.toBeNull());
const click = async (selector: string) => {
  await shown(selector);
  await fireEvent.click(document.querySelector(selector) as Element);
};

/** What is wrong in earnest, as rule and element. */
async function serious(): Promise<string[]> {
  document.documentElement.lang = 'en';
  const found = await axe.run(document.body, { rules: { 'color-contrast': { enabled: false }, region: { enabled: false } }, resultTypes: ['violations'] });
  return found.violations
    .filter((v) => v.impact === 'serious' || v.impact === 'critical')
    .flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.html.slice(0, 160)}`));
}

const SCREENS: [string, () => Promise<void>][] = [
  ['dictate', () => shown('#new-dictation')],
  ['review', async () => {
    await click('[data-open]');
    await shown('[data-kind=line]');
  }],
  ['the claim form', async () => {
    await click('[data-open]');
    await shown('[data-kind=line]');
    await press('c');
    await shown('[data-form-item="33"]');
  }],
  ['the clinic', async () => {
    await shown('#new-dictation');
    await press(',');
    await click('[data-record]');
    await shown('#record-form');
  }],
  ['the queue', async () => {
    await shown('#new-dictation');
    await press('z');
    await shown('[data-claim]');
  }],
  ['many claims at once', async () => {
    await shown('#new-dictation');
    await press('z');
    await shown('[data-claim]');
    await press('j');
    await press(' ');
    await press('a');
    await shown('#bulk-says');
  }],
  ['insights', async () => {
    await shown('#new-dictation');
    await press(';');
    await shown('#at-risk');
  }],
  ['commands', async () => {
    await shown('#new-dictation');
    await press('k', { ctrlKey: true });
    await shown('#command');
  }],
];

it.each(SCREENS)('%s', async (_name, go) => {
  render(App, { backend: new DemoBackend({ state: 'unlocked' }) });
  await go();
  expect(await serious()).toEqual([]);
}, 60_000);

it('would find a field without a name', async () => {
  document.body.innerHTML = '<main><input type="text" /></main>';
  expect((await serious()).join()).toContain('label');
  document.body.innerHTML = '';
});
