// How a dictation stands, in a word and a shape, as its physician sees it. Pure.
import type { HistoryRow } from './types';

export type Tone = 'block' | 'warn' | 'info' | 'clean' | 'quiet';

/** What is to be done about a dictation next: shape, word, tone. */
export function standing(row: HistoryRow): [string, string, Tone] {
  const { dictation } = row;
  if (dictation.state === 'failed') return ['■', 'Failed', 'block'];
  if (dictation.state === 'cancelled') return ['○', 'Stopped', 'quiet'];
  if (dictation.claimId === null) return ['◌', 'On its way', 'quiet'];
  if (dictation.patientLabel === null) return ['▲', 'No patient yet', 'warn'];
  if (row.questions > 0) return ['▲', row.questions === 1 ? '1 query' : `${row.questions} queries`, 'warn'];
  if (row.signed) return ['●', 'Signed', 'clean'];
  return row.touched ? ['▲', 'To sign again', 'warn'] : ['●', 'To sign', 'info'];
}

const RISKS = {
  compliance: ['■', 'Not proved', 'block'], up_code: ['■', 'Could be too much', 'block'], denial: ['▲', 'May be denied', 'warn'],
  sequence: ['●', 'Order of codes', 'info'], missed: ['●', 'May be missed', 'info'],
} as const;
/** What hangs on a query: shape, word, tone. */
export function riskOf(risk: keyof typeof RISKS): readonly [string, string, Tone] {
  return RISKS[risk];
}
