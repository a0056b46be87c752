// What the form of each kind of master record asks for. Pure.
import { isNpi, textAt, type Flat } from '../lib/paths';
import type { MasterKind } from '../lib/backend/master-types';

export interface RecordField {
  place: string;
  name: string;
  kind?: 'text' | 'npi' | 'date' | 'payer' | 'choice';
  options?: readonly (readonly [string, string])[];
  hint?: string;
  needed?: boolean;
  /** Two of the form's four columns. */
  wide?: boolean;
}
export interface FieldGroup {
  title: string;
  fields: readonly RecordField[];
}

const address = (part: string, title: string): FieldGroup => ({
  title,
  fields: [
    { place: `${part}.line`, name: 'Street', wide: true }, { place: `${part}.line2`, name: 'Second line', wide: true },
    { place: `${part}.city`, name: 'City', wide: true }, { place: `${part}.state`, name: 'State', hint: 'IL' }, { place: `${part}.zip`, name: 'ZIP', hint: '627010001' },
  ],
});
const SEX = [['', 'not said'], ['F', 'Female'], ['M', 'Male'], ['U', 'Unknown']] as const;
const RELATION = [['', 'Self'], ['spouse', 'Spouse'], ['child', 'Child'], ['other', 'Other']] as const;
const coverage = (n: number, title: string): FieldGroup => ({
  title,
  fields: [
    { place: `coverages.${n}.payer`, name: 'Payer', kind: 'payer' }, { place: `coverages.${n}.member_id`, name: 'Member number' },
    { place: `coverages.${n}.insured.group`, name: 'Group' }, { place: `coverages.${n}.insured.plan_name`, name: 'Plan' },
    { place: `coverages.${n}.insured.relationship`, name: 'Patient is to insured', kind: 'choice', options: RELATION },
    { place: `coverages.${n}.insured.last`, name: 'Insured’s last name' }, { place: `coverages.${n}.insured.first`, name: 'First name' },
    { place: `coverages.${n}.insured.birth_date`, name: 'Born', kind: 'date' },
  ],
});

export const GROUPS: Record<MasterKind, readonly FieldGroup[]> = {
  clinic: [
    { title: 'Who bills (items 25 and 33)', fields: [
      { place: 'name', name: 'Name', needed: true, wide: true }, { place: 'npi', name: 'NPI', kind: 'npi', needed: true }, { place: 'tax_id', name: 'Tax number', hint: '12-3456789', needed: true },
      { place: 'tax_id_type', name: 'It is an', kind: 'choice', options: [['', 'EIN'], ['SSN', 'SSN']] }, { place: 'taxonomy', name: 'Taxonomy', hint: '207T00000X' }, { place: 'phone', name: 'Phone' }] },
    address('address', 'Address'), address('pay_to', 'Payments go elsewhere'),
  ],
  provider: [
    { title: 'Who renders, refers or supervises (items 17 and 24J)', fields: [
      { place: 'last', name: 'Last name', needed: true }, { place: 'first', name: 'First name', needed: true }, { place: 'middle', name: 'Middle' }, { place: 'suffix', name: 'Credential', hint: 'MD' },
      { place: 'npi', name: 'NPI', kind: 'npi', needed: true }, { place: 'taxonomy', name: 'Taxonomy', hint: '207T00000X' },
      { place: 'role', name: 'Renders as', kind: 'choice', options: [['', 'surgeon'], ['assistant', 'assistant'], ['co_surgeon', 'co-surgeon'], ['anesthesia', 'anesthesia']] }, { place: 'phone', name: 'Phone' }] },
  ],
  facility: [
    { title: 'Where services are done (item 32)', fields: [
      { place: 'name', name: 'Name', needed: true, wide: true }, { place: 'npi', name: 'NPI', kind: 'npi', needed: true },
      { place: 'pos', name: 'Place of service', kind: 'choice', needed: true, options: [['', ''], ['21', '21 Inpatient hospital'], ['22', '22 Outpatient hospital'], ['24', '24 Surgery center'], ['11', '11 Office'], ['19', '19 Off-campus outpatient'], ['23', '23 Emergency room']] }] },
    address('address', 'Address'),
  ],
  payer: [
    { title: 'Who pays (item 1)', fields: [
      { place: 'name', name: 'Name', needed: true, wide: true }, { place: 'id', name: 'Short id', hint: 'acme', needed: true },
      { place: 'type', name: 'Line of business', kind: 'choice', needed: true, options: [['', ''], ['medicare', 'Medicare'], ['medicaid', 'Medicaid'], ['commercial', 'Commercial'], ['workers_comp', 'Workers’ compensation'], ['auto', 'Auto or liability'], ['other', 'Other']] },
      { place: 'payer_id', name: 'Electronic payer id', hint: '60054' }, { place: 'filing_indicator', name: 'Filing indicator', hint: 'CI' }] },
    address('address', 'Claims on paper go to'),
  ],
  patient: [
    { title: 'Patient (items 2, 3, 5)', fields: [
      { place: 'last', name: 'Last name', needed: true }, { place: 'first', name: 'First name' }, { place: 'middle', name: 'Middle' }, { place: 'id', name: 'Chart number' },
      { place: 'birth_date', name: 'Born', kind: 'date', hint: '1957-08-14' }, { place: 'sex', name: 'Sex', kind: 'choice', options: SEX }, { place: 'phone', name: 'Phone' }, { place: 'account', name: 'Account' }] },
    address('address', 'Address'), coverage(0, 'Pays first'), coverage(1, 'Pays second'),
  ],
};

export const placesOf = (kind: MasterKind): string[] => GROUPS[kind].flatMap((g) => g.fields.map((f) => f.place));

/** What is wrong with a field; null when it may be saved so. */
export function problemOf(field: RecordField, typed: string): string | null {
  const text = typed.trim();
  if (text === '') return field.needed && ['name', 'last', 'id', 'type', 'pos'].includes(field.place) ? 'Needed' : null;
  if (field.kind === 'npi' && !isNpi(text)) return 'Not an NPI: ten digits, the last a check digit';
  if (field.kind === 'date' && !/^\d{4}-\d{2}-\d{2}$/.test(text)) return 'As 1957-08-14';
  if (field.place === 'tax_id' && text.replace(/\D/g, '').length !== 9) return 'Nine digits';
  if (field.place.endsWith('.zip') && !/^\d{5}(-?\d{4})?$/.test(text)) return 'Five or nine digits';
  if (field.place.endsWith('.state') && !/^[A-Za-z]{2}$/.test(text)) return 'Two letters';
  return null;
}

/** What a claim will still lack with this record: the needed fields that are empty. */
export function lacking(kind: MasterKind, data: unknown): string[] {
  return GROUPS[kind].flatMap((g) => g.fields).filter((f) => f.needed && textAt(data, f.place) === '').map((f) => f.name);
}

/** An empty form. */
export const blankOf = (kind: MasterKind): Flat => Object.fromEntries(placesOf(kind).map((p) => [p, '']));
