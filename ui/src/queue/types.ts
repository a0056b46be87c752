// The queue as it crosses from the engine to the page.
import type { Fault } from '../lib/backend/types';

export const STATES = ['draft', 'human_review', 'approved', 'rejected', 'exported'] as const;
export type ClaimState = (typeof STATES)[number];
export type QueueSort = 'risk' | 'money' | 'age' | 'payer' | 'dos';

export interface QueueFilter {
  states: ClaimState[];
  payer: string | null;
  physician: string | null;
  /** A person's id; empty for what is nobody's. */
  assignee: string | null;
  from: string | null;
  to: string | null;
  /** At least this risk. */
  risk: number | null;
  chargeFrom: string | null;
  chargeTo: string | null;
  text: string;
}

export interface QueueQuery {
  filter: QueueFilter;
  sort: QueueSort;
  reversed: boolean;
  after: string | null;
  limit: number;
}

export interface QueuedClaim {
  claimId: string;
  dictationId: string;
  name: string;
  /** "Last, First"; empty when not known. */
  patient: string;
  state: ClaimState;
  revision: number;
  payer: string;
  physician: string;
  dos: string;
  /** 3 blocked, 2 warned or a question that matters, 1 something is asked, 0 none. */
  risk: number;
  charge: string;
  lines: number;
  blocks: number;
  warns: number;
  questions: number;
  assignee: string;
  comments: number;
  createdAt: string;
  changedAt: string;
}

export interface QueueSize {
  count: number;
  more: boolean;
  charge: string;
}

export interface QueueChoices {
  payers: string[];
  physicians: string[];
  /** Names of people by id. */
  people: Record<string, string>;
  me: string;
}

export interface SavedView {
  name: string;
  filter: QueueFilter;
  sort: QueueSort;
  reversed: boolean;
}

export interface Chosen {
  claimId: string;
  revision: number;
}

export type BulkStep = { step: 'submit' } | { step: 'approve' } | { step: 'reject'; reason: string } | { step: 'assign'; assignee: string };

export interface BulkOutcome {
  claimId: string;
  patient: string;
  fault: Fault | null;
}

export interface Comment {
  id: string;
  author: string;
  text: string;
  at: string;
}

export interface QueueBackend {
  page(query: QueueQuery): Promise<{ rows: QueuedClaim[]; next: string | null }>;
  size(filter: QueueFilter): Promise<QueueSize>;
  choices(): Promise<QueueChoices>;
  views(): Promise<SavedView[]>;
  saveView(view: SavedView): Promise<SavedView[]>;
  removeView(name: string): Promise<SavedView[]>;
  /** Every claim that a query finds, up to 500. */
  chosen(query: QueueQuery): Promise<Chosen[]>;
  /** A step with many claims; as a preview nothing is changed. */
  bulk(chosen: Chosen[], step: BulkStep, preview: boolean): Promise<BulkOutcome[]>;
  comments(claimId: string): Promise<Comment[]>;
  comment(claimId: string, text: string): Promise<Comment[]>;
}
