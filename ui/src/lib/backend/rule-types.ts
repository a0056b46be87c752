// The shapes of the rules screen: official editions, and the clinic's own payer rules.
import type { Fault, Finding, Severity, Verdict } from './types';

/** An imported edition of an official table. */
export interface EditionRow {
  edition: string;
  effective_from: string;
  effective_to: string;
  rows: number;
  active: number;
}

/** `current` governs today, `older` is older than today, `missing` is not imported, `built_in` came with the program. */
export type TableState = 'current' | 'older' | 'missing' | 'built_in';

/** A fee schedule of the clinic. */
export interface FeeSchedule {
  id: string;
  name: string;
  /** Payer id; none: every payer. */
  payer: string | null;
  from: string;
  to: string | null;
  /** Tenths of a percent of Medicare's fee; none: its rates. */
  percent: number | null;
  rates: number;
  retired: boolean;
}
export interface Fees {
  /** Newest first. */
  schedules: FeeSchedule[];
  /** Tenths of a percent of Medicare's national fee, where no schedule has the service. */
  defaultPercent: number;
}
export interface NewFeeSchedule {
  name: string;
  payer: string | null;
  from: string;
  to: string | null;
}

/** An official table and what of it is here. */
export interface TableView {
  table: string;
  title: string;
  /** What claims are checked for with it. */
  about: string;
  state: TableState;
  /** Where it stands, in a sentence. */
  says: string;
  /** Which files to give. */
  files: string;
  /** Oldest first. */
  editions: EditionRow[];
}

export interface Shelf {
  folder: string;
  tables: TableView[];
}

export interface ImportedEdition extends EditionRow {
  outcome: 'added' | 'unchanged' | 'replaced';
  table: string;
}

export interface ImportEvent {
  table: string;
  /** 0 to 1. */
  share: number;
}

export type PayerRuleState = 'draft' | 'confirmed' | 'retired';
export type PayerRuleStep = 'saved' | 'confirmed' | 'retired' | 'undone';

/** A stored payer rule. */
export interface PayerRule {
  id: string;
  state: PayerRuleState;
  /** A newer wording waits beside the confirmed one. */
  draftWaits: boolean;
  text: string;
  revision: number;
  payers: string[];
  codes: string[];
  severity: Severity | null;
  message: string;
  from: string | null;
  to: string | null;
  by: string;
  at: string;
  undoable: PayerRuleStep | null;
  fault: Fault | null;
}

export type SavedRule = PayerRule & { changed: boolean };

export type Shape = 'text' | 'prose' | 'date' | 'choice' | 'list' | 'codes' | 'number' | 'flag';
export type Group = 'rule' | 'scope' | 'when' | 'source' | 'remedy' | 'note';

/** A member of a rule as the form asks for it. */
export interface Member {
  /** `id`, `scope.payers`, `when.sessions.months`. */
  path: string;
  group: Group;
  label: string;
  hint: string;
  shape: Shape;
  choices: [string, string][];
  /** Nearly every rule has it; the others are shown on demand. */
  common: boolean;
}

export type Fields = Record<string, string>;

export interface Problem {
  line: number;
  /** The member on that line, such as `when.codes`, or a table of members. */
  member: string | null;
  reason: string;
}

/** A note on a rule, as a coder would write it for a colleague. */
export interface RuleNote {
  rule: string;
  title: string;
  what: string;
  why: string;
  exceptions: string[];
  advice: string;
  source: Finding['source'];
}

/** A rule as text and as form, in step. */
export interface Sheet {
  text: string;
  /** None while the text cannot be read at all. */
  fields: Fields | null;
  problem: Problem | null;
  note: RuleNote | null;
}

/** A stored claim that a rule would touch. */
export interface TouchedClaim {
  claimId: string;
  patient: string | null;
  payer: string;
  dos: string;
  state: string;
  verdictNow: Verdict;
  verdictThen: Verdict;
  findings: Finding[];
}

export interface Trial {
  /** How many claims it was tried on. */
  claims: number;
  touched: TouchedClaim[];
}
