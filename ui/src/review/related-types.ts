// Claims about other claims, and what is different between revisions, as they cross from the engine to the page.
import type { Span } from '../lib/backend/types';

export type Relation = 'replacement' | 'void' | 'companion';

export interface RelatedClaim {
  claimId: string;
  /** What the younger of the two is to the older. */
  relation: Relation;
  isOlder: boolean;
  state: string;
}

export type Amend = 'correct' | 'void';

export interface NewCompanion {
  part: 'assistant' | 'co_surgeon';
  modifier: string;
  provider: Record<string, unknown>;
  /** The words of the note that name the person and say what they did. */
  evidence: Span;
}

export interface RevisionView {
  number: number;
  draftedBy: string;
  at: string;
}

export type Change = 'same' | 'changed' | 'added' | 'removed';

export interface DiffLine {
  number: number;
  code: string;
  units: number;
  modifiers: string[];
  pointers: string[];
  levels?: string[];
  laterality?: string | null;
  charge?: string | null;
}

export interface Difference {
  from: RevisionView;
  to: RevisionView;
  lines: { change: Change; was: DiffLine | null; now: DiffLine | null; fields: string[] }[];
  diagnoses: { change: Change; code: string; was: string | null; now: string | null }[];
  fields: { place: string; was: string; now: string }[];
  charges: [string, string];
  text: { change: Change; text: string }[];
}
