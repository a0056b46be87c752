// Where the paragraphs and section headings of an operative note stand in its text: layout only, nothing is coded from it.
import type { Span } from './backend/types';

/** One paragraph; heading, stop and body follow each other without a gap. Offsets in Unicode scalars. */
export interface Section {
  start: number;
  heading: Span | null;
  /** The heading's own punctuation. */
  stop: Span | null;
  body: Span;
}

const NAMES = [
  'pre-?operative diagnos[ie]s', 'post-?operative diagnos[ie]s', 'procedures? performed', 'operations? performed',
  'procedures?', 'operation', 'indications?(?: for (?:the )?(?:procedure|surgery|operation))?',
  '(?:detailed )?description of (?:the )?(?:procedure|operation)', 'details of (?:the )?procedure',
  'operative findings', 'findings', 'operative note', 'operative report', 'anesthesia', 'estimated blood loss',
  'complications', 'implants?', 'specimens?', 'drains?', 'disposition', 'neuromonitoring', 'surgeon', 'assistant',
  'history', 'plan', 'impression', 'diagnos[ie]s',
].join('|');

/** A heading at the start of the text, a line or a sentence, and its own punctuation. */
const HEADING = new RegExp(`(^|\\n[ \\t]*|[.;:!?][ \\t]+)(${NAMES})([ \\t]*[:.,]|[ \\t]*(?=\\n)|[ \\t]*$)`, 'gidu');
const PARAGRAPH = /\n[ \t]*\n\s*/gu;

/** The paragraphs of a text, in order and without gaps. */
export function sectionsOf(text: string): Section[] {
  if (text === '') return [];
  const starts = new Map<number, { name: number; stop: number } | null>([[0, null]]);
  for (const match of text.matchAll(PARAGRAPH)) {
    const at = match.index + match[0].length;
    if (at < text.length) starts.set(at, null);
  }
  for (const match of text.matchAll(HEADING)) {
    const [name, stop] = [match.indices?.[2], match.indices?.[3]];
    if (name && stop) starts.set(name[0], { name: name[1], stop: stop[1] });
  }
  const ordered = [...starts].sort(([a], [b]) => a - b);

  // From UTF-16 units to scalars, in one walk.
  const scalarAt = new Map<number, number>();
  let units = 0;
  let scalars = 0;
  for (const scalar of text) {
    scalarAt.set(units, scalars);
    units += scalar.length;
    scalars += 1;
  }
  scalarAt.set(units, scalars);
  const at = (unit: number) => scalarAt.get(unit) ?? scalars;

  return ordered.map(([start, ends], i) => {
    const end = ordered[i + 1]?.[0] ?? text.length;
    return {
      start: at(start),
      heading: ends && { start: at(start), end: at(ends.name) },
      stop: ends && { start: at(ends.name), end: at(ends.stop) },
      body: { start: at(ends?.stop ?? start), end: at(end) },
    };
  });
}
