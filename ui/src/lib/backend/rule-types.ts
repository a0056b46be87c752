// The shapes of the rules screen: official editions, and the clinic's own payer rules.
import type * as B from './bindings';

export type EditionRow = B.Entry;
export type TableState = B.TableStanding;
export type FeeSchedule = B.FeeScheduleView;
export type Fees = B.Fees;
export type NewFeeSchedule = B.NewFeeSchedule;
export type TableView = B.TableView;
export type Shelf = B.Shelf;
export type ImportedEdition = B.ImportedEdition;
export type ImportEvent = B.ImportShare;
export type PayerRuleState = B.PayerRuleState;
export type PayerRuleStep = B.PayerRuleStep;
export type PayerRule = B.PayerRuleView;
export type SavedRule = B.SavedRule;
export type Shape = B.Shape;
export type Group = B.Group;
export type Member = B.Member;
export type Problem = B.Problem;
export type RuleNote = B.Explanation;
export type Sheet = B.Sheet;
export type TouchedClaim = B.TouchedClaim;
export type Trial = B.Trial;

export type Fields = Record<string, string>;

