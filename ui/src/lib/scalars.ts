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
