// Which steps a rule being written can take now, and which field a problem is about. Pure.
import type { PayerRule, Problem } from '../lib/backend/rule-types';

export type RuleStep = 'try' | 'save' | 'confirm' | 'retire' | 'undo';

export interface Written {
  stored: PayerRule | null;
  problem: Problem | null;
  dirty: boolean;
  busy: boolean;
}

/** A rule is confirmed as it is stored: what was typed since is saved first. */
export function offered({ stored, problem, dirty, busy }: Written): Record<RuleStep, boolean> {
  const drafted = stored !== null && (stored.state === 'draft' || stored.draftWaits);
  return {
    try: !busy && problem === null,
    save: !busy && problem === null && (dirty || stored?.state === 'retired'),
    confirm: !busy && !dirty && problem === null && drafted,
    retire: !busy && stored !== null && stored.state !== 'retired',
    undo: !busy && !dirty && stored !== null && stored.undoable !== null,
  };
}

/** Whether a problem at `member` (a member, or a table of members) is about the field of `path`. */
export function isAbout(member: string | null, path: string): boolean {
  if (member === null) return false;
  if (member === path || path.startsWith(`${member}.`)) return true;
  return false;
}
