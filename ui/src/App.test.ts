// The screens on the test double: what is shown, what lights, what is called, and that locking leaves nothing behind.
// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import App from './App.svelte';
import { DemoBackend, type DemoOptions } from './lib/backend/demo';

afterEach(cleanup);

function open(options: DemoOptions = {}): DemoBackend {
  const backend = new DemoBackend({ state: 'unlocked', ...options });
  render(App, { backend });
  return backend;
}
const press = (key: string, more: object = {}) => fireEvent.keyDown(document.activeElement ?? document.body, { key, ...more });
const lit = () => [...document.querySelectorAll<HTMLElement>('#words .lit')].map((e) => e.textContent ?? '').join('');
const quotes = () => [...document.querySelectorAll('#proof q')].map((e) => e.textContent ?? '');

async function review(options: DemoOptions = {}): Promise<DemoBackend> {
  const backend = open(options);
  await waitFor(() => expect(document.querySelector('[data-open]')).not.toBeNull());
  await fireEvent.click(document.querySelector('[data-open]') as Element);
  await waitFor(() => expect(document.querySelector('[data-kind=line]')).not.toBeNull());
  return backend;
}

describe('health', () => {
  it('measures the speech models once', async () => {
    const backend = open();
    const measured = () => backend.calls.filter(([name]) => name === 'models_measure').length;
    await waitFor(() => expect(document.querySelector('[data-open]')).not.toBeNull());
    for (let i = 0; i < 2; i += 1) {
      await press('h');
      await screen.findByText('Models on this computer');
      await waitFor(() => expect(measured()).toBe(1));
      await press('Escape');
    }
  });
  it('changes the speech model, and says why when it cannot', async () => {
    const backend = open();
    await waitFor(() => expect(document.querySelector('[data-open]')).not.toBeNull());
    await press('h');
    const use = await screen.findByRole('button', { name: /^Use whisper-small.en/ });
    await waitFor(() => expect(use).toHaveProperty('disabled', false));
    backend.refusal = { code: 'recognising', kind: 'usage', message: 'The speech model is not changed while somebody dictates.', advice: 'Wait.' };
    await fireEvent.click(use);
    const said = () => document.querySelector('[role=dialog] [role=alert]')?.textContent ?? null;
    await waitFor(() => expect(said()).toContain('while somebody dictates'));
    expect(document.querySelector('[data-used]')?.getAttribute('data-used')).toBe('whisper-base.en');
    backend.refusal = null;
    await fireEvent.click(use);
    await waitFor(() => expect(document.querySelector('[data-used]')?.getAttribute('data-used')).toBe('whisper-small.en'));
    expect(said()).toBeNull();
  });
});

describe('models', () => {
  it('brings a model here, says why when it cannot, and asks twice before it removes one', async () => {
    const backend = open();
    await waitFor(() => expect(document.querySelector('[data-open]')).not.toBeNull());
    await press('h');
    const button = (name: string) => document.querySelector<HTMLButtonElement>(`[data-${name}]`);
    await screen.findByText('The most words right. For a computer with a graphics card, or overnight.');
    await waitFor(() => expect(button('fetch')?.disabled).toBe(false));
    backend.refusal = { code: 'disk_full', kind: 'missing', message: 'The disk has 10 MiB free.', advice: 'Free some space.' };
    await fireEvent.click(button('fetch') as Element);
    await waitFor(() => expect(document.querySelector('[role=dialog] [role=alert]')?.textContent).toContain('10 MiB'));
    backend.refusal = null;
    await fireEvent.click(await screen.findByRole('button', { name: /^From a stick/ }));
    await waitFor(() => expect(button('fetch')).toBeNull());
    const remove = () => document.querySelector('[data-remove="whisper-large-v3-turbo"]') as HTMLButtonElement;
    await waitFor(() => expect(remove().disabled).toBe(false));
    await fireEvent.click(remove());
    expect(backend.calls.some(([name]) => name === 'models_remove')).toBe(false);
    await fireEvent.click(remove());
    await waitFor(() => expect(button('fetch')?.dataset.fetch).toBe('whisper-large-v3-turbo'));
    expect(document.querySelector('[data-remove="whisper-base.en"]'), 'the one that hears stays').toBeNull();
  });
  it('gives a report to copy', async () => {
    open();
    await waitFor(() => expect(document.querySelector('[data-open]')).not.toBeNull());
    await press('h');
    expect((await screen.findByLabelText<HTMLTextAreaElement>('Report')).value).toContain('Sound output');
  });
});

