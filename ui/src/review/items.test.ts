import { describe, expect, it } from 'vitest';
import { DEMO_DRAFT, withSecondOpinion } from '../lib/backend/demo-data';
import { holds } from '../lib/segments';
import { tabStop } from './focus';
import { itemsOf, ofKind, opinionLine, related, step } from './items';

const items = itemsOf(DEMO_DRAFT);

describe('items of a draft', () => {
  it('have keys of their own and quotes that are in the text', () => {
    expect(new Set(items.map((i) => i.key)).size).toBe(items.length);
    for (const item of items) for (const e of item.evidence) expect(holds(DEMO_DRAFT.transcript.text, e)).toBe(true);
  });
  it('keep their keys when the second opinion arrives', () => {
    expect(itemsOf(withSecondOpinion(DEMO_DRAFT)).map((i) => i.key)).toEqual(items.map((i) => i.key));
  });
  it('give a finding the words of the lines it touches', () => {
    const finding = ofKind(items, 'finding')[0];
    const lines = ofKind(items, 'line').filter((l) => ['22633', '63047'].includes(l.value.code));
    expect(new Set(finding?.lineKeys)).toEqual(new Set(lines.map((l) => l.key)));
    expect(finding?.evidence).toHaveLength(lines.flatMap((l) => l.evidence).length);
    expect(finding?.evidence.toSorted((a, b) => a.start - b.start)).toEqual(finding?.evidence);
  });
  it('follow a claim that orders its lines otherwise', () => {
    const draft = structuredClone(DEMO_DRAFT);
    draft.claim.lines.reverse().forEach((line, i) => (line.number = i + 1));
    const gap = ofKind(itemsOf(draft), 'finding').find((f) => f.value.kind === 'documentation_gap');
    const third = draft.claim.lines[2]?.code;
    expect(gap?.lineKeys[0]).toContain(`line:${third}`);
  });
  it('join lines and diagnoses by pointer', () => {
    const line = ofKind(items, 'line')[0];
    expect([...related(items, line?.key ?? null)]).toEqual(ofKind(items, 'diagnosis').map((d) => d.key));
    expect(related(items, null).size).toBe(0);
  });
});

it('says what the second opinion found', () => {
  expect(opinionLine(DEMO_DRAFT)).toBe('Second opinion waiting');
  expect(opinionLine(DEMO_DRAFT, 0.208)).toBe('Language model reading · 20%');
  expect(opinionLine(withSecondOpinion(DEMO_DRAFT))).toBe('Language model agrees on 5 of 6 lines');
  expect(opinionLine({ ...DEMO_DRAFT, secondOpinion: 'skipped' })).toBe('Drafted by rules alone');
});

it('steps and stops at the ends', () => {
  expect(step(['a', 'b'], null, 1)).toBe('a');
  expect(step(['a', 'b'], null, -1)).toBe('b');
  expect(step(['a', 'b'], 'b', 1)).toBe('b');
  expect(step(['a', 'b'], 'gone', 1)).toBe('a');
  expect(step([], null, 1)).toBeNull();
});

it('leaves each pane one tab stop', () => {
  const at = (focused: string | null) => ['a', 'b'].map((k) => tabStop({ active: null, focused, joined: new Set(), first: null }, ['a', 'b'], k));
  expect(at(null)).toEqual([0, -1]);
  expect(at('b')).toEqual([-1, 0]);
  expect(at('elsewhere')).toEqual([0, -1]);
});

it('puts what the form lacks after what is wrong with the codes', () => {
  const draft = structuredClone(DEMO_DRAFT);
  const [first] = draft.findings.findings;
  if (!first) throw new Error('the demo has findings');
  draft.findings.findings.unshift({ ...first, kind: 'required_field', rule: 'form.1a', codes: [], lines: [] });
  const kinds = ofKind(itemsOf(draft), 'finding').map((f) => f.value.kind);
  expect(kinds.at(-1)).toBe('required_field');
  expect(kinds[0]).toBe(first.kind);
});
