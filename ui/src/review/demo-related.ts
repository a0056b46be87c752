// What the test double makes of claims about other claims, and a difference to look at.
import type { DraftView } from '../lib/backend/types';
import type { Difference, Relation } from './related-types';

export function amended(draft: DraftView, claimId: string, relation: Relation): DraftView {
  const claim = relation === 'companion' ? draft.claim : { ...draft.claim, frequency: relation === 'void' ? '8' : '7', original_reference: '2026060123456' };
  const older = { claimId, relation, isOlder: true, state: draft.state };
  return { ...draft, claimId: `${claimId}-${relation}`, claim, state: 'human_review', revision: 1, related: [older] };
}

export function demoDifference(draft: DraftView, from: number, to: number): Difference {
  const lines = structuredClone(draft.claim.lines);
  const [first, second, third] = lines;
  if (!first || !second) return { from: view(from), to: view(to), lines: [], diagnoses: [], fields: [], charges: ['0.00', '0.00'], text: [] };
  return {
    from: view(from), to: view(to),
    lines: [
      { change: 'same', was: first, now: first, fields: [] },
      { change: 'changed', was: second, now: { ...second, units: second.units + 1, modifiers: ['59'] }, fields: ['units', 'modifiers'] },
      ...third ? [{ change: 'removed' as const, was: third, now: null, fields: [] }] : [],
      { change: 'added', was: null, now: { ...first, number: 9, code: '20930' }, fields: [] },
    ],
    diagnoses: [
      { change: 'changed', code: 'M48.062', was: 'B', now: 'A' }, { change: 'changed', code: 'M43.16', was: 'A', now: 'B' },
      { change: 'added', code: 'M54.16', was: null, now: 'C' },
    ],
    fields: [{ place: 'patient.member_id', was: '1EG4TE5MK72', now: '1EG4TE5MK73' }, { place: 'prior_auth_number', was: '', now: 'A-77120' }],
    charges: ['21400.00', '22950.50'],
    text: [
      { change: 'same', text: 'decompression was performed on the ' }, { change: 'removed', text: 'right ' }, { change: 'added', text: 'left ' },
      { change: 'same', text: 'at L4-L5 with … closure' },
    ],
  };
}
const view = (number: number) => ({ number, draftedBy: number === 1 ? 'rules' : 'owner', at: `2026-03-0${number}T10:00:00Z` });
