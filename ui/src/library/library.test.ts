// The library on the test double: asked, read at the passage, rules confirmed, policies let go here, a claim's criteria.
// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import App from '../App.svelte';
import { DemoBackend } from '../lib/backend/demo';

afterEach(cleanup);
const press = (key: string) => fireEvent.keyDown(document.activeElement ?? document.body, { key });
const find = (selector: string) => document.querySelector<HTMLElement>(selector) as HTMLElement;

async function open(): Promise<DemoBackend> {
  const backend = new DemoBackend({ state: 'unlocked' });
  render(App, { backend });
  await waitFor(() => expect(document.getElementById('to-library')).not.toBeNull());
  await press('9');
  await waitFor(() => expect(document.querySelectorAll('[data-policy]').length).toBe(2));
  return backend;
}

describe('the library', () => {
  it('lists policies by payer with status and dates', async () => {
    await open();
    expect([...document.querySelectorAll<HTMLElement>('[data-policy]')].map((e) => e.dataset.status)).toEqual(['in_force', 'superseded']);
    expect(find('[data-policy=policy-0]').textContent).toContain('2025-01-01 to 2025-12-31');
  });
  it('answers, and opens the policy at the passage', async () => {
    const backend = await open();
    await fireEvent.input(find('#question'), { target: { value: 'how long therapy' } });
    await fireEvent.submit(find('form.ask'));
    await waitFor(() => expect(document.querySelectorAll('[data-hit]').length).toBe(2));
    await fireEvent.click(find('[data-hit="2"]'));
    await waitFor(() => expect(find('[data-passage="2"]').classList.contains('lit')).toBe(true));
    await fireEvent.input(find('#question'), { target: { value: 'the moon' } });
    await fireEvent.submit(find('form.ask'));
    await waitFor(() => expect(find('#library-note').textContent).toContain('No passage'));
    expect(backend.library.calls.filter(([c]) => c === 'ask').length).toBe(2);
  });
  it('takes files that are let go here, and says what one lacks', async () => {
    const backend = await open();
    backend.drag({ kind: 'drop', paths: ['/policies/undated.pdf'] });
    expect((await screen.findByRole('alert')).textContent).toContain('date of service');
    await fireEvent.input(find('#effective'), { target: { value: '2026-01-01' } });
    backend.drag({ kind: 'drop', paths: ['/policies/undated.pdf'] });
    await waitFor(() => expect(document.querySelectorAll('[data-policy]').length).toBe(3));
  });
  it('shows proposed rules beside their passage', async () => {
    await open();
    await fireEvent.click(find('[data-policy=policy-1]'));
    await waitFor(() => expect(find('[data-passage="4"] [data-rule]')).not.toBeNull());
    expect(find('[data-rule]').dataset.state).toBe('draft');
  });
});

describe('watched folders', () => {
  it('are chosen, say what was refused and what is gone, and are let go', async () => {
    const backend = await open();
    await fireEvent.click(find('#watch-folder'));
    await waitFor(() => expect(find('[data-folder="/clinic/policies"]')).not.toBeNull());
    expect(find('[data-refused="locked.pdf"]').textContent).toContain('password');
    expect(backend.library.calls).toContainEqual(['watch', '/clinic/policies', 'medicare']);
    await fireEvent.click(find('[data-gone="old.pdf"] button'));
    await waitFor(() => expect(find('.reader h2').textContent).toContain('Decompression'));
    await fireEvent.click(screen.getByText('Stop watching'));
    await waitFor(() => expect(find('[data-folder]')).toBeNull());
  });
  it('tell by themselves what came', async () => {
    const backend = await open();
    await backend.library.watch('/clinic/policies', null);
    backend.emit('library_watch', { taken: [['a.pdf', 'new']], refused: [], gone: [], still_written: 0, unreachable: [] });
    await waitFor(() => expect(find('[data-folder]').textContent).toContain('a folder for each payer'));
    await waitFor(() => expect(document.body.textContent).toContain('1 file taken in'));
  });
});

describe('a claim beside its policies', () => {
  it('brings the criteria, compares on request, and drafts from the quotes', async () => {
    const backend = new DemoBackend({ state: 'unlocked' });
    render(App, { backend });
    await waitFor(() => expect(find('[data-open]')).not.toBeNull());
    await fireEvent.click(find('[data-open]'));
    await screen.findByRole('tab', { name: 'Coverage' });
    await press('4');
    await waitFor(() => expect(document.querySelectorAll('[data-criterion]').length).toBe(2));
    expect((find('#appeal') as HTMLButtonElement).disabled).toBe(true);
    await fireEvent.click(find('#compare'));
    await waitFor(() => expect(find('[data-criterion="2"]').dataset.standing).toBe('met'));
    expect(find('[data-criterion="3"]').dataset.standing).toBe('');
    await fireEvent.click(find('#appeal'));
    await waitFor(() => expect((find('#coverage-text') as HTMLTextAreaElement).value).toContain('look again'));
  });
});
