// The exchange on the test double: claims sent, files that wait, answers taken in, denials closed, a claim on paper.
// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import App from '../App.svelte';
import { DemoBackend } from '../lib/backend/demo';

afterEach(cleanup);
const press = (key: string) => fireEvent.keyDown(document.activeElement ?? document.body, { key });

async function open(): Promise<DemoBackend> {
  const backend = new DemoBackend({ state: 'unlocked' });
  render(App, { backend });
  await waitFor(() => expect(document.getElementById('to-exchange')).not.toBeNull());
  await press('8');
  await screen.findByRole('heading', { name: /Approved, not sent yet/ });
  return backend;
}

describe('what leaves', () => {
  it('is sent with one key, and the file is listed with its claims', async () => {
    const backend = await open();
    expect(document.querySelectorAll('[data-approved]').length).toBe(1);
    await press('s');
    await waitFor(() => expect(document.querySelectorAll('[data-approved]').length).toBe(0));
    expect(backend.exchange.calls).toContainEqual(['send', ['claim-1']]);
    expect(document.querySelectorAll('[data-file]').length).toBe(3);
  });
  it('says why a file waits', async () => {
    await open();
    expect(document.querySelector('[data-delivered=false]')?.textContent).toContain('tried 2 times');
    await press('d');
    await screen.findByText(/not the pinned one/);
  });
});

describe('what comes back', () => {
  it('is taken from files that are let go here, and a refusal names the place', async () => {
    const backend = await open();
    backend.drag({ kind: 'drop', paths: ['/incoming/march.835', '/incoming/letter.pdf'] });
    await waitFor(() => expect(document.querySelectorAll('[data-taken]').length).toBe(2));
    expect(screen.getByRole('alert').textContent).toContain('segment 1');
    const taken = document.querySelector('[data-taken="march.835"]')?.textContent ?? '';
    expect(taken).toContain('1 claim answered, 1500.50 paid');
    expect(taken).toContain('SOMEBODY: no claim of ours has this number.');
    expect(document.querySelector('[data-low="22633"]')?.textContent).toContain('1712.44');
  });
  it('leads from a denial to the corrected claim by one key', async () => {
    const backend = await open();
    backend.draft = { ...backend.draft, state: 'exported' };
    await press('3');
    await waitFor(() => expect(document.querySelector('[data-denial]')).not.toBeNull());
    await press('o');
    await waitFor(() => expect(document.querySelector('#reason')).not.toBeNull());
    expect(document.querySelector('#decision')?.textContent).toContain('What was wrong');
  });
  it('opens denials as work with the rule that would have caught them', async () => {
    const backend = await open();
    await press('3');
    await screen.findByText(/MEDICARE-DENIED-22842-97/);
    await fireEvent.click(screen.getByRole('button', { name: /Close the denial/ }));
    await screen.findByText(/No denial is open/);
    expect(backend.exchange.calls).toContainEqual(['close', 'denial-1']);
  });
});

describe('the claim', () => {
  it('shows each answer with its lines, paid and denied, and itself on paper', async () => {
    const backend = new DemoBackend({ state: 'unlocked' });
    backend.draft = { ...backend.draft, state: 'exported' };
    render(App, { backend });
    const draft = await waitFor(() => {
      const found = document.querySelector<HTMLElement>('[data-open]');
      expect(found).not.toBeNull();
      return found as HTMLElement;
    });
    await fireEvent.click(draft);
    await screen.findByRole('tab', { name: 'Answers' });
    await press('3');
    await waitFor(() => expect(document.querySelectorAll('[data-answer]').length).toBe(3));
    const outcomes = [...document.querySelectorAll<HTMLElement>('[data-answer-line]')].map((e) => e.dataset.outcome);
    expect(outcomes).toEqual(['underpaid', 'denied']);
    await fireEvent.click(screen.getByRole('button', { name: /CMS-1500/ }));
    await waitFor(() => expect(document.querySelector('[data-place="2"]')?.textContent).toBe('EXAMPLEBY, ADA'));
    await fireEvent.click(screen.getByRole('button', { name: /Save as PDF/ }));
    await screen.findByText(/cms1500.pdf/);
    expect(backend.exchange.calls.at(-1)).toEqual(['paper', backend.draft.claimId, false, 0, 0]);
  });
});
