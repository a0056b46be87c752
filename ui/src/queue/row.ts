// What a row of the queue says, to the eye and to a screen reader.
import { dollars } from '../lib/format';
import { stateWord } from '../review/lifecycle';
import type { QueuedClaim } from './types';

/** Shape, word and tone of a claim's risk. */
export function riskOf(claim: QueuedClaim): [shape: string, word: string, tone: 'block' | 'warn' | 'info' | 'clean'] {
  if (claim.risk >= 3) return ['■', claim.blocks > 1 ? `${claim.blocks} block` : 'Blocked', 'block'];
  if (claim.risk === 2) return ['▲', claim.warns > 0 ? `${claim.warns} warn` : 'Asked', 'warn'];
  if (claim.risk === 1) return ['?', `${claim.questions} asked`, 'info'];
  return ['●', 'Clean', 'clean'];
}

export function rowLabel(claim: QueuedClaim, payer: string, who: string): string {
  const risk = riskOf(claim)[1].toLowerCase();
  return [
    claim.patient || 'No patient yet', stateWord(claim.state), risk, payer, claim.physician, `served ${claim.dos}`, dollars(claim.charge),
    who && `assigned to ${who}`, claim.comments > 0 && `${claim.comments} comments`,
  ].filter(Boolean).join(', ');
}
