// The CMS-1500 (02/12) as the window draws it: every item with its own short title and where in the claim it stands. Pure.
import { flatOf, isNpi, textAt, type Flat } from '../lib/paths';
import type { DraftView, Finding, Severity } from '../lib/backend/types';
import type { MasterKind } from '../lib/backend/master-types';

export interface FormField {
  /** Place in the claim, `patient.last`. */
  place: string;
  /** What it is, said to screen readers and shown where an item has several. */
  name: string;
  kind?: 'text' | 'date' | 'yes_no' | 'npi' | 'choice';
  options?: readonly (readonly [string, string])[];
  /** Records of this kind are found as one types; the record goes to this part of the claim. */
  find?: { kind: MasterKind; part: string };
  /** Share of the item's width. */
  grow?: number;
}
export interface FormItem {
  item: string;
  title: string;
  /** Columns of the twelve. */
  span: number;
  fields: readonly FormField[];
}

const name = (part: string, more: Partial<FormField> = {}): FormField[] => [
  { place: `${part}.last`, name: 'Last', grow: 3, ...more },
  { place: `${part}.first`, name: 'First', grow: 3 },
  { place: `${part}.middle`, name: 'Middle', grow: 1 },
];
const address = (part: string): FormField[] => [
  { place: `${part}.line`, name: 'Street', grow: 4 },
  { place: `${part}.city`, name: 'City', grow: 3 },
  { place: `${part}.state`, name: 'State', grow: 1 },
  { place: `${part}.zip`, name: 'ZIP', grow: 2 },
];
const SEX = [['', ''], ['F', 'Female'], ['M', 'Male'], ['U', 'Unknown']] as const;
const yes = (place: string, label: string): FormField => ({ place, name: label, kind: 'yes_no' });
const date = (place: string, label: string): FormField => ({ place, name: label, kind: 'date' });
const LINES_OF_BUSINESS = [
  ['medicare', 'Medicare'], ['medicaid', 'Medicaid'], ['commercial', 'Commercial'], ['workers_comp', 'Workers’ comp.'], ['auto', 'Auto'], ['other', 'Other'],
] as const;

