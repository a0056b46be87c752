// The physician's side of the test double: notes cut from the demo draft, kept and signed in memory.
import type { DemoBackend } from '../lib/backend/demo';
import type { Patient } from '../lib/backend/types';
import { sectionsOf } from '../lib/sections';
import { ScalarText } from '../lib/scalars';
import type { Case, Filing, HistoryRow, NewCase, Note, NoteSection, OpenQuery, PhysicianBackend, Template, TemplateSection } from './types';

const GIVEN: Template[] = [
  { name: 'Operation', given: true, sections: [['Preoperative diagnosis', '', true], ['Postoperative diagnosis', '', true], ['Procedure performed', '', true], ['Surgeon', '', true], ['Findings', '', true], ['Description of procedure', '', true], ['Estimated blood loss', '[ ] mL.', true], ['Complications', '[None.]', true]].map(([title, text, required]) => ({ title, text, required }) as TemplateSection) },
  { name: 'Office visit', given: true, sections: [{ title: 'Chief complaint', text: '', required: true }, { title: 'Plan', text: '', required: true }, { title: 'Total time', text: '[ ] minutes on the day of the visit.', required: false }] },
];
const scalarSlice = (text: string, span: { start: number; end: number }) => new ScalarText(text).slice(span.start, span.end);
const folded = (title: string) => title.toLowerCase().replace(/[^a-z]/g, '').replace(/^procedures?$/, 'procedureperformed');

const UNKNOWN = { id: null, last: null, first: null, birth_date: null, sex: null, member_id: null, address: null };

export class DemoPhysician implements PhysicianBackend {
  readonly kept = new Map<string, string>();
  own: Template[] = [];
  planned: (NewCase & { id: string })[] = [];
  readonly signed = new Map<string, { sha: string; at: string; text: string }>();
  readonly added = new Map<string, { text: string; at: string }[]>();
  readonly moved = new Map<string, { from: string | null; to: string; reason: string }[]>();
  readonly answered = new Map<string, string | null>();
  readonly #backend: DemoBackend;

  constructor(backend: DemoBackend) {
    this.#backend = backend;
    this.planned = backend.list?.length === 0 ? [] : [];
  }

