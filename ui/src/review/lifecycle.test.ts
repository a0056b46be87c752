import { expect, it } from 'vitest';
import { DEMO_DRAFT } from '../lib/backend/demo-data';
import { phraseParts, plainly, ruleEffect } from '../lib/learned';
import { difference, madeBy } from './items';
import { editable, offersFor, standsAgainst, stateWord } from './lifecycle';

it.each([
  ['draft', ['submit'], true], ['human_review', ['approve', 'reject'], true], ['approved', ['reopen'], false],
  ['rejected', ['reopen'], false], ['exported', ['correct', 'void'], false],
])('a claim that is %s can take %j', (state, steps, edits) => {
  expect(offersFor(state).map((o) => o.step)).toEqual(steps);
  expect(editable(state)).toBe(edits);
});
it('asks why only where a person must say', () => {
  expect(offersFor('human_review').map((o) => o.reason)).toEqual([false, true]);
});

it('says what stands against approval', () => {
  expect(standsAgainst(DEMO_DRAFT)).toBe('Approval waits: 63047 / 22633 blocks this claim.');
  const missing = structuredClone(DEMO_DRAFT);
  const [first] = missing.findings.findings;
  if (!first) throw new Error('the demo has findings');
  missing.findings.findings.push({ ...first, kind: 'required_field', codes: [] }, { ...first, kind: 'required_field', codes: [] });
  expect(standsAgainst(missing)).toBe('Approval waits: 63047 / 22633, and 2 items of the form to fill in block this claim.');
  missing.findings.verdict = 'warn';
  expect(standsAgainst(missing)).toBeNull();
});
it('knows a word for every state', () => {
  expect(stateWord('human_review')).toBe('In review');
  expect(stateWord('new_state')).toBe('new state');
});

it('says a phrase rule plainly', () => {
  expect(phraseParts('<side> <level> discectomy')).toEqual([
    { text: 'any side', any: true }, { text: ' ', any: false }, { text: 'any level', any: true }, { text: ' discectomy', any: false },
  ]);
  expect(plainly({ phrase: 'at <level>', was: 'A', now: 'B' })).toBe('Where the note says “at [any level]”: code B instead of A.');
  expect(ruleEffect({ was: 'A', now: 'B' })).toBe('code B instead of A');
  expect(ruleEffect({ was: 'A', now: null })).toBe('leave A off');
  expect(ruleEffect({ was: null, now: 'B' })).toBe('add B');
});

it('tells what an alternative changes, by count', () => {
  const [line] = DEMO_DRAFT.coding.lines;
  const [alternative] = DEMO_DRAFT.coding.alternatives;
  if (!line || !alternative) throw new Error('the demo has both');
  const lines = (...codes: string[]) => codes.map((code) => ({ ...line, code }));
  const draft = { ...DEMO_DRAFT, coding: { ...DEMO_DRAFT.coding, lines: lines('22633', '63052', '63052') } };
  expect(difference(draft, { ...alternative, lines: lines('22633', '63052', '63047') })).toEqual({ away: ['63052'], instead: ['63047'] });
  expect(difference(draft, { ...alternative, lines: lines('22630') })).toEqual({ away: [], instead: ['22630'] });
});

it('names what a draft was made by', () => {
  const line = madeBy(DEMO_DRAFT);
  for (const part of ['catalogue 0.1.0+1a2b3c4d', 'speech whisper-base.en', '1 phrase rule in force', 'ICD-10-CM FY2026']) expect(line).toContain(part);
  expect(line).not.toContain('language model');
  expect(madeBy({ ...DEMO_DRAFT, draftedBy: ['owner'] })).toContain('Edited by a coder');
});
