// People and safety on the test double: signing in, the lock, what each may see, and the panes' calls.
// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import axe from 'axe-core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import App from '../App.svelte';
import { DemoBackend, type DemoOptions } from '../lib/backend/demo';
import { activity, away } from './away';
import { WORDS } from './demo';
import { verdictOf } from './types';

afterEach(cleanup);

function open(options: DemoOptions = {}, before: (backend: DemoBackend) => void = () => undefined): DemoBackend {
  const backend = new DemoBackend({ state: 'unlocked', ...options });
  before(backend);
  render(App, { backend });
  return backend;
}
const press = (key: string, more: object = {}) => fireEvent.keyDown(document.activeElement ?? document.body, { key, ...more });
const field = (label: string | RegExp) => screen.getByLabelText<HTMLInputElement>(label);
const type = (label: string | RegExp, value: string) => fireEvent.input(field(label), { target: { value } });
const submit = (label: string | RegExp) => fireEvent.submit(field(label).closest('form') as HTMLFormElement);

/** Presses a button once it can be pressed. */
async function click(name: string): Promise<void> {
  const button = await screen.findByRole<HTMLButtonElement>('button', { name });
  await waitFor(() => expect(button.disabled).toBe(false));
  await fireEvent.click(button);
}
/** What the sheet says is wrong. */
const refused = async () => (await within(screen.getByRole('dialog')).findByRole('alert')).textContent ?? '';

async function signIn(name: string, password: string): Promise<void> {
  await screen.findByLabelText('Name');
  await type('Name', name);
  await type('Password', password);
  await submit('Password');
}
const clinic = (backend: DemoBackend) => void backend.people.clinic();

describe('signing in', () => {
  it('asks for name and password, and for the code only where there is one', async () => {
    const backend = open({ state: 'locked', mode: 'people' }, clinic);
    await signIn('cora lind', 'wrong');
    expect((await screen.findByRole('alert')).textContent).toContain('do not belong together');
    expect(screen.queryByLabelText(/authenticator/)).toBeNull();
    await signIn('Dr. Osei', backend.people.password);
    await screen.findByLabelText(/Code of your authenticator/);
    expect(screen.queryByRole('alert')).toBeNull();
    await type(/Code of your authenticator/, '000000');
    await submit('Password');
    expect((await screen.findByRole('alert')).textContent).toContain('not the one of now');
    await type(/Code of your authenticator/, backend.people.code);
    await submit('Password');
    await screen.findByText('Fernworth, Odile');
    expect(document.getElementById('to-safety')?.textContent).toContain('Dr. Osei');
  });

  it('lets an administrator look at records that were refused, and decide', async () => {
    const backend = open({ state: 'locked', mode: 'people' }, (b) => {
      b.people.clinic().broken = { kind: 'rolled_back', seq: 1181, until: 1181 };
    });
    await signIn('Ines Park', backend.people.password);
    await fireEvent.click(await screen.findByRole('button', { name: 'Look at what happened' }));
    const looked = await screen.findByRole('region', { name: 'What happened to the records' });
    expect(looked.textContent).toContain('older copy, without what came from event 1181 on');
    const go = screen.getByRole<HTMLButtonElement>('button', { name: 'Go on with these records' });
    expect(go.disabled).toBe(true);
    await fireEvent.click(screen.getByRole('checkbox'));
    await fireEvent.click(go);
    await waitFor(() => expect(backend.people.calls).toContainEqual(['audit_accept']));
    await submit('Password');
    await waitFor(() => expect(screen.queryByLabelText('Password')).toBeNull());
  });
});

