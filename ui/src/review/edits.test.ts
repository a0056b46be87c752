import { describe, expect, it } from 'vitest';
import { DEMO_DRAFT } from '../lib/backend/demo-data';
import { findWords } from '../lib/scalars';
import { chargeOf, diagnosisCode, editOf, factsOf, formOf, levelsOf, passageOf, problemsOf, procedureCode, saysEdit, type Form, type Target } from './edits';

const { text } = DEMO_DRAFT.transcript;
const line = DEMO_DRAFT.coding.lines[1];
if (!line) throw new Error('the demo has lines');
const at: Target = { kind: 'line', key: 'k', number: 2, name: 'line 2' };
const form = (more: Partial<Form>): Form => ({ ...formOf(line), ...more });
const wrong = (target: Target, more: Partial<Form>, diagnoses = 2) => Object.keys(problemsOf(target, form(more), diagnoses, text));

it.each([['63047', '63047'], [' c1889 ', 'C1889'], ['0275t', '0275T'], ['6304', null], ['63-47', null], ['ABCDE', null]])(
  'reads the procedure code %s as %s', (typed, code) => expect(procedureCode(typed)).toBe(code),
);
it.each([['M48.062', 'M48.062'], ['m48062', 'M48.062'], ['i10', 'I10'], ['S22.080A', 'S22.080A'], ['48.06', null], ['M48.0622222', null]])(
  'reads the diagnosis code %s as %s', (typed, code) => expect(diagnosisCode(typed)).toBe(code),
);

it.each([['L4-5', ['L4-L5']], ['l4/l5, t12', ['L4-L5', 'T12']], ['L5-S1 si', ['L5-S1', 'SI']], ['', []], ['L4-', null], ['lumbar', null]])(
  'reads the levels %s as %j', (typed, levels) => expect(levelsOf(typed)).toEqual(levels),
);
it.each([['$8,200', '8200.00'], ['12.5', '12.50'], ['', ''], ['-1', null], ['1.234', null], ['much', null]])(
  'reads the charge %s as %s', (typed, charge) => expect(chargeOf(typed)).toBe(charge),
);

describe('a form', () => {
  it('changes levels and side with the code as it is, and tells charge and emergency apart from them', () => {
    const edit = editOf(at, form({ levels: 'L3-4 L4-5', side: 'left' }), { ...line, levels: ['L4-L5'], laterality: null }, text);
    expect(edit).toEqual({ op: 'set_line', line: 2, levels: ['L3-L4', 'L4-L5'], laterality: 'left' });
    expect(wrong(at, { levels: 'L4-5 L4-L5' })).toEqual(['levels']);
    expect(wrong(at, { charge: 'much' })).toEqual(['charge']);
    expect(factsOf(form({ charge: '100' }), { charge: '100.00' })).toBeNull();
    expect(factsOf(form({ charge: '' }), { charge: '100.00' })).toBeNull();
    expect(factsOf(form({ charge: '90', emergency: 'yes' }), { charge: '100.00' })).toEqual({ charge: '90.00', emergency: true });
    expect(factsOf(form({ emergency: '' }), { emergency: true })).toEqual({ emergency: false });
  });
  it('of a line as it stands is right and changes nothing', () => {
    expect(problemsOf(at, form({}), 2, text)).toEqual({});
    expect(editOf(at, form({}), line, text)).toBeNull();
    expect(editOf(at, form({ code: ' 63047 ', pointers: 'a' }), line, text)).toBeNull();
  });
  it('names the field that is wrong', () => {
    expect(wrong(at, { code: 'lumbar' })).toEqual(['code']);
    for (const units of ['0', '1.5', '', 'two', '1000']) expect(wrong(at, { units })).toEqual(['units']);
    for (const modifiers of ['5', '59 59', '59 LT RT XS 51', '599']) expect(wrong(at, { modifiers })).toEqual(['modifiers']);
    for (const pointers of ['C', 'A A', '', '1']) expect(wrong(at, { pointers })).toEqual(['pointers']);
    expect(wrong(at, { pointers: 'A' }, 0)).toEqual(['pointers']);
  });
  it('takes pointers and modifiers however they are separated', () => {
    expect(editOf(at, form({ pointers: 'ba', modifiers: 'xs,lt' }), line, text)).toEqual({
      op: 'set_line', line: 2, modifiers: ['XS', 'LT'], pointers: ['B', 'A'],
    });
  });
  it('gives only what was changed', () => {
    expect(editOf(at, form({ code: '63005', units: '2' }), line, text)).toEqual({ op: 'set_line', line: 2, code: '63005', units: 2 });
  });
  it('adds nothing without words of the transcript', () => {
    const add: Target = { kind: 'add_line', span: null };
    expect(wrong(add, { code: '20930' })).toEqual(['words']);
    expect(wrong(add, { code: '20930', words: 'no such words' })).toEqual(['words']);
    const typed = form({ code: '20930', words: 'drain LEFT  deep' });
    const found = passageOf(add, typed, text);
    expect(Array.from(text).slice(found?.start, found?.end).join('')).toBe('Drain left deep');
    expect(editOf(add, typed, null, text)).toMatchObject({ op: 'add_line', code: '20930', evidence: found });
    expect(editOf({ kind: 'add_diagnosis', span: null }, form({ code: 'm4316', words: 'Same' }), null, text)).toMatchObject({ op: 'add_diagnosis', code: 'M43.16' });
  });
});

describe('words in a text', () => {
  it('are counted in scalars and stand nearest to where they were selected', () => {
    const said = 'At 𝐋4 a screw. At 𝐋5 a screw.';
    expect(findWords(said, 'a screw')).toEqual({ start: 6, end: 13 });
    expect(findWords(said, 'A  SCREW', 20)).toEqual({ start: 21, end: 28 });
  });
  it('are whole words, and nothing is a pattern', () => {
    expect(findWords('laminectomy', 'lamin')).toBeNull();
    expect(findWords('L4-5 (left).', '(left)')).toEqual({ start: 5, end: 11 });
    expect(findWords('abc', '.')).toBeNull();
    expect(findWords('abc', '  ')).toBeNull();
  });
});

it('says an edit in a few words', () => {
  expect(saysEdit({ op: 'set_line', line: 2, code: '63005' })).toBe('line 2 is now 63005');
  expect(saysEdit({ op: 'lead_with', diagnosis: 2 })).toBe('diagnosis B is first-listed now');
  expect(saysEdit({ op: 'remove_diagnosis', diagnosis: 1 })).toBe('diagnosis A removed');
});
