// The command palette on the test double: a command is found by its words and done where one is.
// @vitest-environment happy-dom
import { cleanup, fireEvent, render, waitFor } from '@testing-library/svelte';
import { afterEach, expect, it } from 'vitest';
import App from '../../App.svelte';
import { DemoBackend } from '../backend/demo';

afterEach(cleanup);

const press = (key: string, more: object = {}) => fireEvent.keyDown(document.activeElement ?? document.body, { key, ...more });
const shown = (selector: string) => waitFor(() => expect(document.querySelector(selector)).not.toBeNull());
const offered = () => [...document.querySelectorAll<HTMLElement>('[data-command]')].map((e) => e.dataset.command);

it('opens by Ctrl K, finds by words and does what is chosen', async () => {
  render(App, { backend: new DemoBackend({ state: 'unlocked' }) });
  await shown('#new-dictation');
  await press('k', { ctrlKey: true });
  await shown('#command');
  expect(offered()[0]).toBe('record');
  const field = document.querySelector('#command') as HTMLInputElement;
  await fireEvent.input(field, { target: { value: 'clinic people' } });
  await waitFor(() => expect(offered()).toEqual(['clinic']));
  await fireEvent.keyDown(field, { key: 'Enter' });
  await shown('#add-record');
  await waitFor(() => expect(document.querySelector('#command')).toBeNull());
});

it('does nothing while the vault is locked, and says when nothing fits', async () => {
  const backend = new DemoBackend({ state: 'locked' });
  render(App, { backend });
  await shown('#passphrase');
  await press('k', { ctrlKey: true });
  expect(document.querySelector('#command')).toBeNull();
  cleanup();
  render(App, { backend: new DemoBackend({ state: 'unlocked' }) });
  await shown('#new-dictation');
  await press('k', { ctrlKey: true });
  await shown('#command');
  await fireEvent.input(document.querySelector('#command') as HTMLInputElement, { target: { value: 'approve' } });
  await waitFor(() => expect(document.querySelector('#commands')?.textContent).toContain('No command has these words here'));
  await fireEvent.keyDown(document.querySelector('#command') as HTMLInputElement, { key: 'Enter' });
  expect(document.querySelector('#command')).not.toBeNull();
});
