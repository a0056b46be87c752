// Words and shapes of what was answered: the shape says it too, for who sees no colours.
import type { AnswerStatus, LineAnswer } from './types';

type Said = [shape: string, word: string, tone: 'clean' | 'warn' | 'block' | 'info'];

export const STATUS: Record<AnswerStatus, Said> = {
  accepted: ['◇', 'taken on', 'info'],
  rejected: ['■', 'sent back', 'block'],
  paid: ['●', 'paid', 'clean'],
  partly_paid: ['▲', 'paid in part', 'warn'],
  denied: ['■', 'denied', 'block'],
  reversed: ['▲', 'taken back', 'warn'],
};

export const OUTCOME: Record<LineAnswer['outcome'], Said> = {
  paid: ['●', 'paid', 'clean'],
  underpaid: ['▲', 'paid too little', 'warn'],
  partly_denied: ['▲', 'denied in part', 'warn'],
  denied: ['■', 'denied', 'block'],
};

export const ANSWER: Record<'999' | '277ca' | '835', string> = {
  '999': 'File acknowledged (999)', '277ca': 'Claim acknowledged (277CA)', '835': 'Decision (835)',
};

/** A time as a list shows it: the local date and hour. */
export function when(at: string): string {
  return new Date(at).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}

/** A count with its word. */
export function some(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
