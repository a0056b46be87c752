// The clinic's own data on the test double: found, checked, saved, merged, and not lost by a slip.
// @vitest-environment happy-dom
import { cleanup, fireEvent, render, waitFor } from '@testing-library/svelte';
import { afterEach, expect, it } from 'vitest';
import App from '../App.svelte';
import { DemoBackend } from '../lib/backend/demo';
import { KEEP_MS } from '../lib/kept';
import { GROUPS, lacking, problemOf } from './fields';

afterEach(cleanup);

const press = (key: string, more: object = {}) => fireEvent.keyDown(document.activeElement ?? document.body, { key, ...more });
const find = <T extends Element = HTMLElement>(selector: string) => {
  const element = document.querySelector<T>(selector);
  if (!element) throw new Error(`not on the page: ${selector}`);
  return element;
};
const shown = (selector: string) => waitFor(() => expect(document.querySelector(selector)).not.toBeNull());
const type = (selector: string, value: string) => fireEvent.input(find(selector), { target: { value } });
const listed = () => [...document.querySelectorAll('[data-record] strong')].map((e) => e.textContent);

async function clinic(options: { empty?: boolean } = {}): Promise<DemoBackend> {
  const backend = new DemoBackend({ state: 'unlocked', ...options });
  render(App, { backend });
  await shown('#new-dictation');
  await press(',');
  await shown('#add-record');
  return backend;
}

it('is opened by one key from everywhere, and left the way one came', async () => {
  await clinic();
  await waitFor(() => expect(listed()).toEqual(['Lindenhof Spine Clinic']));
  await press('2');
  await waitFor(() => expect(listed()).toEqual(['Testman, Ada', 'Sampleton, Bo']));
  await press('Escape');
  await shown('#new-dictation');
});

it('keeps a new person once the NPI is one, and asks before what was typed is left', async () => {
  const backend = await clinic({ empty: true });
  await press('2');
  await waitFor(() => expect(find('.list .empty').textContent).toContain('No person yet'));
  await press('a');
  await shown('#record-form');
  await type('#record-last', 'Exampleby');
  await type('#record-npi', '1234567890');
  await waitFor(() => expect(find('#record-npi-said').textContent).toContain('check digit'));
  await press('s', { ctrlKey: true });
  expect(backend.calls.some(([name]) => name === 'master_save')).toBe(false);
  await press('Escape');
  await waitFor(() => expect(find('#unsaved').textContent).toContain('Not saved yet'));
  await type('#record-npi', '1245319599');
  await fireEvent.submit(find('#record-form'));
  await waitFor(() => expect(backend.calls.find(([name]) => name === 'master_save')).toEqual(['master_save', 'provider', null, null, { last: 'Exampleby', npi: '1245319599' }]));
  await waitFor(() => expect(listed()).toEqual(['Exampleby']));
  expect(find('[data-record]').textContent).toContain('lacks First name');
});

it('holds what was typed over a window that ends, and forgets what was left on purpose', async () => {
  const backend = await clinic();
  await press('2');
  await waitFor(() => expect(listed()).toHaveLength(2));
  await press('a');
  await shown('#record-form');
  await type('#record-last', 'Halfway');
  await waitFor(() => expect(backend.physician.kept.get('record provider new')).toContain('Halfway'), { timeout: 3 * KEEP_MS });
  cleanup();

  const opened = async () => {
    render(App, { backend });
    await shown('#new-dictation');
    await press(',');
    await shown('#add-record');
    await press('2');
    await waitFor(() => expect(listed()).toHaveLength(2));
    await press('a');
    await shown('#record-form');
  };
  await opened();
  await waitFor(() => expect(find<HTMLInputElement>('#record-last').value).toBe('Halfway'));
  await press('Escape');
  await shown('#unsaved');
  await press('Escape');
  await waitFor(() => expect(document.querySelector('#record-form')).toBeNull());
  await waitFor(() => expect(backend.physician.kept.get('record provider new') ?? '').toBe(''));
  cleanup();
  await opened();
  expect(find<HTMLInputElement>('#record-last').value).toBe('');
});

it('names doubles and merges them', async () => {
  const backend = await clinic();
  await press('5');
  await waitFor(() => expect(listed()).toHaveLength(2));
  await press('a');
  await shown('#record-form');
  await type('#record-last', 'Fernworth');
  await type('#record-first', 'Odile');
  await type('#record-coverages-0-member_id', 'M-1');
  await fireEvent.submit(find('#record-form'));
  await waitFor(() => expect(find('#like').textContent).toContain('May be the same as Fernworth, Odile'));
  expect(backend.masters.at(-1)?.data).toMatchObject({ coverages: [{ member_id: 'M-1' }] });
  await waitFor(() => expect(find<HTMLButtonElement>('#like button').disabled).toBe(false));
  await fireEvent.click(find('#like button'));
  await waitFor(() => expect(backend.calls).toContainEqual(['master_merge', 'm-9', 'm-odile']));
  await waitFor(() => expect(listed()).toHaveLength(2));
});

it('finds by beginnings, and says a fault in its place', async () => {
  const backend = await clinic();
  await press('5');
  await waitFor(() => expect(listed()).toHaveLength(2));
  await type('[type=search]', 'fern od');
  await waitFor(() => expect(listed()).toEqual(['Fernworth, Odile']));
  await fireEvent.click(find('[data-record]'));
  await shown('#record-form');
  await type('#record-phone', '555 0101');
  backend.refusal = { code: 'not_allowed_now', kind: 'usage', message: 'The record was changed by someone else meanwhile.', advice: 'Load it again.' };
  await fireEvent.submit(find('#record-form'));
  await waitFor(() => expect(find('.form [role=alert]').textContent).toContain('changed by someone else'));
  expect(find<HTMLInputElement>('#record-phone').value).toBe('555 0101');
});

it('tells the forms where payers are chosen of a change', async () => {
  const backend = await clinic();
  await press('4');
  await waitFor(() => expect(listed()).toContain('Medicare'));
  let asked = 0;
  backend.payersList = async () => {
    asked += 1;
    return [];
  };
  await fireEvent.click(find('[data-record=m-cedar]'));
  await shown('#record-form');
  await type('#record-payer_id', '60055');
  await fireEvent.submit(find('#record-form'));
  await waitFor(() => expect(backend.masters.find((r) => r.id === 'm-cedar')?.data.payer_id).toBe('60055'));
  await waitFor(() => expect(asked).toBe(1));
});

it.each([
  ['clinic', 'zip', 'address.zip', '123', 'Five or nine digits'], ['clinic', 'zip', 'address.zip', '62701-0001', null], ['clinic', 'state', 'address.state', 'Illinois', 'Two letters'],
  ['clinic', 'tax', 'tax_id', '12-34', 'Nine digits'], ['clinic', 'tax', 'tax_id', '12-3456789', null], ['provider', 'npi', 'npi', '1245319599', null], ['patient', 'born', 'birth_date', '8/14/57', 'As 1957-08-14'],
  ['facility', 'name', 'name', '', 'Needed'],
] as const)('%s: the %s is judged where it is typed', (kind, _what, place, typed, says) => {
  const field = GROUPS[kind].flatMap((g) => g.fields).find((f) => f.place === place);
  if (!field) throw new Error(place);
  expect(problemOf(field, typed)).toBe(says);
});

it('says what a claim will lack', () => {
  expect(lacking('clinic', { name: 'A', npi: '1234567893' })).toEqual(['Tax number']);
});
