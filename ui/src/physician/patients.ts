// Patients of the clinic as a lookup shows them, and as the engine gets them. Pure.
import type { MasterRecord } from '../lib/backend/master-types';
import type { PatientInput } from '../lib/backend/types';
import { textAt } from '../lib/paths';

export function hit(record: MasterRecord): { id: string; label: string; hint: string } {
  return { id: record.id, label: record.label, hint: [textAt(record.data, 'birth_date'), textAt(record.data, 'id')].filter(Boolean).join(' · ') };
}

/** A patient of the master data, and who pays first. */
export function patientOf({ data }: MasterRecord): { patient: PatientInput; payer: string | null } {
  const or = (place: string) => textAt(data, place) || null;
  const coverages = Array.isArray(data.coverages) ? (data.coverages as { payer?: string; member_id?: string }[]) : [];
  const payer = coverages[0]?.payer ?? null;
  return {
    payer,
    patient: { id: or('id'), last: or('last'), first: or('first'), birth_date: or('birth_date'), sex: or('sex'), member_id: coverages[0]?.member_id ?? or('member_id') },
  };
}
