// Text addressed by Unicode scalar values, as the engine counts, while JavaScript strings count UTF-16 units.
import type { Span } from './backend/types';

/** A text cut into scalars once, so that slices by scalar offsets are exact and cheap. */
export class ScalarText {
  readonly #scalars: readonly string[];

  constructor(text: string) {
    this.#scalars = Array.from(text);
  }

  /** Length in scalars. */
  get length(): number {
    return this.#scalars.length;
  }

  /** The words of `[start, end)`, clamped to the text. */
  slice(start: number, end: number): string {
    return this.#scalars.slice(Math.max(0, start), Math.max(0, end)).join('');
  }
}

/** Whether two half-open spans share a scalar. */
export function overlaps(a: Span, b: Span): boolean {
  return a.start < b.end && b.start < a.end;
}

/**
 * Where words stand in a text, whatever the case and the white space between them; the place nearest to `near`.
 * Words begin and end where words of the text do.
 */
export function findWords(text: string, words: string, near = 0): Span | null {
  const typed = words.trim().split(/\s+/u).filter(Boolean);
  if (typed.length === 0) return null;
  const literal = typed.map((w) => w.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('\\s+');
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}])${literal}(?![\\p{L}\\p{N}])`, 'giu');
  let best: Span | null = null;
  for (const match of text.matchAll(pattern)) {
    const start = Array.from(text.slice(0, match.index)).length;
    const end = start + Array.from(match[0]).length;
    if (best === null || Math.abs(start - near) < Math.abs(best.start - near)) best = { start, end };
  }
  return best;
}
