// A claim's life: which steps a state allows, what a step needs, and why it must wait. Pure.
import type { DraftView, Fault, Step } from '../lib/backend/types';
import type { Action } from '../lib/keys';
import type { RelatedClaim } from './related-types';

/** The way of a claim as shown, and the word for each state. */
export const WAY: readonly { states: readonly string[]; word: string }[] = [
  { states: ['draft'], word: 'Draft' },
  { states: ['human_review'], word: 'In review' },
  { states: ['approved', 'rejected', 'exported'], word: 'Decided' },
];

const WORDS: Record<string, string> = {
  draft: 'Draft', human_review: 'In review', approved: 'Approved', rejected: 'Rejected', exported: 'Exported',
};
export const stateWord = (state: string): string => WORDS[state] ?? state.replaceAll('_', ' ');

export interface StepOffer {
  step: Step;
  action: Action;
  word: string;
  /** It must say why. */
  reason: boolean;
}

const OFFERS: Record<Step, StepOffer> = {
  submit: { step: 'submit', action: 'submit', word: 'Submit for review', reason: false },
  approve: { step: 'approve', action: 'approve', word: 'Approve', reason: false },
  reject: { step: 'reject', action: 'reject', word: 'Reject…', reason: true },
  reopen: { step: 'reopen', action: 'reopen', word: 'Reopen…', reason: true },
  correct: { step: 'correct', action: 'reopen', word: 'Correct and replace…', reason: true },
  void: { step: 'void', action: 'reject', word: 'Void…', reason: true },
};

/** The steps a claim in this state can take. */
export function offersFor(state: string): StepOffer[] {
  switch (state) {
    case 'draft':
      return [OFFERS.submit];
    case 'human_review':
      return [OFFERS.approve, OFFERS.reject];
    case 'approved':
    case 'rejected':
      return [OFFERS.reopen];
    case 'exported':
      return [OFFERS.correct, OFFERS.void];
    default:
      return [];
  }
}

/** Whether a change was refused because the claim is another by now: then it is shown anew, and what was typed stays. */
export const changedMeanwhile = (fault: Fault): boolean => fault.code === 'claim_changed' || fault.code === 'not_allowed_now';

/** The question that goes with a step's reason. */
export const QUESTIONS: Partial<Record<Step, string>> = {
  reject: 'Why is it rejected?', reopen: 'Why is it reopened?',
  correct: 'What was wrong with the claim that was sent?', void: 'Why is the claim that was sent taken back?',
};

/** What another claim is to this one. */
export function relationWord({ relation, isOlder }: RelatedClaim): string {
  const words: Record<RelatedClaim['relation'], [older: string, younger: string]> = {
    replacement: ['Replaces the claim that was sent', 'Replaced by a corrected claim'],
    void: ['Voids the claim that was sent', 'Voided'],
    companion: ['Beside the surgeon’s claim', 'A companion claim of it'],
  };
  return words[relation][isOlder ? 0 : 1];
}

/** Whether codes may be changed in this state. */
export const editable = (state: string): boolean => state === 'draft' || state === 'human_review';

/** Why the claim cannot be approved as it stands; null when nothing stands against it. */
export function standsAgainst(draft: DraftView): string | null {
  const blocks = draft.findings.findings.filter((f) => f.severity === 'block');
  if (draft.findings.verdict !== 'block') return null;
  const fields = blocks.filter((f) => f.kind === 'required_field').length;
  const codes = blocks.filter((f) => f.kind !== 'required_field');
  const named = [...new Set(codes.map((f) => f.codes.join(' / ') || f.kind.replaceAll('_', ' ')))];
  const parts = [
    named.length > 0 ? named.slice(0, 3).join(', ') + (named.length > 3 ? ` and ${named.length - 3} more` : '') : '',
    fields > 0 ? `${fields} item${fields === 1 ? '' : 's'} of the form to fill in` : '',
  ].filter(Boolean);
  return `Approval waits: ${parts.join(', and ') || 'a finding'} ${blocks.length === 1 ? 'blocks' : 'block'} this claim.`;
}