  #row(id: string): HistoryRow {
    const dictation = this.#backend.list.find((d) => d.id === id);
    if (!dictation) throw { code: 'not_found', kind: 'input', message: 'This dictation is not there any more.', advice: '' };
    const asks = this.#asked().filter((q) => q.dictationId === id).length;
    return { dictation, questions: dictation.claimId === null ? 0 : asks, signed: this.signed.has(id), touched: this.signed.has(id) };
  }
  #asked(): OpenQuery[] {
    const { draft } = this.#backend;
    if (this.#backend.list.length === 0) return [];
    const of = this.#backend.list.find((d) => d.claimId === draft.claimId);
    return draft.coding.queries
      .filter((q) => !this.answered.has(q.question))
      .map((q) => ({
        claimId: draft.claimId, revision: draft.revision, dictationId: of?.id ?? draft.dictationId, patientLabel: of?.patientLabel ?? null, name: of?.name ?? '', dos: draft.coding.dos, payer: draft.coding.payer, physician: 'Ama Osei',
        question: q.question, affects: Object.fromEntries(q.affects.map((c) => [c, draft.labels[c] ?? ''])), risk: 'denial', stake: 1, evidence: q.evidence, audioMs: draft.audioMs,
      }));
  }
  #templates(): Template[] {
    return [...this.own, ...GIVEN.filter((g) => !this.own.some((o) => o.name === g.name))];
  }

  async note(dictationId: string, template: string | null): Promise<Note> {
    const row = this.#row(dictationId).dictation;
    const { draft } = this.#backend;
    const { text } = draft.transcript;
    const chosen = this.#templates().find((t) => t.name === template) ?? this.#templates()[0];
    const found = sectionsOf(text).map((s, place) => ({
      place, title: s.heading ? scalarSlice(text, s.heading) : '', text: scalarSlice(text, s.body).trim(), start: s.body.start, end: s.body.end, required: false, offered: '',
    }) satisfies NoteSection);
    const wanted = (chosen?.sections ?? []).map((w) => {
      const is = found.find((f) => folded(f.title) === folded(w.title));
      return is ? { ...is, required: w.required, offered: w.text } : { place: null, title: w.title, text: '', start: 0, end: 0, required: w.required, offered: w.text };
    });
    const sections = [...wanted, ...found.filter((f) => !wanted.some((w) => w.place === f.place))];
    const signature = this.signed.get(dictationId);
    return {
      dictationId, claimId: row.claimId, claimRevision: draft.revision, claimState: draft.state, name: row.name, patientLabel: row.patientLabel, payer: row.payer, dos: row.dos, spoken: row.durationMs !== null,
      state: signature ? 'signed' : 'open', revision: draft.transcript.revision ?? 1, template: chosen?.name ?? '', sections, missing: sections.filter((s) => s.required && s.text === '').map((s) => s.title), blanks: (text.match(/\[[^\]]*\]/g) ?? []).length,
      canEdit: !signature, addenda: (this.added.get(dictationId) ?? []).map((a) => ({ text: a.text, signer: 'owner', at: a.at, contentSha256: 'ab12cd34ef56ab12', stands: true })),
      answers: [...this.answered].map(([question, answer]) => ({ question, answer, signer: 'owner', at: '2026-03-03T10:00:00Z' })),
      signatures: signature ? [{ signer: 'owner', at: signature.at, contentSha256: signature.sha, stands: true }] : [],
      moves: (this.moved.get(dictationId) ?? []).map((m) => ({ ...m, actor: 'owner', at: '2026-03-03T10:00:00Z' })),
    };
  }
  async write(dictationId: string, _revision: number, place: number | null, title: string, words: string): Promise<Note> {
    const { draft } = this.#backend;
    const { text } = draft.transcript;
    const section = place === null ? undefined : sectionsOf(text)[place];
    const scalars = [...text];
    const next = section ? [...scalars.slice(0, section.body.start), ` ${words} `, ...scalars.slice(section.body.end)].join('') : `${text}\n\n${title}: ${words}`;
    this.#backend.draft = { ...draft, revision: draft.revision + 1, transcript: { ...draft.transcript, text: next } };
    return this.note(dictationId, null);
  }
  async sign(dictationId: string, _revision: number, template: string | null, despite: boolean): Promise<Note> {
    const note = await this.note(dictationId, template);
    if (!despite && note.missing.length > 0) throw { code: 'note_incomplete', kind: 'input', message: `The note lacks: ${note.missing.join(', ')}.`, advice: 'Write what is missing, or sign it all the same.' };
    this.signed.set(dictationId, { sha: '9f2c4e6a8b0d1f3a', at: '2026-03-03T10:00:00Z', text: '' });
    return this.note(dictationId, template);
  }
  async addend(dictationId: string, words: string): Promise<Note> {
    this.added.set(dictationId, [...(this.added.get(dictationId) ?? []), { text: words, at: '2026-03-03T10:05:00Z' }]);
    return this.note(dictationId, null);
  }
  async queries() {
    return this.#asked();
  }
  async answer(_claimId: string, _revision: number, question: string, words: string | null) {
    this.answered.set(question, words);
    const { draft } = this.#backend;
    const text = words === null ? draft.transcript.text : `${draft.transcript.text}\n\nAddendum: ${words}`;
    const start = [...text].length - [...(words ?? '')].length;
    this.#backend.draft = {
      ...draft, revision: draft.revision + 1, transcript: { ...draft.transcript, text }, coding: { ...draft.coding, queries: draft.coding.queries.filter((q) => q.question !== question) },
      answers: [...draft.answers, { question, signer: 'owner', at: '2026-03-03T10:00:00Z', evidence: words === null ? null : { start, end: [...text].length, quote: words } }],
    };
    return this.#backend.draft;
  }
  async file(dictationId: string, filing: Filing) {
    const before = this.#row(dictationId).dictation;
    const to = [filing.patient.last, filing.patient.first].filter(Boolean).join(', ');
    if (before.patientLabel !== null && filing.reason.trim() === '') throw { code: 'reason_needed', kind: 'input', message: 'This step needs a reason.', advice: '' };
    this.moved.set(dictationId, [...(this.moved.get(dictationId) ?? []), { from: before.patientLabel, to, reason: filing.reason }]);
    this.signed.delete(dictationId);
    this.#backend.list = this.#backend.list.map((d) => (d.id === dictationId ? { ...d, patientLabel: to } : d));
    return this.#row(dictationId).dictation;
  }
  async day(day: string) {
    const cases: Case[] = this.planned.filter((p) => p.day === day).map((p) => ({
      caseId: p.id, atTime: p.atTime, patient: { ...UNKNOWN, ...p.patient } as Patient, patientLabel: [p.patient.last, p.patient.first].filter(Boolean).join(', '), payer: p.payer, operation: p.operation, row: null,
    }));
    // The demo's dictations are of today, whenever that is.
    for (const d of this.#backend.list) cases.push({ caseId: null, atTime: '', patient: null, patientLabel: d.patientLabel, payer: d.payer, operation: '', row: this.#row(d.id) });
    return { day, cases };
  }
  async plan(plan: NewCase) {
    this.planned = [...this.planned, { ...plan, id: `case-${this.planned.length}` }];
    return this.day(plan.day);
  }
  async drop(caseId: string) {
    this.planned = this.planned.filter((p) => p.id !== caseId);
  }
  async history(words: string, unfiled: boolean) {
    const of = words.toLowerCase().split(/\s+/).filter(Boolean);
    const rows = this.#backend.list
      .filter((d) => (!unfiled || d.patientLabel === null) && of.every((w) => `${d.patientLabel ?? ''} ${d.name} ${d.payer} ${d.dos}`.toLowerCase().includes(w)))
      .map((d) => this.#row(d.id));
    return { rows, next: null };
  }
  async templates() {
    return this.#templates();
  }
  async saveTemplate(template: { name: string; sections: TemplateSection[] }) {
    this.own = [...this.own.filter((t) => t.name !== template.name), { ...template, given: false }];
    return this.#templates();
  }
  async removeTemplate(name: string) {
    this.own = this.own.filter((t) => t.name !== name);
    return this.#templates();
  }
  async typed(place: string) {
    return this.kept.get(place) ?? null;
  }
  async keepTyped(place: string, text: string) {
    if (text === '') this.kept.delete(place);
    else this.kept.set(place, text);
  }
  async sample() {
    return this.#backend.dictationAddNote('sample', { payer: 'medicare', dos: '2026-03-03', patient: null });
  }
}
