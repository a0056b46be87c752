// Claims about other claims, and what is different between revisions, as they cross from the engine to the page.
import type * as B from '../lib/backend/bindings';

export type Relation = B.Relation;
export type RelatedClaim = B.RelatedView;
export type Amend = B.Amend;
export type NewCompanion = B.NewCompanion;
export type RevisionView = B.RevisionView;
export type Change = B.Change;
export type DiffLine = B.ServiceLine;
export type Difference = B.Difference;

