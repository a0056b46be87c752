// What the exchange's calls give and take.
import type { Fault } from '../lib/backend/types';

export type AnswerStatus = 'accepted' | 'rejected' | 'paid' | 'partly_paid' | 'denied' | 'reversed';

/** A file of claims that left, or waits to. */
export interface ExchangeFile {
  control: number;
  correspondent: string;
  file: string;
  bytes: number;
  sha256: string;
  delivered: boolean;
  /** Why it could not be delivered just now. */
  fault?: Fault;
  attempts: number;
  createdAt: string;
  deliveredAt: string | null;
  claims: { claimId: string; revision: number; control: string; answered?: AnswerStatus }[];
}

/** What a file of answers did. */
export interface Imported {
  matched: number;
  unmatched: number;
  unmatchedList: { control: string; why: string }[];
  statuses: Partial<Record<AnswerStatus, number>>;
  paid: string;
  denials: number;
  underpaid: number;
  proposedRules: string[];
  unbalanced: number;
}

export interface LineAnswer {
  line: number | null;
  code: string;
  charge: string;
  paid: string;
  outcome: 'paid' | 'underpaid' | 'partly_denied' | 'denied';
  says: string[];
}

/** What was answered of a claim. */
export interface AnswerView {
  kind: '999' | '277ca' | '835';
  status: AnswerStatus;
  at: string;
  says: string[];
  paid: string | null;
  charge: string | null;
  lines: LineAnswer[];
}

export interface DenialView {
  id: string;
  claimId: string;
  line: number | null;
  code: string;
  reason: string;
  says: string;
  advice: string;
  amount: string;
  /** The payer rule that would have caught it, as a draft. */
  rule: string | null;
  openedAt: string;
  closedAt: string | null;
}

export interface Underpayment {
  claimId: string;
  at: string;
  line: number;
  code: string;
  allowed: string;
  expected: string;
  by: string;
}

/** The CMS-1500: every place with its text, in points from the lower left corner of a letter page. */
export interface PaperForm {
  pages: { items: { item: string; key: string; name: string; row?: number; text: string; x: number; y: number; width: number }[] }[];
  unfit: { item: string; says: string }[];
}

export interface ExchangeBackend {
  /** Claims that are approved and not sent yet. */
  approved(): Promise<string[]>;
  send(claims: string[]): Promise<ExchangeFile[]>;
  files(): Promise<ExchangeFile[]>;
  /** Tries what waits again; all files, those that still wait with the reason. */
  deliver(): Promise<ExchangeFile[]>;
  /** Native dialog for files of answers. */
  pick(): Promise<string[]>;
  /** Takes a 999, 277CA or 835 in, all of it or nothing. */
  take(file: string): Promise<Imported>;
  answers(claimId: string): Promise<AnswerView[]>;
  denials(all: boolean): Promise<DenialView[]>;
  closeDenial(id: string): Promise<void>;
  underpayments(): Promise<Underpayment[]>;
  paper(claimId: string): Promise<PaperForm>;
  /** Saves the form as PDF where a person chooses; null when the dialog is closed. Tenths of a millimetre. */
  savePaper(claimId: string, preprinted: boolean, right: number, up: number): Promise<string | null>;
}