describe('unlock', () => {
  it('refuses a wrong passphrase in words, and shows no patient', async () => {
    const backend = open({ state: 'locked' });
    const field = await screen.findByLabelText('Passphrase');
    await fireEvent.input(field, { target: { value: 'wrong' } });
    await fireEvent.submit(field.closest('form') as HTMLFormElement);
    expect((await screen.findByRole('alert')).textContent).toContain('does not open this vault');
    expect(document.body.textContent).not.toContain('Fernworth');
    await fireEvent.input(field, { target: { value: backend.passphrase } });
    await fireEvent.submit(field.closest('form') as HTMLFormElement);
    await screen.findByText('Fernworth, Odile');
  });
  it('asks twice on first use', async () => {
    const backend = open({ state: 'new' });
    await fireEvent.input(await screen.findByLabelText('Passphrase'), { target: { value: 'a b c d' } });
    const button = screen.getByRole<HTMLButtonElement>('button', { name: 'Make the vault' });
    expect(button.disabled).toBe(true);
    await fireEvent.input(screen.getByLabelText('The same again'), { target: { value: 'a b c' } });
    expect(button.disabled).toBe(true);
    await fireEvent.input(screen.getByLabelText('The same again'), { target: { value: 'a b c d' } });
    expect(button.disabled).toBe(false);
    await fireEvent.submit(button.closest('form') as HTMLFormElement);
    await waitFor(() => expect(backend.calls.filter(([name]) => name !== 'microphone_ready')).toEqual([['unlock']]));
  });
  it('is one button with a keyring', async () => {
    open({ state: 'new', mode: 'keyring' });
    await screen.findByRole('button', { name: 'Make the vault' });
    expect(screen.queryByLabelText('Passphrase')).toBeNull();
    await fireEvent.click(screen.getByRole('button', { name: 'Use a passphrase instead' }));
    expect(screen.getByLabelText('Passphrase')).toBeTruthy();
  });
});

describe('dictate', () => {
  it('imports the file the program was opened with', async () => {
    const backend = open({ openedFile: '/rec/room9.wav', empty: true });
    await screen.findByText('room9.wav');
    await screen.findByText('Medicare');
    await fireEvent.input(screen.getByLabelText('Last name'), { target: { value: 'Fernworth' } });
    await fireEvent.click(screen.getByRole('button', { name: 'Import and draft' }));
    await waitFor(() => expect(backend.calls.find(([name]) => name === 'dictation_import')?.[1]).toBe('/rec/room9.wav'));
    expect(backend.calls.find(([name]) => name === 'dictation_import')?.[2]).toMatchObject({ payer: 'medicare', patient: { last: 'Fernworth' } });
    await waitFor(() => expect(screen.queryByText('Import and draft')).toBeNull());
  });
  it('follows stages as they come and offers retry with the fault in words', async () => {
    const backend = open();
    await screen.findByText('Transcribing 42%');
    backend.stage({ dictationId: 'demo-2', stage: 'transcribe', state: 'running', progress: 0.9 });
    await screen.findByText('Transcribing 90%');
    expect(screen.getByText(/ends in the middle of a sample/)).toBeTruthy();
    await fireEvent.click(screen.getAllByRole('button', { name: 'Try again' })[0] as Element);
    expect(backend.calls).toContainEqual(['dictation_retry', 'demo-4']);
  });
  it('takes a dropped file', async () => {
    const backend = open({ empty: true });
    await screen.findByText('Five minutes to your first draft');
    backend.drag({ kind: 'drop', paths: ['/rec/dropped.wav'] });
    await screen.findByText('dropped.wav');
  });
});

