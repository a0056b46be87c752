// Record systems on the test double: an approved claim sent, a lost answer decided, a connection made and tested.
// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import App from '../App.svelte';
import { DemoBackend } from '../lib/backend/demo';
import { DemoEmr } from './demo';
import SendSheet from './SendSheet.svelte';
import { age, forwarded } from './words';

afterEach(cleanup);

const press = (key: string) => fireEvent.keyDown(document.activeElement ?? document.body, { key });
const by = (id: string) => document.getElementById(id) as HTMLElement;

async function sheet(emr: DemoEmr): Promise<HTMLElement> {
  render(SendSheet, { backend: emr, claimId: 'demo-claim', dos: '2026-02-02', patient: 'Fernworth, Odile', onClose: () => undefined });
  await waitFor(() => expect(by('send-sheet')).not.toBeNull());
  return by('send-sheet');
}

/** The screen of record systems over a demo whose outbox shows every state. */
async function records(emr: DemoEmr): Promise<DemoBackend> {
  const backend = new DemoBackend({ state: 'unlocked' });
  Object.assign(backend, { emr });
  render(App, { backend });
  await waitFor(() => expect(by('to-records')).not.toBeNull());
  await press('0');
  await waitFor(() => expect(by('emr-pane')).not.toBeNull());
  return backend;
}

describe('sending an approved claim', () => {
  it('asks who the patient is, shows doubles and age, and what goes and what does not before anything is sent', async () => {
    const emr = new DemoEmr();
    const it = await sheet(emr);
    await waitFor(() => expect(it.querySelectorAll('[data-patient]').length).toBe(2));
    expect(it.textContent).toContain('Seen before');
    expect(it.textContent).toContain('seen 2 h ago');
    expect(it.textContent).toContain('compare the record number');
    await waitFor(() => expect(by('emr-looked').textContent).toContain('2 in the EMR'), { timeout: 3_000 });
    expect((by('send-emr') as HTMLButtonElement).disabled).toBe(true);
    await fireEvent.click(within(it).getAllByRole('button', { name: 'This patient' })[0]!);
    await waitFor(() => expect(it.textContent).toMatch(/Chosen: \S.*seen .*eAB-1/));
    // The only encounter of the day of service is taken; the claim itself goes another way.
    await waitFor(() => expect((by('emr-encounter') as HTMLSelectElement).value).toBe('enc-1'));
    expect(it.textContent).toContain('by 837P');
    expect(it.textContent).toContain('CODED SUMMARY');
    expect(emr.sent).toHaveLength(0);
    await waitFor(() => expect((by('send-emr') as HTMLButtonElement).disabled).toBe(false));
    await fireEvent.click(by('send-emr'));
    await waitFor(() => expect(it.querySelectorAll('[data-state=delivered]').length).toBe(2));
    await waitFor(() => expect(by('send-emr').textContent).toContain('Sent'));
    expect(await emr.send('demo-epic', 'demo-claim')).toBe(0);
  });

  it('leaves a lost answer to a person, who is shown what the record system has', async () => {
    const emr = new DemoEmr();
    await emr.link('demo-epic', 'demo-claim', 'eAB-1', false);
    emr.loses = 1;
    const it = await sheet(emr);
    await waitFor(() => expect((by('send-emr') as HTMLButtonElement)?.disabled).toBe(false));
    await fireEvent.click(by('send-emr'));
    const lost = await waitFor(() => it.querySelector<HTMLElement>('[data-state=unknown]')!);
    await waitFor(() => expect(it.querySelector('[data-state=unknown]')).not.toBeNull());
    expect(it.querySelector('[data-state=queued]')).not.toBeNull();
    const row = lost ?? it.querySelector<HTMLElement>('[data-state=unknown]')!;
    expect(row.querySelector('[data-act=again]')).toBeNull();
    await fireEvent.click(row.querySelector<HTMLElement>('[data-act=look]')!);
    await waitFor(() => expect(it.textContent).toContain('the same content'));
    await fireEvent.click(within(it).getByRole('button', { name: 'This is it' }));
    await waitFor(() => expect(it.querySelector('[data-state=unknown]')).toBeNull());
    expect(emr.sent.filter((d) => d.kind === 'note')).toHaveLength(1);
  });

  it('asks the record system once typing pauses, not letter by letter', async () => {
    const emr = new DemoEmr();
    const asked: string[] = [];
    const search = emr.search.bind(emr);
    emr.search = (id, typed) => (asked.push(typed), search(id, typed));
    await sheet(emr);
    await waitFor(() => expect(asked).toHaveLength(1), { timeout: 3_000 });
    const field = by('emr-patient') as HTMLInputElement;
    for (const typed of ['Q', 'Qu', 'Qui', 'Quil', 'Quill']) await fireEvent.input(field, { target: { value: typed } });
    await waitFor(() => expect(by('emr-looked').textContent).toContain('1 in the EMR'), { timeout: 3_000 });
    expect(asked.slice(1)).toEqual(['Quill']);
  });

  it('takes somebody who may be another person only when it is said that they are not', async () => {
    const emr = new DemoEmr();
    const it = await sheet(emr);
    await waitFor(() => expect(by('emr-patient')).not.toBeNull());
    await fireEvent.input(by('emr-patient'), { target: { value: 'Quill' } });
    await waitFor(() => expect(it.textContent).toContain('no longer used'));
    await waitFor(() => expect((within(it).getByRole('button', { name: 'This patient' }) as HTMLButtonElement).disabled).toBe(false));
    await fireEvent.click(within(it).getByRole('button', { name: 'This patient' }));
    await waitFor(() => expect(it.textContent).toContain('It may be somebody else'));
    expect(emr.linked.size).toBe(0);
    await fireEvent.click(by('sure-patient'));
    await waitFor(() => expect(it.textContent).toMatch(/Chosen: \S.*eAB-3/));
  });

  it('sends only what somebody leaves in', async () => {
    const emr = new DemoEmr();
    await emr.link('demo-epic', 'demo-claim', 'eAB-1', false);
    const it = await sheet(emr);
    await waitFor(() => expect((by('send-emr') as HTMLButtonElement)?.disabled).toBe(false));
    await fireEvent.click(it.querySelector('[data-send=problem]')!);
    await waitFor(() => expect(by('send-emr').textContent).toContain('Send 1'));
    await fireEvent.click(by('send-emr'));
    await waitFor(() => expect(emr.sent.map((d) => [d.kind, d.state])).toEqual([['note', 'delivered']]));
  });

  it('waits while the network is gone, and keeps what was seen before', async () => {
    const emr = new DemoEmr();
    emr.away = true;
    const it = await sheet(emr);
    await waitFor(() => expect(by('emr-looked').textContent).toContain('did not answer'), { timeout: 3_000 });
    expect(it.querySelectorAll('[data-patient]').length).toBe(2);
    expect(it.textContent).toContain('nothing was sent');
  });
});

