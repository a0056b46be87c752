// The queue as it crosses from the engine to the page.
import type * as B from '../lib/backend/bindings';

export type ClaimState = B.ClaimState;
export type QueueSort = B.QueueSort;
export type QueueFilter = B.QueueFilter;
export type QueueQuery = Required<B.QueueQuery> & { filter: QueueFilter };
export type QueuedClaim = B.QueuedClaim;
export type QueueSize = B.QueueSize;
export type QueueChoices = B.QueueChoices;
export type SavedView = B.SavedView;
export type Chosen = B.Chosen;
export type BulkStep = B.BulkStep;
export type BulkOutcome = B.BulkOutcome;
export type Comment = B.CommentView;

export const STATES: readonly ClaimState[] = ['draft', 'human_review', 'approved', 'rejected', 'exported'];
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