describe('the lock', () => {
  it('takes every patient out of the document and gives back what was being written', async () => {
    const backend = open({ mode: 'people' }, (b) => {
      b.people.clinic().who = 1;
    });
    await screen.findByText('Fernworth, Odile');
    await type('Last name', 'Halfwritten');
    // By being left alone: the engine locks and says so.
    await backend.lock();
    await screen.findByLabelText('Password');
    expect(document.body.innerHTML).not.toMatch(/Fernworth|Halfwritten/);
    expect(document.querySelector('input#last')).toBeNull();
    expect(field('Name').value).toBe('Cora Lind');
    await signIn('Cora Lind', backend.people.password);
    await screen.findByText('Fernworth, Odile');
    expect(field('Last name').value).toBe('Halfwritten');
  });

  it('shows nobody what somebody else was writing', async () => {
    const backend = open({ mode: 'people' }, (b) => {
      b.people.clinic().who = 1;
    });
    await screen.findByText('Fernworth, Odile');
    await type('Last name', 'Halfwritten');
    await press('l', { ctrlKey: true });
    await signIn('Ines Park', backend.people.password);
    await waitFor(() => expect(screen.queryByLabelText('Password')).toBeNull());
    await waitFor(() => expect(field('Last name').value).toBe(''));
  });

  it('closes an open sheet, whoever locks', async () => {
    const backend = open();
    await screen.findByText('Fernworth, Odile');
    await press('.');
    await screen.findByRole('dialog', { name: 'People and safety' });
    await backend.lock();
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  });

  it('keeps a recording in sight, with nothing of whom it is about', async () => {
    const backend = open({ empty: true });
    await screen.findByText(/Desk microphone/);
    await fireEvent.click(await screen.findByRole('button', { name: 'Start recording' }));
    await screen.findByRole('log', { name: 'Text so far' });
    backend.people.running = 'Desk microphone';
    await backend.lock();
    const running = await screen.findByRole('region', { name: 'Recording' });
    expect(running.textContent).toContain('Recording goes on');
    await fireEvent.click(screen.getByRole('button', { name: 'Stop and seal' }));
    await waitFor(() => expect(backend.people.calls).toContainEqual(['record_stop_locked']));
    expect(screen.queryByRole('region', { name: 'Recording' })).toBeNull();
  });

  it('tells the engine that the window is used, not with every move', () => {
    const told = vi.fn();
    let now = 0;
    const used = activity(told, 10_000, () => now);
    for (now = 0; now <= 25_000; now += 500) used();
    expect(told).toHaveBeenCalledTimes(3);
  });

  it('puts an element back where it was', () => {
    document.body.innerHTML = '<p id="a"></p><p id="b"></p><p id="c"></p>';
    const node = document.getElementById('b') as HTMLElement;
    const action = away(node, true);
    expect(document.getElementById('b')).toBeNull();
    action.update(true);
    action.update(false);
    expect([...document.body.children].map((e) => e.id)).toEqual(['a', 'b', 'c']);
    action.update(true);
    action.destroy();
    expect(document.body.childNodes.length).toBe(2);
  });
});