describe('the screen of record systems', () => {
  it('shows what a person must decide first', async () => {
    await records(new DemoEmr(true));
    await waitFor(() => expect(document.querySelectorAll('[data-delivery]').length).toBe(5));
    const states = [...document.querySelectorAll<HTMLElement>('[data-delivery]')].map((d) => d.dataset.state);
    expect(states).toEqual(['rejected', 'unknown', 'queued', 'delivered', 'delivered']);
    expect(screen.getByText(/59108/)).toBeTruthy();
  });

  it('makes a connection, tests it and says what the administrator must do', async () => {
    const emr = new DemoEmr();
    await records(emr);
    await press('2');
    await waitFor(() => expect(document.querySelectorAll('[data-connection]').length).toBe(2));
    expect(screen.getByText('→ by 837P instead')).toBeTruthy();
    await waitFor(() => expect(by('test-connection')).not.toBeNull());
    await fireEvent.click(by('test-connection'));
    await waitFor(() => expect(by('probes')).not.toBeNull());
    expect((by('forward') as HTMLTextAreaElement).value).toContain('DocumentReference');
    await press('a');
    await waitFor(() => expect((by('emr-name') as HTMLInputElement).value).toBe(''));
    await fireEvent.input(by('emr-name'), { target: { value: 'West' } });
    await fireEvent.change(by('emr-vendor'), { target: { value: 'cure_md' } });
    await fireEvent.input(by('emr-base'), { target: { value: 'http://fhir.example.org' } });
    await fireEvent.submit(by('connection-form'));
    await waitFor(() => expect(screen.getByText(/not a valid https address/)).toBeTruthy());
    await fireEvent.input(by('emr-base'), { target: { value: 'https://fhir.example.org' } });
    await fireEvent.submit(by('connection-form'));
    await waitFor(() => expect(document.querySelectorAll('[data-connection]').length).toBe(3));
    await waitFor(() => expect(by('sign-in-emr')).not.toBeNull());
    expect(emr.known.at(-1)?.config.sign_in).toBe('launch');
    // What was just made stands in the form, so that saving again changes nothing.
    expect([(by('emr-name') as HTMLInputElement).value, (by('emr-base') as HTMLInputElement).value]).toEqual(['West', 'https://fhir.example.org']);
  });
});

it('ages and words to forward', () => {
  expect([age(3), age(300), age(7_200), age(400_000)]).toEqual(['just now', '5 min ago', '2 h ago', '4 days ago']);
  const epic = new DemoEmr().known[0]!;
  expect(forwarded(epic, [{ check: 'token', state: 'good', says: '', forward: '' }])).toBe('');
  expect(forwarded(epic, [{ check: 'token', state: 'bad', says: '', forward: 'Please do.' }])).toContain('client id 3f1c');
});