/** Items 1 to 20 and 22, 23: above the lines. 21 and 24 are drawn from the codes. */
export const ABOVE: readonly FormItem[] = [
  { item: '1', title: 'Payer', span: 8, fields: [
    { place: 'payer.name', name: 'Payer', grow: 3, find: { kind: 'payer', part: 'payer' } }, { place: 'payer.id', name: 'Short id', grow: 2 },
    { place: 'payer.type', name: 'Line of business', kind: 'choice', options: LINES_OF_BUSINESS, grow: 2 }] },
  { item: '1a', title: 'Insured’s number', span: 4, fields: [{ place: 'patient.member_id', name: 'Member number' }] },
  { item: '2', title: 'Patient’s name', span: 6, fields: name('patient', { find: { kind: 'patient', part: 'patient' } }) },
  { item: '3', title: 'Born, sex', span: 3, fields: [date('patient.birth_date', 'Born'), { place: 'patient.sex', name: 'Sex', kind: 'choice', options: SEX }] },
  { item: '6', title: 'Patient is to insured', span: 3, fields: [{ place: 'insured.relationship', name: 'Relation', kind: 'choice', options: [['', 'not said'], ['self', 'Self'], ['spouse', 'Spouse'], ['child', 'Child'], ['other', 'Other']] }] },
  { item: '5', title: 'Patient’s address', span: 9, fields: [...address('patient.address'), { place: 'patient.phone', name: 'Phone', grow: 2 }] },
  { item: '8', title: 'Reserved', span: 3, fields: [] },
  { item: '4', title: 'Insured’s name', span: 6, fields: name('insured') },
  { item: '11a', title: 'Insured’s birth, sex', span: 3, fields: [date('insured.birth_date', 'Born'), { place: 'insured.sex', name: 'Sex', kind: 'choice', options: SEX }] },
  { item: '11', title: 'Policy or group', span: 3, fields: [{ place: 'insured.group', name: 'Group' }] },
  { item: '7', title: 'Insured’s address', span: 9, fields: [...address('insured.address'), { place: 'insured.phone', name: 'Phone', grow: 2 }] },
  { item: '11b', title: 'Other claim number', span: 3, fields: [{ place: 'insured.other_claim_id', name: 'Number' }] },
  { item: '9', title: 'Other insured', span: 6, fields: name('other_insured') },
  { item: '9a', title: 'Other policy, member', span: 3, fields: [{ place: 'other_insured.group', name: 'Group' }, { place: 'other_insured.member_id', name: 'Member' }] },
  { item: '9d', title: 'Other plan and payer', span: 3, fields: [{ place: 'other_insured.plan_name', name: 'Plan' }, { place: 'other_insured.payer.id', name: 'Payer id' }] },
  { item: '10', title: 'Condition related to', span: 6, fields: [
    yes('condition.employment', 'a. Work'), yes('condition.auto_accident', 'b. Auto'), { place: 'condition.state', name: 'State' }, yes('condition.other_accident', 'c. Other')] },
  { item: '10d', title: 'Claim codes', span: 3, fields: [{ place: 'condition.claim_codes', name: 'Codes' }] },
  { item: '11c', title: 'Insurance plan', span: 3, fields: [{ place: 'insured.plan_name', name: 'Plan' }] },
  { item: '12', title: 'Patient’s signature', span: 4, fields: [yes('signatures.patient.on_file', 'On file'), date('signatures.patient.date', 'Date')] },
  { item: '13', title: 'Insured’s signature', span: 4, fields: [yes('signatures.insured.on_file', 'On file'), date('signatures.insured.date', 'Date')] },
  { item: '14', title: 'Illness began', span: 4, fields: [{ place: 'illness.qualifier', name: 'What', kind: 'choice', options: [['', ''], ['431', 'Onset'], ['484', 'Last period']] }, date('illness.date', 'Date')] },
  { item: '15', title: 'Other date', span: 4, fields: [
    { place: 'other_date.qualifier', name: 'What', kind: 'choice', options: [['', ''], ['439', 'Accident'], ['454', 'First treated'], ['304', 'Last seen'], ['453', 'Acute turn'], ['455', 'X-ray'], ['471', 'Prescribed'], ['090', 'Care taken over'], ['091', 'Care handed on'], ['444', 'First visit']] },
    date('other_date.date', 'Date')] },
  { item: '16', title: 'Could not work', span: 4, fields: [date('unable_to_work.from', 'From'), date('unable_to_work.to', 'To')] },
  { item: '18', title: 'In hospital', span: 4, fields: [date('hospitalization.from', 'From'), date('hospitalization.to', 'To')] },
  { item: '17', title: 'Referred by', span: 8, fields: [
    { place: 'referring_provider.name', name: 'Name', grow: 3, find: { kind: 'provider', part: 'referring_provider' } },
    { place: 'referring_provider.npi', name: 'NPI (17b)', kind: 'npi', grow: 2 },
    { place: 'referring_provider.role', name: 'As', kind: 'choice', options: [['', ''], ['referring', 'Referring'], ['ordering', 'Ordering'], ['supervising', 'Supervising']], grow: 2 }] },
  { item: '20', title: 'Outside laboratory', span: 4, fields: [yes('outside_lab.used', 'Used'), { place: 'outside_lab.charge', name: 'Charge' }] },
  { item: '19', title: 'Additional information', span: 4, fields: [{ place: 'additional_information', name: 'Text' }] },
  { item: '22', title: 'Resubmission', span: 4, fields: [
    { place: 'frequency', name: 'Code', kind: 'choice', options: [['1', '1 Original'], ['7', '7 Replaces'], ['8', '8 Voids']] }, { place: 'original_reference', name: 'Original number' }] },
  { item: '23', title: 'Prior authorisation', span: 4, fields: [{ place: 'prior_auth_number', name: 'Number' }] },
];

