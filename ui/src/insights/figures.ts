// What the insights say in words and numbers: shares, times, periods. Pure.
import { today } from '../lib/format';

/** A share as a whole percent; none of none is no figure. */
export const percent = ({ are, of }: { are: number; of: number }): number | null => (of === 0 ? null : Math.round((100 * are) / of));

/** Minutes as people say them. */
export function spell(minutes: number | null): string {
  if (minutes === null) return '–';
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h${minutes % 60 === 0 ? '' : ` ${minutes % 60} min`}`;
  return `${Math.round(minutes / (24 * 60))} days`;
}

export const PERIODS = [
  ['4', 'the last 4 weeks', 28], ['13', 'the last 13 weeks', 91], ['26', 'the last 26 weeks', 182], ['52', 'the last 12 months', 365],
] as const;

/** First and last day of a period that ends today. */
export function period(days: number, now: Date): [from: string, to: string] {
  const first = new Date(now.getFullYear(), now.getMonth(), now.getDate() - days + 1);
  return [today(first), today(now)];
}

/** A day short enough for an axis. */
export function dayMark(iso: string, by: 'week' | 'month'): string {
  const date = new Date(`${iso}T00:00:00Z`);
  return date.toLocaleDateString(undefined, by === 'month' ? { month: 'short', timeZone: 'UTC' } : { month: 'short', day: 'numeric', timeZone: 'UTC' });
}

export const RISKS: Record<number, string> = { 3: 'Blocked', 2: 'Warned, or a question that matters', 1: 'Something is asked', 0: 'Clean' };
