// The physician's side as it crosses from the engine to the page.
import type { DictationView, DraftView } from '../lib/backend/types';
import type * as B from '../lib/backend/bindings';

export type NoteState = B.NoteState;
export type NoteSection = B.NoteSection;
export type Signature = B.SignatureView;
export type Note = B.NoteView;
export type OpenQuery = B.QueryView;
export type HistoryRow = B.HistoryRow;
export type Case = B.CaseView;
export type Day = B.DayView;
export type NewCase = Required<B.NewCase>;
export type Filing = Required<B.Filing>;
export type TemplateSection = B.TemplateSection;
export type Template = B.TemplateView;

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
