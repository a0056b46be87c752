// What the test double does to a draft when it is edited or takes a step: enough to look at and to test, no rules of coding.
import type { ClaimValue, CodeHit, CodedLine, DraftView, Edit, Fault, Finding, PaymentSetting, Span, Step, TextChange } from './types';
import { textAt } from '../paths';
import { ScalarText } from '../scalars';

export const conflict: Fault = {
  code: 'claim_changed', kind: 'usage',
  message: 'The claim was changed meanwhile: by now it is at revision 2.', advice: 'Look at the newest revision, then make the change again on it.',
};

const hit = (code: string, words: string, reportable = true): CodeHit => ({ code, words, reportable, needs: '' });
const PROCEDURES = [
  hit('22612', 'Posterolateral fusion, one lumbar level'), hit('22630', 'Posterior interbody fusion, one lumbar interspace'),
  hit('22633', 'Posterior interbody and posterolateral fusion, one lumbar interspace'),
  hit('63005', 'Lumbar laminectomy, one or two segments'), hit('63030', 'Lumbar discectomy, one interspace'),
  hit('63042', 'Repeat lumbar discectomy, one interspace'), hit('63047', 'Lumbar decompression for stenosis, one segment'),
];
const DIAGNOSES = [
  hit('M48.06', 'Spinal stenosis, lumbar region', false), hit('M48.061', 'Lumbar stenosis without neurogenic claudication'),
  hit('M48.062', 'Lumbar stenosis with neurogenic claudication'), hit('M43.16', 'Spondylolisthesis, lumbar region'),
  hit('M51.16', 'Disc disorder with radiculopathy, lumbar region'),
];
const find = (all: CodeHit[]) => (query: string) => {
  const typed = query.toLowerCase().split(/\s+/).filter(Boolean);
  return typed.length === 0 ? [] : all.filter((h) => typed.every((t) => `${h.code} ${h.words}`.toLowerCase().includes(t)));
};
export const CODES = { procedures: find(PROCEDURES), diagnoses: find(DIAGNOSES) };

/** The draft after edits, as a next revision; a bundling finding lasts as long as its two codes do. */
export function afterEdits(draft: DraftView, edits: readonly Edit[]): DraftView {
  const next = structuredClone(draft);
  const { coding } = next;
  const text = new ScalarText(next.transcript.text);
  const quoted = ({ start, end }: Span) => [{ start, end, quote: text.slice(start, end) }];
  for (const edit of edits) {
    if (edit.op === 'set_line') {
      const was = coding.lines[edit.line - 1];
      const side = edit.laterality === undefined ? was?.laterality ?? null : edit.laterality;
      if (was) {
        coding.lines[edit.line - 1] = {
          ...was, code: edit.code ?? was.code, units: edit.units ?? was.units, modifiers: edit.modifiers ?? was.modifiers,
          pointers: edit.pointers ?? was.pointers, levels: edit.levels ?? was.levels, laterality: side,
          source: 'coder', confidence: 1, why: 'changed by a coder',
        };
      }
    } else if (edit.op === 'remove_line') coding.lines.splice(edit.line - 1, 1);
    else if (edit.op === 'remove_diagnosis') coding.diagnoses.splice(edit.diagnosis - 1, 1);
    else if (edit.op === 'set_diagnosis') {
      const was = coding.diagnoses[edit.diagnosis - 1];
      if (was) coding.diagnoses[edit.diagnosis - 1] = { ...was, code: edit.code, source: 'coder', confidence: 1, why: 'changed by a coder' };
    } else if (edit.op === 'lead_with') coding.diagnoses.unshift(...coding.diagnoses.splice(edit.diagnosis - 1, 1));
    else {
      const added = { confidence: 1, source: 'coder' as const, why: 'added by a coder', evidence: quoted(edit.evidence) };
      if (edit.op === 'add_diagnosis') coding.diagnoses.push({ code: edit.code, ...added });
      else {
        const { code, units = 1, modifiers = [], pointers = ['A'] } = edit;
        const line: CodedLine = { code, units, modifiers, pointers, levels: [], laterality: null, ...added };
        coding.lines.push(line);
      }
    }
  }
  for (const { code, words } of PROCEDURES) next.labels[code] ??= words;
  for (const { code, words } of DIAGNOSES) next.titles[code] ??= words;
  const billed = new Set(coding.lines.map((l) => l.code));
  const marked = (f: Finding) => f.kind === 'ptp' && coding.lines.some((l) => f.codes[0] === l.code && l.modifiers.length > 0);
  const findings = next.findings.findings.filter((f) => f.codes.every((c) => billed.has(c)) && !marked(f));
  const verdict = findings.some((f) => f.severity === 'block') ? 'block' : findings.some((f) => f.severity === 'warn') ? 'warn' : 'clean';
  next.claim.diagnoses = coding.diagnoses.map((d) => d.code);
  next.claim.lines = coding.lines.map((line, i) => ({
    number: i + 1, code: line.code, modifiers: line.modifiers, pointers: line.pointers, units: line.units, charge: '2870.50',
    dos: coding.dos, pos: '21', levels: line.levels, laterality: line.laterality, documented: [],
  }));
  return { ...next, revision: draft.revision + 1, draftedBy: ['owner'], findings: { verdict, findings } };
}

