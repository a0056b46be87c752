// The physician's side in the page, on the test double: queries answered by key, notes signed and added to, dictations filed,
// and what is typed kept over a window that ends.
// @vitest-environment happy-dom
import axe from 'axe-core';
import { cleanup, fireEvent, render, waitFor } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import App from '../App.svelte';
import { DemoBackend } from '../lib/backend/demo';
import { KEEP_MS } from '../lib/kept';
import { PLACES, placeFor } from '../lib/keys';
import { riskOf, standing } from './rows';
import type { HistoryRow } from './types';

afterEach(cleanup);

const one = (selector: string) => document.querySelector<HTMLElement>(selector);
const shown = async (selector: string) => {
  await waitFor(() => expect(one(selector)).not.toBeNull());
  return one(selector) as HTMLElement;
};
const press = (key: string, more: object = {}) => fireEvent.keyDown(document.activeElement ?? document.body, { key, ...more });
const click = async (selector: string) => fireEvent.click(await shown(selector));
const type = async (selector: string, value: string) => fireEvent.input(await shown(selector), { target: { value } });

async function start(options = {}) {
  const backend = new DemoBackend({ state: 'unlocked', ...options });
  const app = render(App, { backend });
  await shown('#new-dictation');
  return { backend, app };
}
async function serious(): Promise<string[]> {
  document.documentElement.lang = 'en';
  const found = await axe.run(document.body, { rules: { 'color-contrast': { enabled: false }, region: { enabled: false } }, resultTypes: ['violations'] });
  return found.violations.filter((v) => v.impact === 'serious' || v.impact === 'critical').flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.html.slice(0, 160)}`));
}

describe('queries', () => {
  it('are answered by keys alone, and the words stand in the note', async () => {
    const { backend } = await start();
    await press('7');
    await shown('#day');
    await press('2');
    await shown('[data-query]');
    await press('a');
    await type('#answer', 'Both L5 roots were freed beyond the cage corridor.');
    await fireEvent.keyDown(one('#answer') as HTMLElement, { key: 'Enter', ctrlKey: true });
    await waitFor(() => expect(one('#queries')?.textContent).toContain('Nothing is asked'));
    expect(backend.draft.transcript.text).toMatch(/Addendum: Both L5 roots/);
    expect(backend.physician.kept.size).toBe(0);
  });
  it('are answered by voice: the end of what was said is not lost, and a fault leaves what was heard', async () => {
    const { backend } = await start();
    await press('7');
    await shown('#day');
    await press('2');
    await shown('[data-query]');
    await press('v');
    await waitFor(() => expect(document.activeElement?.id).toBe('answer-speak'));
    backend.emit('live_text', { number: 1, committed: 'Both L5 roots', tentative: 'were', behindMs: 0, note: null });
    await waitFor(() => expect(one('.heard')?.textContent).toContain('Both L5 roots'));
    await press('v');
    await waitFor(() => expect((one('#answer') as HTMLTextAreaElement).value).toBe('Both L5 roots were freed to the foramen.'));
    expect(backend.list.some((d) => d.name === 'Recording')).toBe(false);

    backend.refusal = { code: 'answer_unheard', kind: 'missing', message: 'Not all of it could be written down.', advice: 'Type the rest.' };
    await click('#answer-speak');
    await waitFor(() => expect(document.activeElement?.id).toBe('answer-speak'));
    backend.emit('live_text', { number: 1, committed: 'And the central canal', tentative: '', behindMs: 0, note: null });
    await waitFor(() => expect(one('.heard')?.textContent).toContain('canal'));
    await click('#answer-speak');
    await waitFor(() => expect(one('#queries [role=alert]')?.textContent).toContain('Not all of it'));
    expect((one('#answer') as HTMLTextAreaElement).value).toContain('And the central canal');
  });
  it('are closed without a word where the note stands as it is', async () => {
    const { backend } = await start();
    await press('7');
    await shown('#day');
    await press('2');
    await shown('[data-query]');
    const before = backend.draft.transcript.text;
    await press('x');
    await waitFor(() => expect(one('#queries')?.textContent).toContain('Nothing is asked'));
    expect(backend.draft.transcript.text).toBe(before);
  });
  it('can be answered where the claim shows them, and the answer is shown with who gave it', async () => {
    await start();
    await click('[data-open]');
    await shown('[data-kind=query]');
    await press('5');
    await type('#query-answer', 'Both roots, beyond the corridor.');
    await click('#query-send');
    await waitFor(() => expect(one('#answered-title')?.parentElement?.textContent).toContain('Both roots, beyond the corridor.'));
    expect(one('[data-kind=query]')).toBeNull();
  });
});

describe('a note', () => {
  it('is written, signed after a question, and added to', async () => {
    const { backend } = await start();
    await press('7');
    await click('[data-note="demo-1"]');
    await shown('#sign');
    await press('s');
    await click('#sign-anyway');
    await waitFor(() => expect(one('#note')?.dataset.state).toBe('signed'));
    await press('a');
    await type('#note-words', 'The count was right.');
    await click('#note-save');
    await waitFor(() => expect(one('#note .added')?.textContent).toContain('The count was right.'));
    expect(backend.physician.signed.size).toBe(1);
  });
  it('is filed under another patient with a reason, and has to be signed again', async () => {
    const { backend } = await start();
    await backend.physician.sign('demo-1', 1, null, true);
    await press('7');
    await click('[data-note="demo-1"]');
    await waitFor(() => expect(one('#note')?.dataset.state).toBe('signed'));
    await click('#note-file');
    await type('#file-patient', 'fernau');
    (one('#file-patient') as HTMLElement).focus();
    await waitFor(() => expect(one('#file-patient-list')?.textContent).toContain('Fernau, Otto'));
    await fireEvent.click(one('#file-patient-list li') as HTMLElement);
    expect((one('#file-do') as HTMLButtonElement).disabled).toBe(true);
    await type('#file-reason', 'The wrong chart was open.');
    await fireEvent.submit(one('#file-form') as HTMLElement);
    await waitFor(() => expect(one('#note')?.dataset.state).toBe('open'));
    expect(backend.physician.moved.get('demo-1')?.[0]?.reason).toBe('The wrong chart was open.');
  });
});

describe('what is typed', () => {
  const wait = () => new Promise((done) => setTimeout(done, KEEP_MS + 60));
  it('in a new note is there again after the window ended', async () => {
    const { backend, app } = await start({ empty: true });
    await press('w');
    await type('#note', 'A microdiscectomy at L4-L5, half typ');
    await wait();
    app.unmount();
    render(App, { backend });
    await waitFor(() => expect((one('#note') as HTMLTextAreaElement | null)?.value).toBe('A microdiscectomy at L4-L5, half typ'));
  });
  it('over words of a transcript and in the claim form is there again', async () => {
    const { backend, app } = await start();
    backend.physician.kept.set('form demo-claim-1', JSON.stringify({ form: { prior_auth_number: 'A-77' }, dos: '' }));
    const { text } = backend.draft.transcript;
    const was = text.split(' ')[0] ?? '';
    backend.physician.kept.set('reword demo-claim-1', JSON.stringify({ span: { start: 0, end: [...was].length }, was, now: 'Other' }));
    await click('[data-open]');
    await waitFor(() => expect((one('#reword') as HTMLTextAreaElement | null)?.value).toBe('Other'));
    await waitFor(() => expect(one('#form-unsaved')).not.toBeNull());
    app.unmount();
  });
});

describe('for a newcomer', () => {
  it('a sample leads to a first draft', async () => {
    const { backend } = await start({ empty: true });
    await click('#sample-text');
    await waitFor(() => expect(backend.list.length).toBe(1));
  });
  it('the bar has every place once, by Alt and a digit', async () => {
    await start();
    for (const [i, { place }] of PLACES.entries()) {
      expect(placeFor({ key: String(i + 1), altKey: true, ctrlKey: false, metaKey: false, typing: true, onControl: false })).toBe(place);
    }
    await press('6', { altKey: true });
    await shown('#add-record');
    await press('1', { altKey: true });
    await shown('#new-dictation');
  });
});

it.each<[string, () => Promise<void>]>([
  ['today', async () => void (await shown('[data-case]'))],
  ['queries', async () => { await press('2'); await shown('[data-query]'); await press('a'); await shown('#answer'); }],
  ['history with a note', async () => { await press('3'); await click('[data-history] [data-note="demo-1"]'); await shown('[data-section]'); }],
  ['templates', async () => { await press('4'); await shown('#template-save'); }],
  ['filing', async () => { await press('3'); await click('[data-file]'); await shown('#file-form'); }],
])('axe finds nothing in earnest: %s', async (_name, go) => {
  await start();
  await press('7');
  await shown('#day');
  await go();
  expect(await serious()).toEqual([]);
}, 60_000);

it('says how a dictation stands', () => {
  const row = (more: Partial<HistoryRow>, dictation = {}) => ({ questions: 0, signed: false, touched: false, ...more, dictation: { state: 'done', claimId: 'c', patientLabel: 'A, B', ...dictation } }) as HistoryRow;
  expect([
    standing(row({})), standing(row({ signed: true })), standing(row({ touched: true })), standing(row({ questions: 2 })), standing(row({}, { patientLabel: null })), standing(row({}, { claimId: null })),
  ].map(([, word]) => word)).toEqual(['To sign', 'Signed', 'To sign again', '2 queries', 'No patient yet', 'On its way']);
  expect(riskOf('compliance')[2]).toBe('block');
});
