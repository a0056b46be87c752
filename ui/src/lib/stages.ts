// How stage events change the list of dictations, and what a dictation says of itself. Pure.
import type { DictationView, RunState, StageEvent, StageName, StageState, StageView } from './backend/types';

export const STAGES: readonly StageName[] = ['import', 'transcribe', 'draft', 'final_pass', 'second_opinion'];

/** A failed second hearing or reading leaves a good draft. */
const spare = (stage: StageName) => stage === 'final_pass' || stage === 'second_opinion';

const FINISHED: readonly StageState[] = ['done', 'skipped', 'failed', 'cancelled'];

/** The state of a whole dictation. A failed second opinion does not fail it: the draft stands without. */
export function stateOf(stages: readonly StageView[]): RunState {
  const needed = stages.filter((s) => !spare(s.stage));
  if (needed.some((s) => s.state === 'failed')) return 'failed';
  if (stages.some((s) => s.state === 'cancelled')) return 'cancelled';
  if (stages.some((s) => s.state === 'running')) return 'running';
  if (stages.every((s) => FINISHED.includes(s.state))) return 'done';
  return stages.some((s) => s.state === 'done') ? 'running' : 'queued';
}

/** Applies one event. A dictation or stage that is not known yet is left for the next full listing. */
export function applyStage(list: readonly DictationView[], event: StageEvent): DictationView[] {
  return list.map((dictation) => {
    if (dictation.id !== event.dictationId) return dictation;
    const { stage, state, progress, note, fault } = event;
    const known = dictation.stages.some((s) => s.stage === stage);
    const next: StageView = { stage, state, progress, note, fault };
    const stages = known
      ? dictation.stages.map((s) => (s.stage === stage ? next : s))
      : [...dictation.stages, next].sort((a, b) => STAGES.indexOf(a.stage) - STAGES.indexOf(b.stage));
    return {
      ...dictation,
      stages,
      state: stateOf(stages),
      claimId: event.claimId ?? dictation.claimId,
      fault: stages.find((s) => s.state === 'failed' && !spare(s.stage))?.fault ?? null,
    };
  });
}

/** Whether an event needs a fresh listing: the dictation is unknown, or a stage has just ended. */
export function needsListing(list: readonly DictationView[], event: StageEvent): boolean {
  return FINISHED.includes(event.state) || !list.some((d) => d.id === event.dictationId);
}

const DOING: Record<StageName, string> = {
  import: 'Sealing the recording',
  transcribe: 'Transcribing',
  draft: 'Drafting the claim',
  final_pass: 'Larger model hearing it again',
  second_opinion: 'Language model reading',
};
export const STAGE_NAME: Record<StageName, string> = {
  import: 'Import',
  transcribe: 'Transcript',
  draft: 'Draft',
  final_pass: 'Final pass',
  second_opinion: 'Second opinion',
};
export const STATE_NAME: Record<StageState, string> = {
  queued: 'waiting',
  running: 'running',
  done: 'done',
  failed: 'failed',
  cancelled: 'cancelled',
  skipped: 'skipped',
};

/** One plain line about where a dictation is. */
export function headline(dictation: DictationView): string {
  if (dictation.state === 'failed') return 'Stopped: needs you';
  if (dictation.state === 'cancelled') return dictation.claimId ? 'Draft ready, rest cancelled' : 'Cancelled';
  const running = dictation.stages.find((s) => s.state === 'running');
  if (running) {
    const share = running.progress === null ? '' : ` ${Math.floor(running.progress * 100)}%`;
    const doing = `${DOING[running.stage]}${share}`;
    return dictation.claimId ? `Draft ready · ${doing.toLowerCase()}` : doing;
  }
  if (dictation.claimId) {
    const opinion = dictation.stages.find((s) => s.stage === 'second_opinion');
    if (opinion?.state === 'queued') return 'Draft ready · second opinion waiting';
    if (opinion?.state === 'failed') return 'Draft ready, without second opinion';
    return 'Draft ready';
  }
  return dictation.state === 'done' ? 'Done' : 'Waiting';
}

/** Whether cancelling still makes sense. */
export function canCancel(dictation: DictationView): boolean {
  return dictation.state === 'queued' || dictation.state === 'running';
}

/** What the engines are doing, for the status bar. */
export function workerLine(list: readonly DictationView[]): string {
  const running = list.flatMap((d) => d.stages).filter((s) => s.state === 'running').map((s) => s.stage);
  if (running.includes('transcribe') || running.includes('final_pass')) return 'Speech engine working';
  if (running.includes('second_opinion')) return 'Language model reading';
  if (running.includes('draft')) return 'Rules engine working';
  if (running.includes('import')) return 'Sealing a recording';
  return 'Engines idle';
}
