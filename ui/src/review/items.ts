// What can be focused on the review screen, in reading order, each with the words that prove it. Pure.
import type { Alternative, CodedDiagnosis, CodedLine, DraftView, Evidence, Finding, NotBilled, Query } from '../lib/backend/types';

export type Item = { key: string; evidence: readonly Evidence[]; why: string; name: string } & (
  | { kind: 'diagnosis'; value: CodedDiagnosis; letter: string }
  | { kind: 'line'; value: CodedLine; number: number }
  | { kind: 'not_billed'; value: NotBilled }
  | { kind: 'finding'; value: Finding; lineKeys: readonly string[] }
  | { kind: 'query'; value: Query }
  | { kind: 'alternative'; value: Alternative }
);
export type ItemKind = Item['kind'];
export type ItemOf<K extends ItemKind> = Extract<Item, { kind: K }>;

/** Keys by content and occurrence, so that a refreshed draft keeps the user's place. */
function keyer(): (base: string) => string {
  const seen = new Map<string, number>();
  return (base) => {
    const n = seen.get(base) ?? 0;
    seen.set(base, n + 1);
    return `${base}#${n}`;
  };
}

/** Passages in reading order, each once. */
export function union(passages: readonly Evidence[]): Evidence[] {
  const byPlace = new Map(passages.map((p) => [`${p.start}-${p.end}`, p]));
  return [...byPlace.values()].sort((a, b) => a.start - b.start || a.end - b.end);
}

/** All items of a draft. */
export function itemsOf(draft: DraftView): Item[] {
  const key = keyer();
  const { coding } = draft;
  const diagnoses: ItemOf<'diagnosis'>[] = coding.diagnoses.map((value, i) => ({
    kind: 'diagnosis', key: key(`diagnosis:${value.code}`), value, letter: String.fromCharCode(65 + i),
    evidence: value.evidence, why: value.why, name: `diagnosis ${value.code}`,
  }));
  const lines: ItemOf<'line'>[] = coding.lines.map((value, i) => ({
    kind: 'line', key: key(`line:${value.code}:${value.levels.join(',')}`), value, number: i + 1,
    evidence: value.evidence, why: value.why, name: `line ${i + 1}, ${value.code}`,
  }));
  const notBilled: ItemOf<'not_billed'>[] = coding.not_billed.map((value) => ({
    kind: 'not_billed', key: key(`not_billed:${value.code}`), value,
    evidence: value.evidence, why: value.reason, name: `not billed ${value.code}`,
  }));

  // A finding counts claim lines; the claim may already order them otherwise than the coding.
  const lineItem = (number: number): ItemOf<'line'> | undefined => {
    const code = draft.claim.lines.find((l) => l.number === number)?.code;
    const sameCode = lines.filter((l) => l.value.code === code);
    return sameCode.find((l) => l.number === number) ?? sameCode[0];
  };
  // What the form still lacks comes after what is wrong with the codes.
  // Which editions are missing is no finding to work on: it stands as a note below them.
  const ordered = draft.findings.findings.filter((f) => f.kind !== 'edition_stale' || f.severity !== 'info').toSorted((a, b) => Number(a.kind === 'required_field') - Number(b.kind === 'required_field'));
  const findings: ItemOf<'finding'>[] = ordered.map((value) => {
    const touched = value.lines.map(lineItem).filter((l) => l !== undefined);
    const omitted = touched.length > 0 ? [] : [...notBilled, ...diagnoses].filter((n) => value.codes.includes(n.value.code));
    return {
      kind: 'finding', key: key(`finding:${value.rule}:${value.codes.join(',')}`), value,
      lineKeys: [...touched, ...omitted].map((l) => l.key),
      evidence: union([...touched, ...omitted].flatMap((l) => l.evidence)),
      why: value.message, name: `${value.severity}: ${value.codes.join(', ') || value.kind}`,
    };
  });
  const queries: ItemOf<'query'>[] = coding.queries.map((value) => ({
    kind: 'query', key: key(`query:${value.question}`), value,
    evidence: value.evidence, why: value.question, name: 'query to the physician',
  }));
  const alternatives: ItemOf<'alternative'>[] = coding.alternatives.map((value) => ({
    kind: 'alternative', key: key(`alternative:${value.lines.map((l) => l.code).join('+')}`), value,
    evidence: union(value.lines.flatMap((l) => l.evidence)), why: value.why, name: 'alternative',
  }));
  return [...diagnoses, ...lines, ...notBilled, ...findings, ...queries, ...alternatives];
}

