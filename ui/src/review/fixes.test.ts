import { expect, it } from 'vitest';
import { DEMO_DRAFT } from '../lib/backend/demo-data';
import type { Finding, PatchOp } from '../lib/backend/types';
import { editsOfFix } from './fixes';

const [ptp] = DEMO_DRAFT.findings.findings;
if (!ptp?.fix) throw new Error('the demo has a fix');
const edits = (...patch: PatchOp[]) =>
  editsOfFix(DEMO_DRAFT, { ...(ptp as Finding), fix: { description: 'd', patch } });
const second: PatchOp = { op: 'test', path: '/lines/1/code', value: '63047' };

it('reads a fix of a line as an edit of that line', () => {
  expect(editsOfFix(DEMO_DRAFT, ptp)).toEqual([{ op: 'set_line', line: 2, modifiers: ['XS'] }]);
  expect(edits(second, { op: 'add', path: '/lines/1/code', value: '63005' }, { op: 'add', path: '/lines/1/units', value: 2 }))
    .toEqual([{ op: 'set_line', line: 2, code: '63005', units: 2 }]);
  expect(edits(second, { op: 'add', path: '/lines/0/code', value: '22630' }, { op: 'remove', path: '/lines/1' }))
    .toEqual([{ op: 'set_line', line: 1, code: '22630' }, { op: 'remove_line', line: 2 }]);
});
it.each<[string, PatchOp[]]>([
  ['a test that does not hold', [{ op: 'test', path: '/lines/1/code', value: '63030' }, { op: 'remove', path: '/lines/1' }]],
  ['a new line, which needs words', [{ op: 'add', path: '/lines/-', value: { code: '63052' } }]],
  ['a line that is not there', [{ op: 'remove', path: '/lines/9' }]],
  ['an operation behind a removed line', [{ op: 'remove', path: '/lines/1' }, { op: 'add', path: '/lines/1/units', value: 2 }]],
  ['something else of the claim', [second, { op: 'add', path: '/diagnoses/0', value: 'M48.061' }]],
  ['a patch that changes nothing', [second]],
])('leaves %s to a person', (_what, patch) => expect(edits(...patch)).toBeNull());
it('leaves a claim alone whose lines are not those of the coding', () => {
  const draft = structuredClone(DEMO_DRAFT);
  draft.coding.lines.reverse();
  expect(editsOfFix(draft, ptp)).toBeNull();
});
