// The physician's side as it crosses from the engine to the page.
import type { DictationView, DraftView, Evidence, Patient } from '../lib/backend/types';

export type NoteState = 'open' | 'signed' | 'void';

export interface NoteSection {
  /** Its place among the sections of the text; null for one that is not in it yet. */
  place: number | null;
  title: string;
  text: string;
  /** Its words in the transcript, in Unicode scalars. */
  start: number;
  end: number;
  required: boolean;
  /** What the template offers to begin with. */
  offered: string;
}

export interface Signature {
  signer: string;
  at: string;
  contentSha256: string;
  stands: boolean;
}

export interface Note {
  dictationId: string;
  claimId: string | null;
  claimRevision: number;
  claimState: string | null;
  name: string;
  patientLabel: string | null;
  payer: string;
  dos: string;
  spoken: boolean;
  state: NoteState;
  revision: number;
  template: string;
  sections: NoteSection[];
  missing: string[];
  blanks: number;
  canEdit: boolean;
  addenda: { text: string; signer: string; at: string; contentSha256: string; stands: boolean }[];
  answers: { question: string; answer: string | null; signer: string; at: string }[];
  signatures: Signature[];
  moves: { from: string | null; to: string | null; reason: string; actor: string; at: string }[];
}

export interface OpenQuery {
  claimId: string;
  revision: number;
  dictationId: string;
  patientLabel: string | null;
  name: string;
  dos: string;
  payer: string;
  physician: string;
  question: string;
  /** Codes with our short words. */
  affects: Record<string, string>;
  risk: 'compliance' | 'up_code' | 'denial' | 'sequence' | 'missed';
  stake: number;
  evidence: Evidence[];
  audioMs: number;
}

export interface HistoryRow {
  dictation: DictationView;
  questions: number;
  signed: boolean;
  touched: boolean;
}

export interface Case {
  caseId: string | null;
  atTime: string;
  patient: Patient | null;
  patientLabel: string | null;
  payer: string;
  operation: string;
  row: HistoryRow | null;
}

export interface Day {
  day: string;
  cases: Case[];
}

export interface NewCase {
  day: string;
  atTime: string;
  patient: Patient;
  payer: string;
  operation: string;
}

export interface Filing {
  patient: Patient;
  payer: string | null;
  reason: string;
}

export interface TemplateSection {
  title: string;
  text: string;
  required: boolean;
}

export interface Template {
  name: string;
  sections: TemplateSection[];
  /** Came with the program. */
  given: boolean;
}

export interface PhysicianBackend {
  note(dictationId: string, template: string | null): Promise<Note>;
  /** Writes a section over the one at a place, or a new one behind the others; `revision` is the claim's that was seen. */
  write(dictationId: string, revision: number, place: number | null, title: string, words: string): Promise<Note>;
  /** Signs the text's revision that was read; `despite` what the template misses. */
  sign(dictationId: string, revision: number, template: string | null, despite: boolean): Promise<Note>;
  addend(dictationId: string, words: string): Promise<Note>;
  queries(): Promise<OpenQuery[]>;
  /** The words become part of the note; null: it stands as it is. */
  answer(claimId: string, revision: number, question: string, words: string | null): Promise<DraftView>;
  file(dictationId: string, filing: Filing): Promise<DictationView>;
  day(day: string): Promise<Day>;
  plan(plan: NewCase): Promise<Day>;
  drop(caseId: string): Promise<void>;
  history(words: string, unfiled: boolean, after: string | null): Promise<{ rows: HistoryRow[]; next: string | null }>;
  templates(): Promise<Template[]>;
  saveTemplate(template: { name: string; sections: TemplateSection[] }): Promise<Template[]>;
  removeTemplate(name: string): Promise<Template[]>;
  /** What was being typed at a place when the window closed. */
  typed(place: string): Promise<string | null>;
  keepTyped(place: string, text: string): Promise<void>;
  sample(spoken: boolean, dos: string): Promise<{ id: string }>;
}
