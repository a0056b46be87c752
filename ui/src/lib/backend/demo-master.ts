// Master data of the test double: fictitious, kept in memory, without the engine's checks.
import type { MasterKind, MasterRecord, SavedMaster } from './master-types';

const record = (id: string, kind: MasterKind, label: string, data: Record<string, unknown>, standard = false): MasterRecord => ({
  id, kind, version: 1, label, state: 'current', mergedInto: null, default: standard, data,
});
const address = (line: string) => ({ line, city: 'Springfield', state: 'IL', zip: '627010001' });

export const demoMasters = (): MasterRecord[] => [
  record('m-clinic', 'clinic', 'Lindenhof Spine Clinic', {
    name: 'Lindenhof Spine Clinic', npi: '1234567893', tax_id: '12-3456789', taxonomy: '207T00000X', phone: '555 0100', address: address('1 Linden Way'),
  }, true),
  record('m-ada', 'provider', 'Testman, Ada', { last: 'Testman', first: 'Ada', suffix: 'MD', npi: '1245319599', taxonomy: '207T00000X' }, true),
  record('m-bo', 'provider', 'Sampleton, Bo', { last: 'Sampleton', first: 'Bo', npi: '1234567893' }),
  record('m-hospital', 'facility', 'Willow Street Hospital', { name: 'Willow Street Hospital', npi: '1245319599', pos: '21', address: address('9 Willow Street') }, true),
  record('m-medicare', 'payer', 'Medicare', { id: 'medicare', name: 'Medicare', type: 'medicare', payer_id: '06102' }),
  record('m-cedar', 'payer', 'Cedar Valley Health (example)', { id: 'cedar', name: 'Cedar Valley Health (example)', type: 'commercial', payer_id: '60054' }),
  record('m-odile', 'patient', 'Fernworth, Odile', {
    id: 'F-2201', last: 'Fernworth', first: 'Odile', birth_date: '1957-08-14', sex: 'F', address: address('4 Fern Lane'),
    coverages: [{ payer: 'medicare', member_id: '1EG4-TE5-MK00' }],
  }),
  record('m-otto', 'patient', 'Fernau, Otto', { id: 'F-2202', last: 'Fernau', first: 'Otto', birth_date: '1949-01-30', sex: 'M', coverages: [{ payer: 'cedar', member_id: 'C-99' }] }),
];

const text = (value: unknown): string => (typeof value === 'string' ? value : typeof value === 'object' && value !== null ? Object.values(value).map(text).join(' ') : '');

export function searched(all: readonly MasterRecord[], kind: MasterKind, query: string): MasterRecord[] {
  const typed = query.toLowerCase().split(/\s+/).filter(Boolean);
  return all
    .filter((r) => r.kind === kind && r.state === 'current')
    .filter((r) => typed.every((t) => text(r.data).toLowerCase().split(/[\s,]+/).some((word) => word.startsWith(t))))
    .toSorted((a, b) => Number(b.default) - Number(a.default) || a.label.localeCompare(b.label));
}

export function labelOf(kind: MasterKind, data: Record<string, unknown>): string {
  const { last, first, name } = data as Record<string, string | undefined>;
  if (kind === 'patient' || (kind === 'provider' && last)) return [last, first].filter(Boolean).join(', ');
  return name ?? '';
}

/** The list with a record saved, and the answer. */
export function savedIn(all: readonly MasterRecord[], kind: MasterKind, id: string | null, data: Record<string, unknown>): [MasterRecord[], SavedMaster] {
  const before = all.find((r) => r.id === id);
  const made: MasterRecord = before
    ? { ...before, version: before.version + 1, data, label: labelOf(kind, data) }
    : record(`m-${all.length + 1}`, kind, labelOf(kind, data), data, kind !== 'patient' && kind !== 'payer' && !all.some((r) => r.kind === kind));
  const others = all.filter((r) => r.id !== made.id);
  return [[...others, made], { record: made, doubles: others.filter((r) => r.kind === kind && r.state === 'current' && r.label === made.label) }];
}
