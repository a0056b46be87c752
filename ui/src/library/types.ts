// What the library's calls give and take.
export interface Policy {
  id: string;
  payer: string;
  title: string;
  number: string | null;
  version: string | null;
  from: string;
  to: string | null;
  status: 'in_force' | 'upcoming' | 'ended' | 'superseded';
  supersededBy: string | null;
  file: string;
  pages: number;
  passages: number;
  pagesWithoutText: number[];
  pagesRecognised: number[];
}

/** A passage of a policy. */
export interface Hit {
  doc: string;
  policy: string;
  title: string;
  number: string | null;
  passage: number;
  page: number;
  section: string;
  lead: string;
  text: string;
  score: number;
  effective_from: string;
  effective_to: string | null;
  recognised: boolean;
}

export interface LibraryAnswer {
  hits: Hit[];
  method: 'hybrid' | 'full_text' | 'vectors';
  note: string | null;
}

export interface ProposedRule {
  rule: string;
  passage: number;
  state: 'draft' | 'confirmed' | 'retired';
  revision: number;
  text: string;
}

export interface OpenPolicy {
  policy: Policy;
  passages: Hit[];
  rules: ProposedRule[];
}

export interface Added {
  outcome: 'new' | 'new_version' | 'duplicate';
  policy: Policy;
  proposed: string[];
  words_only: string | null;
}

/** Why a file or a folder was not taken. */
export interface Trouble {
  code: string;
  message: string;
  advice: string;
}

/** A folder whose files are taken in as they come. */
export interface Watched {
  folder: string;
  /** Null: each folder in it is named by its payer's id. */
  payer: string | null;
  taken: number;
  refused: ({ file: string } & Trouble)[];
  gone: { file: string; policy: string }[];
  trouble: Trouble | null;
}

/** What a look into the watched folders found. */
export interface Looked {
  taken: [file: string, outcome: string][];
  refused: ({ file: string } & Trouble)[];
  gone: string[];
  still_written: number;
  unreachable: string[];
}

export type Standing = 'met' | 'not_met' | 'not_documented';

export interface Coverage {
  claimId: string;
  revision: number;
  payer: string;
  dos: string;
  codes: string[];
  criteria: { passage: Hit; answer: { standing: Standing; policy: string; note: string; start: number; end: number } | null }[];
  checklist: string;
  appeal: string | null;
  note: string | null;
}

/** How far adding or comparing is. */
export interface LibraryEvent {
  what: string;
  share: number;
}

export interface LibraryBackend {
  policies(): Promise<Policy[]>;
  /** Native dialog for policies. */
  pick(): Promise<string[]>;
  add(file: string, payer: string, effective: string | null): Promise<Added>;
  remove(id: string): Promise<void>;
  open(id: string): Promise<OpenPolicy>;
  ask(payer: string, dos: string, text: string): Promise<LibraryAnswer>;
  watched(): Promise<Watched[]>;
  /** Native dialog for a folder; null where none was chosen. */
  pickFolder(): Promise<string | null>;
  watch(folder: string, payer: string | null): Promise<Looked>;
  unwatch(folder: string): Promise<void>;
  look(): Promise<Looked>;
  /** Rules that stand in a policy of the library. */
  sourced(): Promise<string[]>;
  /** The passage a rule is from. */
  source(rule: string): Promise<Hit>;
  /** Criteria for a claim; with `compare` the local model says of each whether the note shows it. */
  check(claimId: string, compare: boolean): Promise<Coverage>;
}