/** Items of one kind. */
export function ofKind<K extends ItemKind>(items: readonly Item[], kind: K): ItemOf<K>[] {
  return items.filter((item): item is ItemOf<K> => item.kind === kind);
}

/** Keys lit together with an item: itself, the lines a finding touches, and those a pointer joins. */
export function related(items: readonly Item[], key: string | null): ReadonlySet<string> {
  const item = items.find((i) => i.key === key);
  if (!item) return new Set();
  if (item.kind === 'finding') return new Set(item.lineKeys);
  if (item.kind === 'line') {
    const letters = item.value.pointers;
    return new Set(ofKind(items, 'diagnosis').filter((d) => letters.includes(d.letter)).map((d) => d.key));
  }
  if (item.kind === 'diagnosis') {
    return new Set(ofKind(items, 'line').filter((l) => l.value.pointers.includes(item.letter)).map((l) => l.key));
  }
  return new Set();
}

/** What the second opinion says of the draft, quietly; `reading` is its progress while it runs, 0 to 1. */
export function opinionLine(draft: DraftView, reading: number | null = null): string {
  const total = draft.coding.lines.length;
  switch (draft.secondOpinion) {
    case 'pending':
      return reading === null ? 'Second opinion waiting' : `Language model reading · ${Math.floor(reading * 100)}%`;
    case 'merged': {
      const agreed = draft.coding.lines.filter((l) => l.source === 'both').length;
      return total === 0 ? 'Language model has read it too' : `Language model agrees on ${agreed} of ${total} line${total === 1 ? '' : 's'}`;
    }
    case 'skipped':
      return 'Drafted by rules alone';
    case 'failed':
      return 'No second opinion: the language model did not finish';
  }
}

/** The key `step` places from `current` in a list; the first one when nothing is current. */
export function step<K extends string>(keys: readonly K[], current: K | null, by: 1 | -1): K | null {
  if (keys.length === 0) return null;
  const at = current === null ? -1 : keys.indexOf(current);
  if (at === -1) return keys[by === 1 ? 0 : keys.length - 1] ?? null;
  return keys[Math.min(keys.length - 1, Math.max(0, at + by))] ?? null;
}

/** With which versions, models and editions the draft was made: one line. */
export function madeBy(draft: DraftView): string {
  const by = draft.coding.made_by;
  const people = draft.draftedBy.includes('owner') ? 'Edited by a coder' : `Drafted by ${draft.draftedBy.join(', ')}`;
  if (!by) return people;
  const rules = by.phrase_rules.length;
  return [
    people,
    `program ${by.program}, catalogue ${by.catalogue}`,
    by.speech_model === 'typed' ? 'typed note' : `speech ${by.speech_model}`,
    by.language_model ? `language model ${by.language_model}${by.prompt ? `, question ${by.prompt}` : ''}` : '',
    rules > 0 ? `${rules} phrase rule${rules === 1 ? '' : 's'} in force` : '',
    ...by.editions,
  ].filter(Boolean).join(' · ');
}

/** An alternative against the lines as drafted: what it would take away and what it would add. */
export function difference(draft: DraftView, alternative: Alternative): { away: string[]; instead: string[] } {
  const counted = (codes: readonly string[]) => {
    const left = new Map<string, number>();
    for (const code of codes) left.set(code, (left.get(code) ?? 0) + 1);
    return left;
  };
  const minus = (from: readonly string[], what: readonly string[]) => {
    const left = counted(what);
    return from.filter((code) => {
      const n = left.get(code) ?? 0;
      left.set(code, n - 1);
      return n <= 0;
    });
  };
  const now = draft.coding.lines.map((l) => l.code);
  const then = alternative.lines.map((l) => l.code);
  // Some alternatives give only the lines they change; then nothing is known to go.
  const whole = then.some((code) => now.includes(code));
  return { away: whole ? minus(now, then) : [], instead: minus(then, now) };
}
