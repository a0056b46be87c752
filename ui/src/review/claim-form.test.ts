// The claim form on the test double: every item drawn, what is missing reached by one key, records taken over, nothing typed lost.
// @vitest-environment happy-dom
import { cleanup, fireEvent, render, waitFor } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import App from '../App.svelte';
import { DemoBackend } from '../lib/backend/demo';
import type { Finding } from '../lib/backend/types';
import { ABOVE, BELOW, formOf, itemOf, litItems, missingPlaces } from './cms1500';

afterEach(cleanup);

const press = (key: string, more: object = {}) => fireEvent.keyDown(document.activeElement ?? document.body, { key, ...more });
const find = <T extends Element = HTMLElement>(selector: string) => {
  const element = document.querySelector<T>(selector);
  if (!element) throw new Error(`not on the page: ${selector}`);
  return element;
};
const shown = (selector: string) => waitFor(() => expect(document.querySelector(selector)).not.toBeNull());
const type = (selector: string, value: string) => {
  find(selector).focus();
  return fireEvent.input(find(selector), { target: { value } });
};
const value = (selector: string) => find<HTMLInputElement>(selector).value;

const lacks = (item: string, severity: Finding['severity'] = 'block'): Finding => ({
  kind: 'required_field', rule: `REQ-${item}`, severity, lines: [], codes: [], message: `Item ${item} is missing.`, fix: null,
  source: { title: 'CMS-1500 claim form', version: '02/12', effective_from: null, effective_to: null, locator: `item ${item}` },
});

/** A draft whose only troubles are two items of the form. */
async function review(): Promise<DemoBackend> {
  const backend = new DemoBackend({ state: 'unlocked' });
  backend.draft = { ...structuredClone(backend.draft), findings: { verdict: 'block', findings: [lacks('24J'), lacks('25'), lacks('5', 'warn')] } };
  render(App, { backend });
  await shown('[data-open]');
  await fireEvent.click(find('[data-open]'));
  await shown('[data-kind=line]');
  return backend;
}

it('draws every item of the CMS-1500 (02/12)', () => {
  const drawn = new Set([...ABOVE, ...BELOW].map((i) => i.item).concat('21', '24', '28'));
  // What shares a cell with another item is named in it: 9b, 9c, 11d and 30 are reserved or follow from others.
  for (const item of ['1', '1a', '2', '3', '4', '5', '6', '7', '8', '9', '9a', '9d', '10', '10d', '11', '11a', '11b', '11c', '12', '13', '14', '15', '16', '17', '18', '19', '20', '21', '22', '23', '24', '24J', '25', '26', '27', '28', '29', '31', '32', '32a', '33', '33a']) {
    expect(drawn.has(item), item).toBe(true);
  }
  const places = [...ABOVE, ...BELOW].flatMap((i) => i.fields.map((f) => f.place));
  expect(new Set(places).size).toBe(places.length);
});

it('finds the item of a finding, the worst of several, and the empty field of it', async () => {
  expect(['item 24J', 'item 10b', 'item 17b', 'items'].map((locator) => itemOf({ ...lacks('1'), source: { ...lacks('1').source, locator } }))).toEqual(['24J', '10', '17', null]);
  const backend = new DemoBackend();
  const draft = { ...backend.draft, findings: { verdict: 'block' as const, findings: [lacks('3', 'warn'), lacks('3'), lacks('33a')] } };
  expect([...litItems(draft)]).toEqual([['3', 'block'], ['33a', 'block']]);
  const form = { ...formOf(draft.claim), 'patient.birth_date': '1957-08-14', 'patient.sex': '' };
  expect(missingPlaces(draft, form)).toEqual(['patient.sex', 'billing_provider.npi']);
});

