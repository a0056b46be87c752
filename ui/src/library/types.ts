// What the library's calls give and take.
import type * as B from '../lib/backend/bindings';

export type Policy = B.PolicyView;
export type Hit = B.HitView;
export type LibraryAnswer = B.LibraryAnswer;
export type ProposedRule = B.ProposedRule;
export type OpenPolicy = B.OpenPolicy;
export type Added = B.Added;
export type Trouble = B.Trouble;
export type Watched = B.WatchedView;
export type Looked = B.LibraryLooked;
export type Standing = B.CriterionStanding;
export type Coverage = B.Coverage;
export type LibraryEvent = B.LibraryShare;

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
