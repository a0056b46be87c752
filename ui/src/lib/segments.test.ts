import { describe, expect, it } from 'vitest';
import { cite, DEMO_DRAFT } from './backend/demo-data';
import type { Transcript } from './backend/types';
import { audioOf, blocksOf, holds, type Owner } from './segments';

const typed = (text: string): Transcript => ({
  text, revision: 1, language: 'en', model: 'typed', audio_ms: 0, elapsed_ms: 0, segments: [], corrections: [],
});
const flat = (transcript: Transcript, owners: Owner[]) =>
  blocksOf(transcript, owners).flatMap((b) => [...b.heading, ...b.stop, ...b.body]);

/** A repeatable stream of numbers in [0, 1). */
function stream(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

describe('evidence in the text', () => {
  it('counts scalars where JavaScript counts UTF-16 units', () => {
    const text = 'Na\u00efve \u{1D4D0}\u{1F9B4} note. Fusion at L4-L5 \u2013 done.';
    const quote = 'Fusion at L4-L5';
    const evidence = cite(text, quote);
    expect(evidence.start).not.toBe(text.indexOf(quote));
    expect(holds(text, evidence)).toBe(true);
    const lit = flat(typed(text), [{ key: 'a', evidence: [evidence] }]).filter((p) => p.owners.includes('a'));
    expect(lit.map((p) => p.text).join('')).toBe(quote);
  });

  it('keeps every owner where passages overlap', () => {
    const text = 'one two three four';
    const pieces = flat(typed(text), [
      { key: 'a', evidence: [{ start: 0, end: 13, quote: 'one two three' }] },
      { key: 'b', evidence: [{ start: 4, end: 18, quote: 'two three four' }] },
    ]);
    expect(pieces.map((p) => [p.text, p.owners])).toEqual([
      ['one ', ['a']], ['two three', ['a', 'b']], [' four', ['b']],
    ]);
  });

  it('is exactly the text, and lights exactly the quotes, for any spans', () => {
    const alphabet = ['a', ' ', '\n', '\u{1F9B4}', '\u00e9', '. Procedure: ', 'L4-L5', '. ', 'Findings.\n'];
    for (let seed = 1; seed <= 300; seed += 1) {
      const next = stream(seed);
      const text = Array.from({ length: Math.floor(next() * 40) }, () => alphabet[Math.floor(next() * alphabet.length)]).join('');
      const scalars = Array.from(text);
      if (scalars.length === 0) continue;
      const owners = ['a', 'b', 'c'].map((key) => {
        const start = Math.floor(next() * scalars.length);
        const end = start + 1 + Math.floor(next() * (scalars.length - start));
        return { key, evidence: [{ start, end, quote: scalars.slice(start, end).join('') }] };
      });
      const pieces = flat(typed(text), owners);
      expect(pieces.map((p) => p.text).join('')).toBe(text);
      for (const { key, evidence } of owners) {
        expect(pieces.filter((p) => p.owners.includes(key)).map((p) => p.text).join('')).toBe(evidence[0]?.quote);
      }
    }
  });

  it('marks corrections with what was heard and doubtful words', () => {
    const pieces = flat(DEMO_DRAFT.transcript, []);
    expect(pieces.find((p) => p.text === 'Transforaminal')?.original).toBe('Trans for aminal');
    expect(pieces.find((p) => p.text === 'abrasion')?.doubtful).toBe(true);
    expect(pieces.find((p) => p.text.includes('Fluoroscopy'))?.doubtful).toBe(false);
  });

  it('finds the seconds of a passage, and none in a typed note', () => {
    const { transcript } = DEMO_DRAFT;
    const evidence = cite(transcript.text, 'Interbody cage at L4-L5');
    const words = transcript.segments.flatMap((s) => s.words);
    const first = words.find((w) => w.start === evidence.start);
    const sound = audioOf(transcript, evidence);
    expect(sound?.startMs).toBe(first?.start_ms);
    expect(sound && sound.endMs > sound.startMs).toBe(true);
    expect(audioOf(typed('Interbody cage'), { start: 0, end: 9 })).toBeNull();
  });
});

describe('sections', () => {
  it('shows spoken and written headings with their time', () => {
    const heads = (t: Transcript) => blocksOf(t, []).map((b) => b.heading.map((p) => p.text).join(''));
    expect(heads(DEMO_DRAFT.transcript)).toEqual([
      'Preoperative diagnosis', 'Postoperative diagnosis', 'Procedure performed', 'Description of the procedure',
    ]);
    expect(heads(typed('PREOPERATIVE DIAGNOSIS:\nStenosis\n\nPROCEDURE\nFusion of the procedure: not a heading here')))
      .toEqual(['PREOPERATIVE DIAGNOSIS', '', 'PROCEDURE'].filter((_, i) => i !== 1));
    expect(blocksOf(DEMO_DRAFT.transcript, [])[0]?.atMs).toBe(600);
  });
});