describe('record', () => {
  it('shows the text while somebody speaks, settled words once and guesses replaced', async () => {
    const backend = open({ empty: true });
    await screen.findByText(/Desk microphone/);
    expect(backend.calls).toContainEqual(['microphone_ready', true]);
    await fireEvent.click(await screen.findByRole('button', { name: 'Start recording' }));
    const log = await screen.findByRole('log', { name: 'Text so far' });
    const heard = (number: number, committed: string, tentative: string) =>
      backend.emit('live_text', { number, committed, tentative, behindMs: 0, note: null });
    heard(1, '', 'left');
    heard(2, '', 'left lamb');
    heard(3, 'Left laminotomy at L4-5.', '');
    heard(4, '', 'the wound');
    await waitFor(() => expect(log.textContent?.replace(/\s+/g, ' ').trim()).toBe('Left laminotomy at L4-5. the wound…'));
    await press('p');
    await screen.findByRole('button', { name: /Go on/ });
    await press('p');
    await press('r');
    await waitFor(() => expect(screen.queryByRole('log')).toBeNull());
    const order = backend.calls.map(([name, value]) => `${name} ${typeof value === 'boolean' ? value : ''}`.trim());
    expect(order.filter((c) => c.startsWith('record_'))).toEqual(['record_start', 'record_pause true', 'record_pause false', 'record_stop']);
  });
  it('remembers the microphone that was chosen, and closes it when not kept ready', async () => {
    const backend = open({ empty: true });
    const choice = await screen.findByLabelText('Microphone');
    await screen.findByRole('option', { name: 'Headset' });
    await fireEvent.change(choice, { target: { value: 'headset' } });
    await waitFor(() => expect(backend.calls).toContainEqual(['microphone_choose', 'headset']));
    await fireEvent.click(screen.getByRole('checkbox'));
    await waitFor(() => expect(backend.calls.at(-1)).toEqual(['microphone_ready', false]));
    localStorage.removeItem('microphone-ready');
  });
});

describe('review', () => {
  it('lights exactly the words of the item in focus', async () => {
    await review();
    const items = [...document.querySelectorAll<HTMLElement>('[data-item]')];
    expect(items.length).toBeGreaterThan(10);
    for (const item of items) {
      await fireEvent.focus(item);
      if (quotes().length > 0 && item.dataset.kind !== 'finding') expect(lit()).toBe(quotes().join(''));
    }
  });
  it('walks with J and K, plays and stops with Space', async () => {
    const backend = await review();
    await press('j');
    await press('j');
    await press('j');
    await waitFor(() => expect((document.activeElement as HTMLElement).dataset.item).toContain('line:22633'));
    await press('k');
    await waitFor(() => expect((document.activeElement as HTMLElement).dataset.item).toContain('M43.16'));
    await press(' ');
    await waitFor(() => expect(backend.calls.some(([name]) => name === 'audio_play')).toBe(true));
    await waitFor(() => expect(document.querySelector('[data-playing=true]')).not.toBeNull());
    await press(' ');
    await waitFor(() => expect(document.querySelector('[data-playing=false]')).not.toBeNull());
  });
  it('plays words that may be made up with one key', async () => {
    const backend = await review();
    expect(document.getElementById('doubts')?.textContent).toContain('One stretch may be made up');
    await press('q');
    await waitFor(() => expect(backend.calls.some(([name]) => name === 'audio_play')).toBe(true));
  });
  it('renews the draft in place when the second opinion arrives', async () => {
    const backend = await review();
    const line = document.querySelector<HTMLElement>('[data-item^="line:22840"]');
    line?.focus();
    await fireEvent.focus(line as Element);
    backend.stage({ dictationId: 'demo-1', stage: 'second_opinion', state: 'done', claimId: 'demo-claim-1' });
    await waitFor(() => expect(document.getElementById('opinion')?.textContent).toBe('Language model agrees on 5 of 6 lines'));
    expect(document.querySelector('[data-item^="line:22840"]')).toBe(line);
    expect(document.activeElement).toBe(line);
  });
  it('keeps nothing of the patient after Ctrl-L', async () => {
    await review();
    await press('l', { ctrlKey: true });
    await screen.findByLabelText('Passphrase');
    expect(document.body.textContent).not.toMatch(/Fernworth|interbody|M48/);
  });
});
