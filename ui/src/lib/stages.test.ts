import { describe, expect, it } from 'vitest';
import { demoDictations } from './backend/demo-data';
import type { StageEvent, StageState, StageView } from './backend/types';
import { applyStage, canCancel, headline, needsListing, stateOf, workerLine } from './stages';

const list = demoDictations(new Date(2026, 2, 3));
const event = (more: Partial<StageEvent>): StageEvent => ({
  dictationId: 'demo-2', stage: 'transcribe', state: 'running', progress: 0.5, note: null, fault: null, claimId: null, ...more,
});
const of = (id: string, dictations = list) => {
  const found = dictations.find((d) => d.id === id);
  if (!found) throw new Error(id);
  return found;
};
const stages = (...states: StageState[]): StageView[] =>
  (['import', 'transcribe', 'draft', 'second_opinion'] as const).map((stage, i) => ({
    stage, state: states[i] ?? 'queued', progress: null, note: null, fault: null,
  }));

describe('the state of a dictation', () => {
  it.each<[StageState[], string]>([
    [['queued', 'queued', 'queued', 'queued'], 'queued'],
    [['done', 'queued', 'queued', 'queued'], 'running'],
    [['done', 'running', 'queued', 'queued'], 'running'],
    [['done', 'skipped', 'done', 'skipped'], 'done'],
    [['done', 'failed', 'queued', 'queued'], 'failed'],
    [['done', 'done', 'done', 'failed'], 'done'],
    [['done', 'done', 'done', 'cancelled'], 'cancelled'],
  ])('%j is %s', (states, whole) => expect(stateOf(stages(...states))).toBe(whole));
});

describe('stage events', () => {
  it('moves only the dictation it names, without changing the list in place', () => {
    const next = applyStage(list, event({ progress: 0.75 }));
    expect(headline(of('demo-2', next))).toBe('Transcribing 75%');
    expect(headline(of('demo-2'))).toBe('Transcribing 42%');
    expect(next.filter((d, i) => d !== list[i]).map((d) => d.id)).toEqual(['demo-2']);
  });
  it('carries the claim and the fault', () => {
    const fault = { code: 'model_missing', kind: 'missing' as const, message: 'm', advice: 'a' };
    expect(of('demo-2', applyStage(list, event({ state: 'failed', fault }))).fault).toEqual(fault);
    const drafted = applyStage(list, event({ stage: 'draft', state: 'done', claimId: 'c9' }));
    expect(of('demo-2', drafted).claimId).toBe('c9');
    const opinion = applyStage(list, event({ dictationId: 'demo-1', stage: 'second_opinion', state: 'failed', fault }));
    expect(of('demo-1', opinion).state).toBe('done');
    expect(headline(of('demo-1', opinion))).toBe('Draft ready, without second opinion');
  });
  it('asks for a listing when it cannot know', () => {
    expect(needsListing(list, event({}))).toBe(false);
    expect(needsListing(list, event({ state: 'done' }))).toBe(true);
    expect(needsListing(list, event({ dictationId: 'elsewhere' }))).toBe(true);
  });
});

it('says plainly what runs and what can be stopped', () => {
  expect(headline(of('demo-1'))).toBe('Draft ready · language model reading 20%');
  expect(list.map(canCancel)).toEqual([true, true, false, false, false]);
  expect(workerLine(list)).toBe('Speech engine working');
  expect(workerLine([])).toBe('Engines idle');
});