/** Items 25 to 33: below the lines. */
export const BELOW: readonly FormItem[] = [
  { item: '25', title: 'Tax number', span: 4, fields: [{ place: 'billing_provider.tax_id', name: 'Number', grow: 2 }, { place: 'billing_provider.tax_id_type', name: 'Kind', kind: 'choice', options: [['', 'EIN'], ['EIN', 'EIN'], ['SSN', 'SSN']] }] },
  { item: '26', title: 'Patient’s account', span: 4, fields: [{ place: 'patient.account', name: 'Account', grow: 1 }, { place: 'patient.id', name: 'Chart', grow: 1 }] },
  { item: '27', title: 'Assignment', span: 2, fields: [yes('accept_assignment', 'Accepted')] },
  { item: '29', title: 'Paid', span: 2, fields: [{ place: 'amount_paid', name: 'Amount' }] },
  { item: '24J', title: 'Rendering provider', span: 8, fields: [
    { place: 'rendering_provider.last', name: 'Last or whole name', grow: 3, find: { kind: 'provider', part: 'rendering_provider' } }, { place: 'rendering_provider.first', name: 'First', grow: 2 },
    { place: 'rendering_provider.npi', name: 'NPI', kind: 'npi', grow: 2 }, { place: 'rendering_provider.taxonomy', name: 'Taxonomy', grow: 2 }] },
  { item: '31', title: 'Physician’s signature', span: 4, fields: [yes('signatures.physician.on_file', 'On file'), date('signatures.physician.date', 'Date')] },
  { item: '32', title: 'Facility', span: 8, fields: [{ place: 'facility.name', name: 'Name', grow: 3, find: { kind: 'facility', part: 'facility' } }, ...address('facility.address')] },
  { item: '32a', title: 'Facility’s NPI, place', span: 4, fields: [{ place: 'facility.npi', name: 'NPI', kind: 'npi', grow: 2 }, { place: 'facility.pos', name: 'Place', grow: 1 }] },
  { item: '33', title: 'Billing provider', span: 8, fields: [{ place: 'billing_provider.name', name: 'Name', grow: 3, find: { kind: 'clinic', part: 'billing_provider' } }, ...address('billing_provider.address')] },
  { item: '33a', title: 'Billing NPI, phone', span: 4, fields: [{ place: 'billing_provider.npi', name: 'NPI', kind: 'npi', grow: 2 }, { place: 'billing_provider.phone', name: 'Phone', grow: 2 }] },
];

const FIELDS = [...ABOVE, ...BELOW].flatMap((i) => i.fields);
export const PLACES: readonly string[] = FIELDS.map((f) => f.place);
export const YES_NO: ReadonlySet<string> = new Set(FIELDS.filter((f) => f.kind === 'yes_no').map((f) => f.place));

/** The claim as the form shows it; a person whose whole name stands in one field is shown there. */
export function formOf(claim: object): Flat {
  const form = flatOf(claim, PLACES);
  if (form['rendering_provider.last'] === '') form['rendering_provider.last'] = textAt(claim, 'rendering_provider.name');
  if (form['referring_provider.name'] === '') {
    form['referring_provider.name'] = ['first', 'last'].map((p) => textAt(claim, `referring_provider.${p}`)).filter(Boolean).join(' ');
  }
  return form;
}

/** The item a finding is about, as the form numbers it; where an item is drawn with another, that one. */
export function itemOf(finding: Finding): string | null {
  const said = /\bitem (\d+[a-zA-Z]?)/.exec(finding.source.locator)?.[1] ?? null;
  const drawn: Record<string, string> = { '17a': '17', '17b': '17', '10a': '10', '10b': '10', '10c': '10', '9b': '9', '9c': '9', '32b': '32a', '33b': '33a' };
  return said === null ? null : (drawn[said] ?? said);
}

/** Items with what is worst about each. */
export function litItems(draft: DraftView): Map<string, Severity> {
  const lit = new Map<string, Severity>();
  const rank = { block: 2, warn: 1, info: 0 } as const;
  for (const finding of draft.findings.findings) {
    const item = itemOf(finding);
    if (item === null) continue;
    const before = lit.get(item);
    if (before === undefined || rank[finding.severity] > rank[before]) lit.set(item, finding.severity);
  }
  return lit;
}

/** What is wrong with what was typed; null when it may stand. */
export function complaint(field: FormField, typed: string): string | null {
  const text = typed.trim();
  if (text === '') return null;
  if (field.kind === 'npi' && !isNpi(text)) return 'Not an NPI: ten digits, the last a check digit';
  if (field.kind === 'date' && !/^\d{4}-\d{2}-\d{2}$/.test(text)) return 'A date as 1957-08-14';
  return null;
}

/** Places of the items a finding asks for, in the form's order, those still empty first within an item. */
export function missingPlaces(draft: DraftView, form: Flat): string[] {
  const lit = litItems(draft);
  return [...ABOVE, ...BELOW].filter((i) => (lit.get(i.item) ?? 'info') !== 'info').flatMap((i) => {
    const first = i.fields.find((f) => (form[f.place] ?? '').trim() === '') ?? i.fields[0];
    return first ? [first.place] : [];
  });
}