describe('filling in', () => {
  it('goes to each missing item by one key, takes a person over by name, and saves over the revision seen', async () => {
    const backend = await review();
    expect(document.querySelector('[data-form-item]')).toBeNull();
    await press('i');
    await shown('[data-form-item="24J"]');
    expect(find('[data-form-item="24J"]').dataset.lit).toBe('block');
    await waitFor(() => expect(document.activeElement?.id).toBe('form-patient-address-line'));
    await press('i', { ctrlKey: true });
    await waitFor(() => expect(document.activeElement?.id).toBe('form-billing_provider-tax_id'));
    await type('#form-rendering_provider-last', 'samp');
    await waitFor(() => expect(find('#form-rendering_provider-last-list').textContent).toContain('Sampleton, Bo'));
    await press('Enter');
    expect(value('#form-rendering_provider-npi')).toBe('1234567893');
    expect(value('#form-rendering_provider-last')).toBe('Sampleton');
    await type('#form-billing_provider-tax_id', '12-3456789');
    expect(find('#form-unsaved').textContent).toContain('not saved');
    await press('s', { ctrlKey: true });
    await waitFor(() => expect(backend.calls.some(([name]) => name === 'claim_header')).toBe(true));
    const [, revision, header] = backend.calls.find(([name]) => name === 'claim_header') ?? [];
    expect(revision).toBe(1);
    expect(header).toMatchObject({ rendering_provider: { npi: '1234567893', last: 'Sampleton', first: 'Bo' }, billing_provider: { tax_id: '12-3456789' }, patient: { last: 'Fernworth' } });
    await waitFor(() => expect(find('#verdict').textContent).toContain('Needs a decision'));
    expect(find('[data-form-item="24J"]').dataset.lit).toBeUndefined();
    expect(document.querySelector('#form-unsaved')).toBeNull();
  });

  it('takes a patient over whole, with the coverage of the payer, and leaves nothing of the one before', async () => {
    const backend = await review();
    await press('c');
    await shown('#form-patient-last');
    expect(value('#form-patient-member_id')).toBe('1EG4-TE5-MK00');
    await type('#form-patient-last', 'otto');
    await waitFor(() => expect(find('#form-patient-last-list').textContent).toContain('Fernau, Otto'));
    await press('Enter');
    expect([value('#form-patient-last'), value('#form-patient-birth_date'), value('#form-patient-member_id')]).toEqual(['Fernau', '1949-01-30', '']);
    await fireEvent.click(find('#save-form'));
    await waitFor(() => expect(find('#who').textContent).toBe('Fernau, Otto'));
    expect(backend.draft.claim.patient.member_id ?? null).toBeNull();
  });

  it('keeps what was typed when the claim was changed meanwhile, and when one looks at the codes between', async () => {
    const backend = await review();
    await press('c');
    await shown('#form-prior_auth_number');
    await type('#form-prior_auth_number', 'PA-7');
    (document.activeElement as HTMLElement).blur();
    await press('Escape');
    await waitFor(() => expect(document.querySelector('#form-prior_auth_number')).toBeNull());
    await press('c');
    await shown('#form-prior_auth_number');
    expect(value('#form-prior_auth_number')).toBe('PA-7');
    backend.draft = { ...backend.draft, revision: 4, claim: { ...backend.draft.claim, accept_assignment: true } };
    await fireEvent.click(find('#save-form'));
    await waitFor(() => expect(find('#form-notice').textContent).toContain('this is revision 4. What you typed is kept'));
    expect([value('#form-prior_auth_number'), value('#form-accept_assignment')]).toEqual(['PA-7', 'yes']);
    await waitFor(() => expect(find<HTMLButtonElement>('#save-form').disabled).toBe(false));
    await fireEvent.click(find('#save-form'));
    await waitFor(() => expect(backend.draft.claim.prior_auth_number).toBe('PA-7'));
  });

  it('says at the field what cannot be right, and saves nothing of it', async () => {
    const backend = await review();
    await press('c');
    await shown('#form-rendering_provider-npi');
    await type('#form-rendering_provider-npi', '1234567890');
    await waitFor(() => expect(find('#form-rendering_provider-npi-said').textContent).toContain('check digit'));
    expect(find<HTMLButtonElement>('#save-form').disabled).toBe(true);
    await press('s', { ctrlKey: true });
    expect(backend.calls.some(([name]) => name === 'claim_header')).toBe(false);
  });

  it('saves the form before a step is taken, and approves in few keys', async () => {
    const backend = await review();
    backend.draft = { ...backend.draft, findings: { verdict: 'clean', findings: [] } };
    await press('c');
    await shown('#form-prior_auth_number');
    await type('#form-prior_auth_number', 'PA-9');
    (document.activeElement as HTMLElement).blur();
    await press('s');
    await waitFor(() => expect(backend.draft.state).toBe('human_review'));
    expect(backend.calls.map(([name]) => name).filter((n) => n.startsWith('claim_'))).toEqual(['claim_header', 'claim_decide']);
    await press('y');
    await waitFor(() => expect(backend.draft.state).toBe('approved'));
    await waitFor(() => expect(find<HTMLInputElement>('#form-prior_auth_number').disabled).toBe(true));
  });

  it('lights the item of the finding that is looked at', async () => {
    await review();
    await press('c');
    await shown('[data-form-item="25"]');
    const finding = [...document.querySelectorAll<HTMLElement>('[data-kind=finding]')].find((e) => e.textContent?.includes('Item 25'));
    await fireEvent.focus(finding as HTMLElement);
    await waitFor(() => expect(find('[data-form-item="25"]').classList.contains('active')).toBe(true));
  });
});
