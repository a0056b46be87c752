// The queue on the test double: keys, filters, pages, views, many claims at once, and that it is kept while a claim is open.
// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import App from '../App.svelte';
import { DemoBackend, type DemoOptions } from '../lib/backend/demo';
import { Queueing, noFilter } from './queueing.svelte';
import { DemoQueue } from './demo';

afterEach(cleanup);

const press = (key: string, more: object = {}) => fireEvent.keyDown(document.activeElement ?? document.body, { key, ...more });
const rows = () => [...document.querySelectorAll<HTMLElement>('[data-claim]')];
const by = (id: string) => document.getElementById(id) as HTMLElement;

async function open(options: DemoOptions = {}): Promise<DemoBackend> {
  const backend = new DemoBackend({ state: 'unlocked', ...options });
  render(App, { backend });
  await screen.findByText('New dictation').catch(() => undefined);
  await waitFor(() => expect(document.getElementById('to-queue')).not.toBeNull());
  await press('z');
  await waitFor(() => expect(document.getElementById('queue-filters')).not.toBeNull());
  return backend;
}

describe('the queue', () => {
  it('shows open claims by risk, draws only those in view, and says how many there are', async () => {
    await open();
    await waitFor(() => expect(rows().length).toBeGreaterThan(10));
    expect(rows().length).toBeLessThan(60);
    expect(rows().every((r) => ['draft', 'human_review'].includes(r.dataset.state ?? ''))).toBe(true);
    expect(rows()[0]?.textContent).toMatch(/block/i);
    await waitFor(() => expect(by('queue-size').textContent).toMatch(/\d+ claims · \$[\d,.]+ charged/));
  });

  it('opens a claim and comes back to the same place', async () => {
    await open();
    await waitFor(() => expect(rows().length).toBeGreaterThan(10));
    for (let i = 0; i < 3; i += 1) await press('j');
    const at = document.activeElement?.getAttribute('data-claim');
    expect(at).toBe(rows()[2]?.dataset.claim);
    await press('Enter');
    await waitFor(() => expect(document.querySelector('[data-kind=line]')).not.toBeNull());
    expect(screen.getByRole('button', { name: /^Claims/ })).toBeTruthy();
    await press('Escape');
    await waitFor(() => expect(document.activeElement?.getAttribute('data-claim')).toBe(at));
  });

  it('filters by words, state, payer and money, refuses what is no amount, and saves a view', async () => {
    const backend = await open();
    await waitFor(() => expect(rows().length).toBeGreaterThan(10));
    await press('/');
    expect(document.activeElement?.id).toBe('queue-find');
    await fireEvent.input(by('queue-find'), { target: { value: 'quill' } });
    await waitFor(() => expect(rows().every((r) => r.textContent?.includes('Quillfeather'))).toBe(true));
    await press('Escape');
    await fireEvent.click(document.querySelector('[data-shelf=approved]') as Element);
    await waitFor(() => expect(rows().every((r) => r.dataset.state === 'approved')).toBe(true));
    await fireEvent.change(by('queue-payer'), { target: { value: 'zenith' } });
    await fireEvent.change(by('queue-chargeFrom'), { target: { value: 'much' } });
    expect((await screen.findByRole('alert')).textContent).toContain('Dollars');
    await fireEvent.change(by('queue-chargeFrom'), { target: { value: '$5,000' } });
    await waitFor(() => expect(screen.queryByRole('alert')).toBeNull());
    await waitFor(() => expect(rows().length).toBeGreaterThan(0));
    await press('s', { ctrlKey: true });
    await waitFor(() => expect(document.activeElement?.id).toBe('view-name'));
    await fireEvent.input(by('view-name'), { target: { value: 'Zenith, approved' } });
    await fireEvent.submit(by('view-name').closest('form') as HTMLFormElement);
    await waitFor(() => expect(backend.queue.saved).toHaveLength(1));
    expect(backend.queue.saved[0]?.filter).toMatchObject({ states: ['approved'], payer: 'zenith', chargeFrom: '5000', text: 'quill' });
    await fireEvent.click(screen.getByRole('button', { name: 'Take all filters away' }));
    await waitFor(() => expect(rows().some((r) => r.dataset.state === 'draft')).toBe(true));
    await fireEvent.click(screen.getByRole('button', { name: 'Zenith, approved' }));
    await waitFor(() => expect(rows().every((r) => r.dataset.state === 'approved')).toBe(true));
  });

  it('moves many claims only after a preview, and says which stay', async () => {
    const backend = await open();
    await waitFor(() => expect(rows().length).toBeGreaterThan(10));
    await fireEvent.click(document.querySelector('[data-shelf=human_review]') as Element);
    await waitFor(() => expect(rows().every((r) => r.dataset.state === 'human_review')).toBe(true));
    await press('a', { ctrlKey: true });
    await waitFor(() => expect(document.getElementById('queue-chosen')).not.toBeNull());
    const before = structuredClone(backend.queue.claims.filter((c) => c.state === 'approved').length);
    await press('y');
    const dialog = await screen.findByRole('dialog');
    await waitFor(() => expect(document.getElementById('bulk-says')?.textContent).toMatch(/\d+ can be approved, \d+ stay as they are/));
    expect(dialog.textContent).toContain('a finding or an open question');
    expect(backend.queue.claims.filter((c) => c.state === 'approved')).toHaveLength(before);
    await fireEvent.submit(by('bulk'));
    await waitFor(() => expect(document.getElementById('bulk-says')?.textContent).toMatch(/claims are approved/));
    const approved = backend.queue.claims.filter((c) => c.state === 'approved');
    expect(approved.length).toBeGreaterThan(before);
    await fireEvent.submit(by('bulk'));
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  });

  it('keeps comments and shows how many there are', async () => {
    const backend = await open();
    await waitFor(() => expect(rows().length).toBeGreaterThan(10));
    await press('j');
    const id = rows()[0]?.dataset.claim ?? '';
    await press('m');
    const dialog = await screen.findByRole('dialog');
    const field = within(dialog).getByLabelText<HTMLTextAreaElement>('Say something');
    await fireEvent.input(field, { target: { value: 'Ask Dr. Osei about the side.' } });
    await fireEvent.submit(field.closest('form') as HTMLFormElement);
    await waitFor(() => expect(backend.queue.said.get(id)).toHaveLength(1));
    await press('Escape');
    await waitFor(() => expect(rows()[0]?.getAttribute('aria-label')).toContain('1 comments'));
  });

  it('says why it is empty, and why it could not look', async () => {
    const backend = await open({ empty: true });
    await screen.findByText(/No open claims/);
    backend.queue.refusal = { code: 'database_busy', kind: 'missing', message: 'Another process is using the database.', advice: 'Wait for it.' };
    await fireEvent.click(document.querySelector('[data-shelf=approved]') as Element);
    expect((await screen.findByRole('alert')).textContent).toContain('Another process');
    backend.queue.refusal = null;
    await fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
    await screen.findByText(/Take a filter away/);
  });

  it('leaves nothing of a patient behind when it is locked', async () => {
    const backend = await open();
    await waitFor(() => expect(rows().length).toBeGreaterThan(10));
    await backend.lock();
    await waitFor(() => expect(document.body.textContent).not.toMatch(/Quillfeather|Fernworth/));
  });
});

describe('pages', () => {
  it('reads on to the end without repeating a claim, and drops answers to older questions', async () => {
    const backend = new DemoQueue(500);
    const queue = new Queueing(backend);
    queue.filter = { ...noFilter(), states: [] };
    const slow = queue.load();
    queue.filter = { ...noFilter(), states: [], payer: 'zenith' };
    await Promise.all([slow, queue.load()]);
    const expected = backend.claims.filter((c) => c.payer === 'zenith').length;
    expect(queue.rows.every((r) => r.payer === 'zenith')).toBe(true);
    while (queue.more) await queue.add();
    expect(new Set(queue.rows.map((r) => r.claimId)).size).toBe(expected);
    expect(queue.rows).toHaveLength(expected);
  });
});
