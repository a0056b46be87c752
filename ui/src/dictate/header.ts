// The form of a new dictation: what was typed, what is wrong with it, and the header the engine gets. Pure.
import type { DictationHeader } from '../lib/backend/backend';
import type { MasterRecord } from '../lib/backend/master-types';
import { parseDate } from '../lib/format';
import { textAt } from '../lib/paths';

export interface Form {
  last: string;
  first: string;
  birth: string;
  sex: '' | 'F' | 'M' | 'U';
  memberId: string;
  chartId: string;
  payer: string;
  dos: string;
}

/** An empty form for a day and a payer. */
export function blank(dos: string, payer: string): Form {
  return { last: '', first: '', birth: '', sex: '', memberId: '', chartId: '', payer, dos };
}

export type Complaints = Partial<Record<'birth' | 'payer' | 'dos', string>>;

/** What keeps the form from being sent. */
export function complaints(form: Form, now: Date): Complaints {
  const found: Complaints = {};
  if (form.payer === '') found.payer = 'Choose who pays.';
  if (parseDate(form.dos, now) === null) found.dos = 'Write the date like 2026-03-02 or 3/2/2026.';
  const birth = form.birth.trim() === '' ? '' : parseDate(form.birth, now);
  if (birth === null) found.birth = 'Write the date like 1957-08-14 or 8/14/1957.';
  return found;
}

/** The header for the engine; `null` while there are complaints. A wholly empty patient is no patient. */
export function headerOf(form: Form, now: Date): DictationHeader | null {
  const dos = parseDate(form.dos, now);
  if (dos === null || Object.keys(complaints(form, now)).length > 0) return null;
  const orNull = (text: string) => text.trim() || null;
  const patient = {
    id: orNull(form.chartId), last: orNull(form.last), first: orNull(form.first),
    birth_date: form.birth.trim() === '' ? null : parseDate(form.birth, now),
    sex: orNull(form.sex), member_id: orNull(form.memberId),
  };
  return { payer: form.payer, dos, patient: Object.values(patient).some((v) => v !== null) ? patient : null };
}

/** The form for a patient the clinic knows; the payer who pays first, and the number of whoever is to pay. */
export function withPatient(form: Form, { data }: MasterRecord): Form {
  const text = (place: string) => textAt(data, place);
  const coverages = Array.isArray(data.coverages) ? (data.coverages as { payer?: string; member_id?: string }[]) : [];
  const payer = coverages[0]?.payer ?? form.payer;
  const sex = text('sex');
  return {
    ...form, payer,
    last: text('last'), first: text('first'), birth: text('birth_date'), chartId: text('id'),
    sex: sex === 'F' || sex === 'M' || sex === 'U' ? sex : '',
    memberId: coverages.find((c) => c.payer === payer)?.member_id ?? text('member_id'),
  };
}
