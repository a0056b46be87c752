// A finding's fix, a patch of the claim, as edits of the coding: only what an edit can say without new words. Pure.
import type { DraftView, Edit, Finding, Proposal, ServiceLine } from '../lib/backend/types';
import { findWords } from '../lib/scalars';

const AT_LINE = /^\/lines\/(\d+)(?:\/(code|units|modifiers|pointers|levels)(?:\/(\d+|-))?)?$/;
type Patched = Record<'code' | 'units' | 'modifiers' | 'pointers' | 'levels', unknown>;

/** What a JSON pointer names. */
function at(root: unknown, path: string): unknown {
  return path.split('/').slice(1).reduce<unknown>(
    (value, part) => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[part] : undefined), root,
  );
}
const sameValue = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/** Takes one operation; false where it means something else than a line, or a line that is not there. */
function applied(lines: (Patched | null)[], { op, path, value }: { op: string; path: string; value?: unknown }): boolean {
  const [, index, field, place] = AT_LINE.exec(path) ?? [];
  const line = index === undefined ? undefined : lines[Number(index)];
  if (!line) return false;
  if (field === undefined) {
    // Lines behind it would move up: later operations could not be told from those on other lines.
    if (op === 'remove') lines[Number(index)] = null;
    return op === 'remove';
  }
  const key = field as keyof Patched;
  if (place === undefined) {
    if (op === 'add' || op === 'replace') line[key] = value;
    return op === 'add' || op === 'replace';
  }
  const list = line[key];
  if (!Array.isArray(list)) return false;
  const spot = place === '-' ? list.length : Number(place);
  if (op === 'add') line[key] = list.toSpliced(spot, 0, value);
  else if (op === 'replace') line[key] = list.with(spot, value);
  else if (op === 'remove') line[key] = list.toSpliced(spot, 1);
  else return false;
  return true;
}

/** The edits that a finding's fix amounts to; null where it has none that needs no words of the note. */
export function editsOfFix(draft: DraftView, finding: Pick<Finding, 'fix'>): Edit[] | null {
  if (!finding.fix) return null;
  const before = draft.claim.lines;
  const fields = ({ code, units, modifiers, pointers, levels }: ServiceLine): Patched => ({ code, units, modifiers, pointers, levels });
  const after: (Patched | null)[] = before.map(fields);
  let removed = false;
  for (const operation of finding.fix.patch) {
    // A test says what the claim must be before anything is changed.
    if (operation.op === 'test' ? !sameValue(at(draft.claim, operation.path), operation.value) : removed || !applied(after, operation)) return null;
    removed = after.includes(null);
  }
  const edits: Edit[] = [];
  for (const [i, line] of before.entries()) {
    const now = after[i];
    if (draft.coding.lines[line.number - 1]?.code !== line.code) return null;
    if (now === null) edits.push({ op: 'remove_line', line: line.number });
    else if (now) {
      const was = fields(line);
      const changed = Object.entries(now).filter(([key, value]) => !sameValue(was[key as keyof Patched], value));
      if (changed.length > 0) edits.push({ op: 'set_line', line: line.number, ...Object.fromEntries(changed) });
    }
  }
  return edits.length > 0 ? edits : null;
}

/** The edits of a proposal: those of its fix, or the line it adds with the words of the note that bear it. */
export function editsOfProposal(draft: DraftView, proposal: Proposal): Edit[] | null {
  const edits = editsOfFix(draft, proposal);
  if (edits || !proposal.fix) return edits;
  const [added, ...more] = proposal.fix.patch.filter((o) => o.op !== 'test');
  const tests = proposal.fix.patch.filter((o) => o.op === 'test');
  if (added?.op !== 'add' || added.path !== '/lines/-' || more.length > 0 || !tests.every((o) => sameValue(at(draft.claim, o.path), o.value))) return null;
  const quotes = proposal.proof.flatMap((p) => p.documented);
  const evidence = quotes.map((q) => findWords(draft.transcript.text, q)).find((span) => span !== null);
  if (!evidence) return null;
  const { code, units, modifiers, pointers, levels } = added.value as ServiceLine;
  return [{ op: 'add_line', code, units, modifiers, pointers, levels, evidence }];
}