/** Where an item that the demo misses is filled in. */
const FILLS: Record<string, string> = { '1a': 'patient.member_id', '24J': 'rendering_provider.npi', '25': 'billing_provider.tax_id', '33a': 'billing_provider.npi', '32a': 'facility.npi', '5': 'patient.address.line' };

/** The draft with another header; an item that was missing and is there now is no finding any more. */
export function afterHeader(draft: DraftView, header: Record<string, unknown>): DraftView {
  const { dos, lines, diagnoses, ...rest } = header;
  void [lines, diagnoses];
  const claim = { ...draft.claim, ...structuredClone(rest) } as DraftView['claim'];
  const findings = draft.findings.findings.filter((f) => {
    const item = /item (\S+)/.exec(f.source.locator)?.[1] ?? '';
    const place = FILLS[item];
    return f.kind !== 'required_field' || place === undefined || textAt(claim, place) === '';
  });
  const verdict = findings.some((f) => f.severity === 'block') ? 'block' : findings.some((f) => f.severity === 'warn') ? 'warn' : 'clean';
  const coding = typeof dos === 'string' ? { ...draft.coding, dos } : draft.coding;
  return { ...draft, claim, coding, revision: draft.revision + 1, findings: { verdict, findings } };
}

/** The draft after a step, or the engine's refusal. */
export function stepped(draft: DraftView, step: Step): DraftView {
  if (step === 'approve' && draft.findings.verdict === 'block') {
    const blocked: Fault = {
      code: 'claim_blocked', kind: 'input', message: 'The claim is blocked by its findings and cannot be approved.',
      advice: 'Resolve what is marked “block”.',
    };
    throw blocked;
  }
  const to = ({ submit: 'human_review', approve: 'approved', reject: 'rejected', reopen: 'human_review', correct: 'human_review', void: 'human_review' } as const)[step];
  return { ...draft, state: to };
}

/** A value of the draft: round prices, one proposal that adds a line and one that warns. */
export function demoValue(draft: DraftView, setting: PaymentSetting): ClaimValue {
  const factor = setting.qualifying ? 33.5675 : 33.4009;
  const source = { title: 'Medicare physician fee schedule', version: 'RVU26A', effective_from: '2026-01-01', effective_to: '2026-12-31', locator: '' };
  const lines = draft.claim.lines.map((line, i) => ({
    line: line.number, code: line.code, rvu: line.code === '20936' ? 0 : 500_000 - i * 60_000, share: i === 1 ? 500 : 1000,
    amount: line.code === '20936' ? '0.00' : ((50 - i * 6) * factor * (i === 1 ? 0.5 : 1)).toFixed(2), steps: ['national'], source,
  }));
  const total = lines.reduce((sum, l) => sum + Number(l.amount), 0).toFixed(2);
  const billed = draft.coding.lines.some((l) => l.code === '20930');
  return {
    revision: draft.revision, setting, localities: [{ number: '0110200', state: 'AL' }, { number: '1320201', state: 'NY' }],
    optimum: {
      payment: { lines, total, rvu: 1_900_000, complete: true }, order: null,
      proposals: [
        ...billed ? [] : [{
          kind: 'missed' as const, rule: 'ADDON-20930', message: 'Line 5 (22853): the cage was packed with graft; that is 20930.',
          proof: [{ line: 5, levels: ['L4-L5'], documented: ['a titanium cage packed with bone from the laminectomy was seated'] }],
          source, payment: '0.00', rvu: 0,
          fix: { description: 'Add 20930', patch: [{ op: 'add' as const, path: '/lines/-', value: { code: '20930', units: 1, modifiers: [], pointers: ['A'], levels: [] } }] },
        }],
        {
          kind: 'audit_risk' as const, rule: 'SP-01', message: '63052 beside 22633 is often asked for: the note must show work beyond the cage corridor.',
          proof: [], source, payment: null, rvu: null, fix: null,
        },
      ],
    },
  };
}

/** The draft after words of its text were written over: every offset behind them moves. */
export function afterRewording(draft: DraftView, changes: readonly TextChange[]): DraftView {
  const next = structuredClone(draft);
  for (const { start, end, was, now } of [...changes].sort((a, b) => b.start - a.start)) {
    const scalars = Array.from(next.transcript.text);
    next.transcript.text = [...scalars.slice(0, start), now, ...scalars.slice(end)].join('');
    const by = Array.from(now).length - (end - start);
    const move = (span: Span) => {
      if (span.start >= end) span.start += by;
      if (span.end >= end) span.end += by;
    };
    const words = next.transcript.segments.flatMap((s) => s.words);
    const evidence = [...next.coding.lines, ...next.coding.diagnoses, ...next.coding.not_billed, ...next.coding.queries].flatMap((i) => i.evidence);
    for (const span of [...words, ...evidence, ...next.transcript.corrections]) move(span);
    const all = Array.from(next.transcript.text);
    for (const e of evidence) e.quote = all.slice(e.start, e.end).join('');
    const kept = next.transcript.corrections.filter((c) => c.end <= start || c.start >= start + Array.from(now).length);
    const heard = next.transcript.corrections.find((c) => c.start === start)?.original;
    next.transcript.corrections = heard === now ? kept : [...kept, { start, end: start + Array.from(now).length, original: heard ?? was, rule: 'person' }];
  }
  next.transcript.revision += 1;
  next.revision += 1;
  return next;
}
