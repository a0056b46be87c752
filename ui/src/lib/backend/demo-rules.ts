// The rules of the test double: a shelf, two payer rules, and a form and text kept in step well enough to look at and to test.
import type { EditionRow, Fields, Member, PayerRule, Sheet, Shelf, TableView, Trial } from './rule-types';

const table = (name: TableView['table'], title: string, state: TableView['state'], says: string, editions: string[] = []): TableView => ({
  table: name, title, about: 'What it is for', state, says, files: 'The files of the quarter',
  editions: editions.map((edition) => demoEdition(name, title, edition, 1_673_011)),
});
/** An edition on the shelf. */
export function demoEdition(table: TableView['table'], title: string, edition: string, rows: number): EditionRow {
  return { table, title, edition, effective_from: '2026-01-01', effective_to: '2026-03-31', rows, active: rows - 11, bytes: 64 * rows, files: [] };
}
export const DEMO_SHELF: Shelf = {
  folder: '/home/clinic/.local/share/iambilly/rules',
  tables: [
    table('ncci-ptp', 'NCCI procedure-to-procedure edits, practitioner', 'current', '2026Q1 governs today.', ['2025Q4', '2026Q1']),
    table('mue', 'NCCI medically unlikely edits, practitioner', 'missing', '2026Q1 is published for today. The program’s own spine limits are used.'),
    table('mpfs', 'Medicare physician fee schedule relative value file', 'older', 'RVU25D is the newest here; RVU26A is published for today.', ['RVU25D']),
    table('icd10cm', 'ICD-10-CM', 'built_in', 'The program brings FY2026, April 1 2026.'),
  ],
};

const member = (path: string, group: Member['group'], label: string, shape: Member['shape'], common = true): Member => ({
  path, group, label, hint: `How to write ${label.toLowerCase()}`, shape, choices: [], common,
});
export const DEMO_MEMBERS: Member[] = [
  member('id', 'rule', 'Name', 'text'),
  { ...member('severity', 'rule', 'Severity', 'choice'), choices: [['block', 'Block'], ['warn', 'Warn'], ['info', 'Info']] },
  member('message', 'rule', 'Message', 'prose'), member('from', 'rule', 'From', 'date'),
  member('scope.payers', 'scope', 'Payers', 'list'), member('when.codes', 'when', 'Codes', 'codes'),
  member('when.no_authorisation', 'when', 'No prior authorisation number', 'flag', false),
  member('source.title', 'source', 'Document', 'text'), member('why', 'note', 'Why', 'prose', false),
];

/** The text of a form: a line a member. */
const textOf = (fields: Fields) => ['[[rule]]', ...DEMO_MEMBERS.filter((m) => fields[m.path]).map((m) => `${m.path} = "${fields[m.path]}"`), ''].join('\n');

export function demoSheet(text: string): Sheet {
  const lines = text.split('\n');
  const broken = lines.findIndex((l) => l.trim() !== '' && l !== '[[rule]]' && !/^[\w.]+ = ".*"$/.test(l));
  if (broken >= 0) return { text, fields: null, problem: { line: broken + 1, member: null, reason: 'expected a value' }, note: null };
  const fields = Object.fromEntries(lines.flatMap((l) => { const m = /^([\w.]+) = "(.*)"$/.exec(l); return m ? [[m[1], m[2]]] : []; })) as Fields;
  const missing = DEMO_MEMBERS.find((m) => m.common && !fields[m.path]);
  const wrong = /[a-z]/.test(fields.id ?? '') ? DEMO_MEMBERS[0] : missing;
  const problem = wrong && { line: Math.max(1, lines.findIndex((l) => l.startsWith(wrong.path)) + 1), member: wrong.path, reason: wrong === missing ? `missing ${wrong.path}` : 'an id has capitals, digits and hyphens' };
  const note = problem ? null : {
    rule: fields.id ?? '', title: 'Payer rule', what: `${fields.message} It looks at claims of payer ${fields['scope.payers']}.`, why: fields.why ?? '', exceptions: [], advice: '', example: null,
    source: { title: fields['source.title'] ?? '', version: '2026', effective_from: null, effective_to: null, locator: 'p. 1' },
  };
  return { text, fields, problem: problem ?? null, note };
}
export const demoSheetOf = (fields: Fields): Sheet => ({ ...demoSheet(textOf(fields)), fields });

export function demoRule(fields: Partial<Fields> & { id: string }, state: PayerRule['state'] = 'draft'): PayerRule {
  const all: Fields = {
    severity: 'warn', message: 'Ask this payer first.', from: '2026-01-01', 'scope.payers': 'cedar', 'when.codes': '62323', 'source.title': 'Policy',
    ...(fields as Fields),
  };
  return {
    id: fields.id, state, draftWaits: false, text: textOf(all), revision: 1, payers: (all['scope.payers'] ?? '').split(', ').filter(Boolean), codes: [all['when.codes'] ?? ''],
    severity: 'warn', message: all.message ?? '', from: all.from ?? null, to: null, by: 'owner', at: '2026-03-01T09:00:00Z', undoable: 'saved', fault: null, sha256: '5e'.repeat(32),
  };
}
export const demoRules = (): PayerRule[] => [demoRule({ id: 'CEDAR-ESI-YEAR' }, 'confirmed'), demoRule({ id: 'CEDAR-FACET-1', 'when.codes': '64493' })];

export const DEMO_TRIAL: Trial = {
  claims: 5,
  touched: [{
    claimId: 'demo-claim-1', patient: 'Fernworth, Odile', payer: 'medicare', dos: '2026-03-03', state: 'draft', verdictNow: 'clean', verdictThen: 'warn',
    findings: [{ kind: 'payer_rule', rule: 'CEDAR-ESI-YEAR', severity: 'warn', lines: [1], codes: ['62323'], message: 'Line 1 (62323): Ask this payer first.', source: { title: 'Policy', version: '2026', effective_from: null, effective_to: null, locator: 'p. 1' }, fix: null }],
  }],
};