describe('people and safety', () => {
  const tab = (name: string) => fireEvent.click(screen.getByRole('tab', { name }));
  async function sheet(options: DemoOptions = {}, before: (backend: DemoBackend) => void = () => undefined): Promise<DemoBackend> {
    const backend = open(options, before);
    await waitFor(() => expect(document.getElementById('to-safety')).not.toBeNull());
    await press('.');
    await screen.findByRole('dialog', { name: 'People and safety' });
    return backend;
  }

  it('shows each role only what it may do', async () => {
    await sheet({ mode: 'people' }, (b) => {
      b.people.clinic().who = 1;
    });
    expect(screen.getAllByRole('tab').map((t) => t.textContent)).toEqual(['You']);
    expect(screen.queryByLabelText('What the emergency is')).toBeNull();
  });

  it('adds the first person, who must be an administrator', async () => {
    const backend = await sheet();
    await tab('People');
    await screen.findByText(/Nobody signs in yet/);
    const dialog = screen.getByRole('dialog');
    await type('Name to sign in with', 'Dr. Osei');
    await type(/First password/, 'four random words here');
    await fireEvent.click(screen.getByRole('checkbox', { name: 'physician' }));
    await click('Add');
    expect(await refused()).toContain('must be an administrator');
    await fireEvent.click(screen.getByRole('checkbox', { name: 'administrator' }));
    await click('Add');
    await waitFor(() => expect(dialog.textContent).toContain('From now on everybody signs in by name'));
    expect(backend.people.people[0]?.roles).toEqual(['physician', 'administrator']);
    await waitFor(() => expect(field('Name to sign in with').value).toBe(''));
  });

  it('keeps the last administrator, and says why', async () => {
    const backend = await sheet({ mode: 'people' }, (b) => {
      b.people.clinic().people = b.people.people.slice(0, 2);
      b.people.who = 0;
    });
    await tab('People');
    const card = await waitFor(() => {
      const found = document.querySelector('[data-person="Dr. Osei"]');
      expect(found).not.toBeNull();
      return found as Element;
    });
    const out = [...card.querySelectorAll('button')].find((b) => b.textContent === 'Keep out') as Element;
    await fireEvent.click(out);
    expect(await refused()).toContain('Nobody else is an administrator');
    expect(backend.people.people[0]?.state).toBe('active');
  });

  it('makes a second factor count only with its code', async () => {
    const backend = await sheet({ mode: 'people' }, (b) => {
      b.people.clinic().who = 1;
    });
    await click('Make a second factor');
    await screen.findByRole('img', { name: /QR code/ });
    await type('The code it shows now', '999999');
    await submit('The code it shows now');
    expect(await refused()).toContain('not the one of now');
    expect(backend.people.people[1]?.secondFactor).toBe(false);
    await type('The code it shows now', backend.people.code);
    await submit('The code it shows now');
    await waitFor(() => expect(backend.people.people[1]?.secondFactor).toBe(true));
  });

  it('opens no screen before the recovery kit was made and typed back', async () => {
    const backend = open({ state: 'locked' }, (b) => void (b.people.kit = false));
    await screen.findByLabelText('Passphrase');
    await type('Passphrase', backend.passphrase);
    await submit('Passphrase');
    await screen.findByRole('main', { name: 'Recovery kit' });
    expect(screen.queryByText('Fernworth, Odile')).toBeNull();
    // No key leads past it; locking does.
    for (const key of ['q', 'k', '3']) await press(key);
    await press('k', { ctrlKey: true });
    expect(screen.queryByRole('dialog')).toBeNull();
    const door = await axe.run(document.body, { rules: { 'color-contrast': { enabled: false }, region: { enabled: false } } });
    expect(door.violations.map((v) => v.id)).toEqual([]);
    await click('Make the recovery kit');
    await click('I have them on paper');
    await type(/Type the twelve words/, [...WORDS].reverse().join(' '));
    await submit(/Type the twelve words/);
    expect((await screen.findByRole('alert')).textContent).toContain('does not open');
    expect(screen.queryByText('Fernworth, Odile')).toBeNull();
    await type(/Type the twelve words/, WORDS.join(' '));
    await submit(/Type the twelve words/);
    await screen.findByText('Fernworth, Odile');
    expect(screen.queryByRole('main', { name: 'Recovery kit' })).toBeNull();
    expect(backend.people.kit).toBe(true);
  });

  it('asks for the kit of those only who may make one', async () => {
    const backend = open({ state: 'locked', mode: 'people' }, (b) => { b.people.clinic(); b.people.kit = false; });
    await signIn('Cora Lind', backend.people.password);
    await screen.findByText('Fernworth, Odile');
  });

  it('draws a kit, hides it, and counts it once it was typed back', async () => {
    const backend = await sheet();
    backend.people.kit = false;
    await tab('Recovery kit');
    await click('Make the recovery kit');
    await screen.findByText(WORDS[0] as string);
    await click('I have them on paper');
    expect(screen.queryByText(WORDS[0] as string)).toBeNull();
    await type(/Type the twelve words/, 'maple orbit');
    await submit(/Type the twelve words/);
    expect(await refused()).not.toBe('');
    expect(backend.people.kit).toBe(false);
    await type(/Type the twelve words/, WORDS.join('  ').toUpperCase());
    await submit(/Type the twelve words/);
    await waitFor(() => expect(backend.people.kit).toBe(true));
  });

  it('erases a patient only when it was meant, and nothing that is held', async () => {
    const backend = await sheet();
    await tab('Erasing');
    await type('Id of a dictation', 'd-1');
    await type('The matter it is held for', 'Matter 7');
    await submit('Id of a dictation');
    await screen.findByText('d-1');
    const button = await screen.findByRole<HTMLButtonElement>('button', { name: 'Erase the patient' });
    await type(/number of the patient/, 'p-7');
    expect(button.disabled).toBe(true);
    await fireEvent.click(screen.getByRole('checkbox', { name: /no way back/ }));
    await click('Erase the patient');
    expect(await refused()).toContain('legal hold');
    await click('Lift');
    await screen.findByText('Nothing is held.');
    await click('Erase the patient');
    await screen.findByText(/1 recording, 1 record of the master data. 2 backups still hold it, the last until 2026-04-02/);
    expect(backend.people.calls).toContainEqual(['erase_patient', 'p-7']);
  });

  it('backs up, schedules, verifies and exports', async () => {
    const backend = await sheet();
    await tab('Backups');
    await click('Choose a folder');
    await click('Back up now');
    await screen.findByText(/restored for trial and found whole/);
    await click('Turn on');
    await waitFor(() => expect(backend.people.calls).toContainEqual(['backup_schedule', '/media/backup', 24, null]));
    await tab('Audit');
    await click('Check every event');
    await screen.findByText(/The audit holds: 1204 events/);
    await type(/Only of the patient/, 'P-7');
    await fireEvent.click(screen.getByRole('checkbox', { name: /164.528/ }));
    await click('Export as CSV');
    await waitFor(() => expect(backend.people.calls).toContainEqual(['audit_export', false, 'P-7', true]));
  });

  it('tells an administrator of emergency access until it was looked at', async () => {
    const backend = await sheet({ mode: 'people' }, (b) => {
      b.people.clinic().who = 2;
    });
    await type('What the emergency is', 'the surgeon on call cannot be reached');
    await submit('What the emergency is');
    await waitFor(() => expect(document.getElementById('to-safety')?.textContent).toContain('Emergency access'));
    await tab('Safety');
    await click('I have looked at it');
    await waitFor(() => expect(backend.people.glassNow[0]?.acknowledgedBy).toBe('me'));
    await waitFor(() => expect(document.getElementById('to-safety')?.textContent).toContain('Ines Park'));
  });

  it('has no accessibility fault on any tab', async () => {
    await sheet({ mode: 'people' }, (b) => {
      b.people.clinic().who = 0;
    });
    for (const name of ['You', 'People', 'Safety', 'Audit', 'Backups', 'Erasing', 'Recovery kit']) {
      await tab(name);
      await waitFor(() => expect(screen.getByRole('tab', { name }).getAttribute('aria-selected')).toBe('true'));
      const { violations } = await axe.run(screen.getByRole('dialog'), { rules: { 'color-contrast': { enabled: false } } });
      expect(violations.map((v) => `${name}: ${v.id}`)).toEqual([]);
    }
  }, 30_000);
});

it('says in words what the audit’s check came to', () => {
  const broken = (kind: 'edited' | 'deleted' | 'truncated', seq: number, until: number) => verdictOf({ sound: 3, broken: { kind, seq, until }, accepted: [] });
  expect(verdictOf({ sound: 3, broken: null, accepted: [] })).toBe('The audit holds: 3 events.');
  expect(broken('edited', 4, 4)).toContain('Event 4 was changed');
  expect(broken('deleted', 4, 6)).toContain('Events 4 to 6 were deleted');
  expect(broken('truncated', 4, 9)).toContain('cut off, from number 4');
});
