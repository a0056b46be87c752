// The rules screen on the test double: editions and their import, a payer rule written, tried, saved, confirmed, taken back.
// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import App from '../App.svelte';
import { DemoBackend, type DemoOptions } from '../lib/backend/demo';
import { demoRule } from '../lib/backend/demo-rules';
import { KEEP_MS } from '../lib/kept';
import { isAbout, offered } from './offered';

afterEach(cleanup);
const press = (key: string, more: object = {}) => fireEvent.keyDown(document.activeElement ?? document.body, { key, ...more });
const byId = (id: string) => document.getElementById(id) as HTMLInputElement;

async function open(options: DemoOptions = {}): Promise<DemoBackend> {
  const backend = new DemoBackend({ state: 'unlocked', ...options });
  render(App, { backend });
  await screen.findByText('IamBilly');
  await waitFor(() => expect(document.getElementById('to-rules')).not.toBeNull());
  await press('b');
  await screen.findByRole('tab', { name: /Official editions/ });
  return backend;
}
async function payerRules(options: DemoOptions = {}): Promise<DemoBackend> {
  const backend = await open(options);
  await press('2');
  await screen.findByRole('heading', { name: /Payer rules/ });
  return backend;
}

describe('official editions', () => {
  it('says what is current, older and missing', async () => {
    await open();
    await waitFor(() => expect(document.querySelectorAll('[data-table]').length).toBe(4));
    const states = [...document.querySelectorAll<HTMLElement>('[data-table]')].map((e) => e.dataset.state);
    expect(states).toEqual(['current', 'missing', 'older', 'built_in']);
    expect(screen.getByText(/2 of 4 official tables are up to date/)).toBeTruthy();
  });
  it('imports the files that were chosen, and shows a refusal with what can be tried again', async () => {
    const backend = await open();
    await waitFor(() => expect(document.querySelector('[data-table=mue]')).not.toBeNull());
    backend.refusal = { code: 'table_refused', kind: 'input', message: 'mue.csv, line 5: the row has 2 columns, the header has 3. Nothing was imported.', advice: 'Download the files again.' };
    await fireEvent.click(screen.getByRole('button', { name: /Import NCCI medically unlikely/ }));
    expect((await screen.findByRole('alert')).textContent).toContain('line 5');
    await fireEvent.input(screen.getByLabelText(/Edition, where/), { target: { value: '2026Q1' } });
    backend.refusal = null;
    await fireEvent.click(screen.getByRole('button', { name: /Try the same files again/ }));
    await screen.findByText(/imported ·/);
    const asked = backend.calls.filter(([name]) => name === 'rules_import');
    expect(asked.map((c) => [c[1], c[3], c[4]])).toEqual([['mue', null, false], ['mue', '2026Q1', false]]);
  });
  it('shows progress and can be cancelled', async () => {
    const backend = await open({ pace: 40 });
    await waitFor(() => expect(document.querySelector('[data-table=mue]')).not.toBeNull());
    await fireEvent.click(screen.getByRole('button', { name: /Import NCCI medically unlikely/ }));
    await waitFor(() => expect(screen.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('40'));
    await fireEvent.click(screen.getByRole('button', { name: 'Cancel' }));
    expect(backend.calls).toContainEqual(['rules_import_cancel']);
    await screen.findByText(/imported ·/);
  });
});

describe('payer rules', () => {
  it('says what they are for where there is none', async () => {
    await payerRules({ empty: true });
    expect(screen.getByText(/None yet/)).toBeTruthy();
    expect(screen.getByRole('heading', { name: 'Write the first rule' })).toBeTruthy();
  });
  it('keeps form and text in step, both ways', async () => {
    await payerRules();
    await fireEvent.click(document.querySelector('[data-payer-rule=CEDAR-FACET-1]') as Element);
    await waitFor(() => expect(byId('rule-when-codes').value).toBe('64493'));
    await fireEvent.input(byId('rule-when-codes'), { target: { value: '64494' } });
    await waitFor(() => expect(byId('rule-text').value).toContain('"64494"'));
    await fireEvent.input(byId('rule-text'), { target: { value: byId('rule-text').value.replace('64494', '64495') } });
    await waitFor(() => expect(byId('rule-when-codes').value).toBe('64495'));
    expect(byId('rule-standing').textContent).toContain('not saved');
    expect(byId('rule-note').textContent).toContain('payer cedar');
  });
  it('says what is wrong at its line and its field, and saves nothing', async () => {
    await payerRules();
    await fireEvent.click(document.querySelector('[data-payer-rule=CEDAR-FACET-1]') as Element);
    await waitFor(() => expect(byId('rule-id').value).toBe('CEDAR-FACET-1'));
    await fireEvent.input(byId('rule-id'), { target: { value: 'cedar' } });
    await waitFor(() => expect(byId('rule-problem').textContent).toContain('Line 2'));
    expect(byId('rule-id-said').textContent).toContain('capitals');
    expect(byId('rule-save').disabled && byId('rule-try').disabled).toBe(true);
    await fireEvent.input(byId('rule-text'), { target: { value: '[[rule]]\nid = ' } });
    await screen.findByText(/form shows the rule as it was/);
    expect(byId('rule-id').closest('fieldset')?.disabled).toBe(true);
  });
  it('is tried, saved, confirmed, retired and taken back from the keyboard', async () => {
    const backend = await payerRules();
    await press('a');
    await waitFor(() => expect(document.activeElement?.id).toBe('rule-id'));
    for (const [id, value] of [['rule-id', 'CEDAR-NEW-1'], ['rule-message', 'Ask Cedar first.'], ['rule-scope-payers', 'cedar'], ['rule-when-codes', '62321'], ['rule-source-title', 'Policy']]) {
      await fireEvent.input(byId(id ?? ''), { target: { value } });
    }
    await waitFor(() => expect(byId('rule-problem').textContent).toContain('can be used'));
    await press('Enter', { ctrlKey: true });
    await waitFor(() => expect(byId('rule-trial').textContent).toContain('Fernworth, Odile'));
    await press('s', { ctrlKey: true });
    await waitFor(() => expect(byId('rule-standing').textContent).toContain('Draft'));
    await waitFor(() => expect(document.querySelector('[data-payer-rule=CEDAR-NEW-1]')).not.toBeNull());
    await press('Escape');
    expect((document.activeElement as HTMLElement).dataset.payerRule).toBe('CEDAR-NEW-1');
    await waitFor(() => expect(byId('rule-confirm').disabled).toBe(false));
    await press('y');
    await waitFor(() => expect(byId('rule-standing').textContent).toContain('Confirmed'));
    await waitFor(() => expect(byId('rule-retire').disabled).toBe(false));
    await press('x');
    await waitFor(() => expect(byId('rule-standing').textContent).toContain('Retired'));
    await waitFor(() => expect(byId('rule-undo').disabled).toBe(false));
    await press('u');
    await waitFor(() => expect(byId('rule-standing').textContent).toContain('Draft'));
    expect(backend.calls.map(([name]) => name).filter((name) => name.startsWith('payer'))).toEqual(['payer_rule_try', 'payer_rule_save', 'payer_rule_confirm', 'payer_rule_retire', 'payer_rule_undo']);
  });
  it('does not drop what was typed without a word', async () => {
    await payerRules();
    await fireEvent.click(document.querySelector('[data-payer-rule=CEDAR-FACET-1]') as Element);
    await waitFor(() => expect(byId('rule-id').value).toBe('CEDAR-FACET-1'));
    byId('rule-message').focus();
    await fireEvent.input(byId('rule-message'), { target: { value: 'Another message.' } });
    await press('Escape');
    await press('1');
    expect((await screen.findByRole('alert')).textContent).toContain('Not saved');
    expect(byId('rule-message').value).toBe('Another message.');
    await press('1');
    await waitFor(() => expect(document.querySelector('[data-table]')).not.toBeNull());
  });
  it('is there again, half written, after the window ended', async () => {
    const backend = await payerRules();
    await press('a');
    await waitFor(() => expect(byId('rule-text').value).toContain('[[rule]]'));
    await fireEvent.input(byId('rule-text'), { target: { value: '[[rule]]\nid = "half' } });
    await waitFor(() => expect(backend.physician.kept.get('payer rule new')).toContain('half'), { timeout: 3 * KEEP_MS });
    cleanup();
    render(App, { backend });
    await waitFor(() => expect(document.getElementById('to-rules')).not.toBeNull());
    await press('b');
    await screen.findByRole('tab', { name: /Official editions/ });
    await press('2');
    await screen.findByRole('heading', { name: /Payer rules/ });
    await press('a');
    await waitFor(() => expect(byId('rule-text').value).toContain('"half'));
  });
  it('goes back to the claim it was opened from, and leaves nothing on lock', async () => {
    const backend = new DemoBackend({ state: 'unlocked' });
    render(App, { backend });
    await waitFor(() => expect(document.querySelector('[data-open]')).not.toBeNull());
    await fireEvent.click(document.querySelector('[data-open]') as Element);
    await waitFor(() => expect(document.querySelector('[data-kind=line]')).not.toBeNull());
    await press('b');
    await screen.findByRole('tab', { name: /Payer rules/ });
    await press('Escape');
    await waitFor(() => expect(document.querySelector('[data-kind=line]')).not.toBeNull());
    await press('b');
    await press('2');
    await screen.findByText('CEDAR-ESI-YEAR');
    await press('l', { ctrlKey: true });
    await screen.findByLabelText('Passphrase');
    expect(document.body.textContent).not.toContain('CEDAR');
  });
});

describe('the note about editions', () => {
  it('is a sentence; the tables are told on demand', async () => {
    render(App, { backend: new DemoBackend({ state: 'unlocked' }) });
    await waitFor(() => expect(document.querySelector('[data-open]')).not.toBeNull());
    await fireEvent.click(document.querySelector('[data-open]') as Element);
    const note = await screen.findByRole('region', { name: 'Editions' });
    expect(note.querySelector('p')?.textContent).toContain('2 official tables not imported');
    expect(note.querySelector('details')?.open).toBe(false);
    expect(document.querySelector('[data-item*="edition"]')).toBeNull();
  });
});

it('offers a step only where it can be taken', () => {
  const draft = demoRule({ id: 'A-1' });
  const calm = { problem: null, dirty: false, busy: false };
  const wrong = { line: 1, member: null, reason: 'no' };
  const can = (state: Parameters<typeof offered>[0]) => Object.entries(offered(state)).filter(([, on]) => on).map(([name]) => name).join(' ');
  expect(can({ stored: null, ...calm })).toBe('try');
  expect(can({ stored: null, ...calm, dirty: true })).toBe('try save');
  expect(can({ stored: draft, ...calm })).toBe('try confirm retire undo');
  expect(can({ stored: draft, ...calm, dirty: true })).toBe('try save retire');
  expect(can({ stored: draft, ...calm, problem: wrong, dirty: true })).toBe('retire');
  expect(can({ stored: { ...draft, state: 'retired' }, ...calm })).toBe('try save undo');
  expect(can({ stored: { ...draft, state: 'confirmed' }, ...calm })).toBe('try retire undo');
  expect(can({ stored: { ...draft, state: 'confirmed', draftWaits: true }, ...calm })).toBe('try confirm retire undo');
  expect(can({ stored: draft, ...calm, busy: true })).toBe('');
});

it.each([
  ['when.codes', 'when.codes', true], ['when', 'when.codes', true], ['when.sessions', 'when.sessions.months', true],
  ['when.codes', 'when.codes_more', false], [null, 'id', false], ['id', 'when.id', false],
])('a problem at %s is about %s: %s', (member, path, about) => expect(isAbout(member, path)).toBe(about));

describe('charges', () => {
  it('takes a schedule from a file, a percentage and a default, and retires one', async () => {
    const backend = await open();
    await press('3');
    await screen.findByRole('heading', { name: /New schedule/ });
    await waitFor(() => expect(byId('fee-default').value).toBe('200'));
    await press('i');
    await waitFor(() => expect(byId('fee-name').value).toBe('fees-2026'));
    await fireEvent.input(byId('fee-from'), { target: { value: '1/1/2026' } });
    await fireEvent.click(screen.getByRole('button', { name: 'Add schedule' }));
    await screen.findByText('214 rates');
    expect(backend.calls).toContainEqual(['fees_import', '/home/clinic/fees-2026.csv', { name: 'fees-2026', payer: null, from: '2026-01-01', to: null }]);
    await fireEvent.input(byId('fee-name'), { target: { value: 'Commercial' } });
    await fireEvent.input(screen.getByLabelText('Percentage of Medicare'), { target: { value: '137.5' } });
    await fireEvent.click(screen.getByRole('button', { name: 'Add schedule' }));
    await screen.findByText('137.5 % of Medicare');
    await fireEvent.click(screen.getByRole('button', { name: 'Retire fees-2026' }));
    await screen.findByText('○ retired');
    await fireEvent.input(byId('fee-default'), { target: { value: '0' } });
    expect((screen.getByRole('button', { name: 'Set' }) as HTMLButtonElement).disabled).toBe(true);
    await fireEvent.input(byId('fee-default'), { target: { value: '300' } });
    await fireEvent.click(screen.getByRole('button', { name: 'Set' }));
    await waitFor(() => expect(backend.feesNow.defaultPercent).toBe(3000));
  });
  it('says why a file is refused and keeps what was typed', async () => {
    const backend = await open();
    await press('3');
    await press('i');
    await waitFor(() => expect(byId('fee-name').value).toBe('fees-2026'));
    backend.refusal = { code: 'fee_file_invalid', kind: 'input', message: 'Line 3: this is not a CPT or HCPCS code.', advice: 'Correct it.' };
    await fireEvent.click(screen.getByRole('button', { name: 'Add schedule' }));
    expect((await screen.findByRole('alert')).textContent).toContain('Line 3');
    expect(byId('fee-name').value).toBe('fees-2026');
  });
});
