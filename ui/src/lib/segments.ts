// Transcript marks: cuts a text at every boundary of evidence, corrections, doubts and sections, so that each piece
// is shown once and knows everything that holds for it. Offsets are Unicode scalar values.
import type { Evidence, Span, Transcript } from './backend/types';
import { ScalarText } from './scalars';
import { sectionsOf } from './sections';

/** Below this probability a word is shown as doubtful. */
export const DOUBT = 0.5;

/** Evidence of one item on the screen, e.g. a service line. */
export interface Owner {
  key: string;
  evidence: readonly Evidence[];
}

/** A piece of text with one set of marks. */
export interface Piece extends Span {
  text: string;
  /** Keys of the items this piece is evidence for. */
  owners: readonly string[];
  /** What the recogniser had written, when the lexicon corrected it. */
  original: string | null;
  /** The recogniser was not sure, or may still change it. */
  doubtful: boolean;
}

/** One paragraph of the transcript: an optional heading and its pieces. */
export interface Block {
  start: number;
  /** When its first word was said, milliseconds; null for a typed note. */
  atMs: number | null;
  heading: Piece[];
  /** The heading's punctuation, part of the text but not shown. */
  stop: Piece[];
  body: Piece[];
}

/** The transcript as blocks of marked pieces. Joined in order, the pieces are exactly the text. */
export function blocksOf(transcript: Transcript, owners: readonly Owner[]): Block[] {
  const text = new ScalarText(transcript.text);
  const words = transcript.segments.flatMap((segment) => segment.words);
  const doubts: Span[] = [
    ...words.filter((word) => word.p < DOUBT),
    ...transcript.segments
      .filter((segment) => segment.tentative || segment.flags.length > 0)
      .flatMap((segment) => {
        const first = segment.words[0];
        const last = segment.words.at(-1);
        return first && last ? [{ start: first.start, end: last.end }] : [];
      }),
  ];
  const passages = owners.flatMap((owner) => owner.evidence.map((span) => ({ key: owner.key, span })));
  const cuts = new Set<number>();
  for (const span of [...passages.map((p) => p.span), ...transcript.corrections, ...doubts]) {
    cuts.add(span.start);
    cuts.add(span.end);
  }
  const boundaries = [...cuts].sort((a, b) => a - b);

  const piecesOf = (span: Span): Piece[] => {
    const inside = boundaries.filter((at) => at > span.start && at < span.end);
    const edges = [span.start, ...inside, span.end];
    const pieces: Piece[] = [];
    for (let i = 0; i + 1 < edges.length; i += 1) {
      const start = edges[i] ?? 0;
      const end = edges[i + 1] ?? 0;
      if (start === end) continue;
      const covers = (other: Span) => other.start <= start && end <= other.end;
      pieces.push({
        start,
        end,
        text: text.slice(start, end),
        owners: [...new Set(passages.filter((p) => covers(p.span)).map((p) => p.key))],
        original: transcript.corrections.find(covers)?.original ?? null,
        doubtful: doubts.some(covers),
      });
    }
    return pieces;
  };

  return sectionsOf(transcript.text).map((section) => ({
    start: section.start,
    atMs: words.find((word) => word.end > section.start)?.start_ms ?? null,
    heading: section.heading ? piecesOf(section.heading) : [],
    stop: section.stop ? piecesOf(section.stop) : [],
    body: piecesOf(section.body),
  }));
}

/** The stretch of audio in which the words of a span were said: the same rule as the engine's. */
export function audioOf(transcript: Transcript, span: Span): { startMs: number; endMs: number } | null {
  let startMs = Infinity;
  let endMs = -Infinity;
  for (const segment of transcript.segments) {
    for (const word of segment.words) {
      if (word.start < span.end && span.start < word.end) {
        startMs = Math.min(startMs, word.start_ms);
        endMs = Math.max(endMs, word.end_ms);
      }
    }
  }
  return endMs < startMs ? null : { startMs, endMs };
}

/** Whether the quote is exactly the slice of the text it points to. */
export function holds(text: string, evidence: Evidence): boolean {
  return new ScalarText(text).slice(evidence.start, evidence.end) === evidence.quote;
}

/** The words of a span as the recogniser wrote them: what was corrected in it is undone. */
export function heardIn(transcript: Transcript, span: Span): string {
  const text = new ScalarText(transcript.text);
  let at = span.start;
  let heard = '';
  for (const c of transcript.corrections) {
    // What the speaker took back himself was heard as it stands.
    if (c.start < at || c.end > span.end || c.rule === 'spoken-correction') continue;
    heard += text.slice(at, c.start) + c.original;
    at = c.end;
  }
  return (heard + text.slice(at, span.end)).trim();
}
