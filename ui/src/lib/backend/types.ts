// The shapes that cross from the engine to the page: the JSON contract, and the views the window's commands return.
import type { RelatedClaim } from '../../review/related-types';

export type Laterality = 'left' | 'right' | 'bilateral';
export type ReadBy = 'rules' | 'llm' | 'both' | 'coder';
export type Severity = 'block' | 'warn' | 'info';
export type Verdict = 'clean' | 'warn' | 'block';
export type FaultKind = 'usage' | 'input' | 'locked' | 'missing' | 'cancelled' | 'internal';

/** An error for people: stable code, what happened, what to do. Never carries patient data. */
export interface Fault {
  code: string;
  kind: FaultKind;
  message: string;
  advice: string;
}

/** A half-open range of Unicode scalar values in a transcript's text. */
export interface Span {
  start: number;
  end: number;
}

export interface Evidence extends Span {
  quote: string;
}

export interface Word extends Span {
  start_ms: number;
  end_ms: number;
  text: string;
  /** Probability the recogniser gave it, 0 to 1. */
  p: number;
}

export interface Segment {
  start_ms: number;
  end_ms: number;
  text: string;
  tentative: boolean;
  flags: string[];
  words: Word[];
}

export interface Correction extends Span {
  original: string;
  rule: string;
}

/** Words to stand in place of others; `was` is exactly the words that go. */
export interface TextChange extends Span {
  was: string;
  now: string;
}

/** A claim after its text was changed, and which of the changes the dictionary could make by itself. */
export interface Reworded {
  draft: DraftView;
  forDictionary: { meant: string; heard: string }[];
}

export interface Transcript {
  text: string;
  revision: number;
  language: string;
  model: string;
  audio_ms: number;
  elapsed_ms: number;
  segments: Segment[];
  corrections: Correction[];
}

export interface CodedDiagnosis {
  code: string;
  evidence: Evidence[];
  confidence: number;
  source: ReadBy;
  why: string;
}

export interface CodedLine {
  code: string;
  units: number;
  modifiers: string[];
  pointers: string[];
  levels: string[];
  laterality: Laterality | null;
  evidence: Evidence[];
  confidence: number;
  source: ReadBy;
  why: string;
}

export interface NotBilled {
  code: string;
  reason: string;
  rule: string;
  evidence: Evidence[];
}

export interface Query {
  question: string;
  affects: string[];
  evidence: Evidence[];
  /** What goes wrong if it stays open. */
  risk?: 'compliance' | 'up_code' | 'denial' | 'sequence' | 'missed';
  /** Relative value units that hang on the answer. */
  stake?: number;
}

export interface Alternative {
  lines: CodedLine[];
  effect: { rvu: number | null };
  why: string;
  allowed_because: string;
}

export interface Coding {
  dos: string;
  payer: string;
  diagnoses: CodedDiagnosis[];
  lines: CodedLine[];
  not_billed: NotBilled[];
  queries: Query[];
  alternatives: Alternative[];
  made_by?: MadeBy;
}

/** With which versions, models and editions a coding was made. */
export interface MadeBy {
  program: string;
  reader: string;
  catalogue: string;
  prompt: string | null;
  speech_model: string;
  language_model: string | null;
  phrase_rules: string[];
  editions: string[];
}

/** One change of a coder; numbers are those of the revision seen. */
export type Edit =
  | { op: 'set_line'; line: number; code?: string; units?: number; modifiers?: string[]; pointers?: string[]; levels?: string[]; laterality?: Laterality | null }
  | { op: 'remove_line'; line: number }
  | { op: 'add_line'; code: string; units?: number; modifiers?: string[]; pointers?: string[]; levels?: string[]; laterality?: Laterality; evidence: Span }
  | { op: 'set_diagnosis'; diagnosis: number; code: string }
  | { op: 'remove_diagnosis'; diagnosis: number }
  | { op: 'add_diagnosis'; code: string; evidence: Span }
  | { op: 'lead_with'; diagnosis: number };

/** A step in a claim's life that a person takes. */
/** What a person does with a claim; `correct` and `void` make another claim about it. */
export type Step = 'submit' | 'approve' | 'reject' | 'reopen' | 'correct' | 'void';

/** A code that fits what was typed. */
export interface CodeHit {
  code: string;
  words: string;
  /** It can be reported as it stands. */
  reportable: boolean;
  /** The 7th characters it still needs, if any. */
  needs: string;
}

export type PhraseRuleState = 'offered' | 'accepted' | 'declined' | 'retired';

/** A local rule learned from corrections that recurred. */
export interface PhraseRule {
  id: string;
  state: PhraseRuleState;
  phrase: string;
  subject: 'line' | 'diagnosis';
  was: string | null;
  now: string | null;
  /** In how many dictations the correction was made. */
  seen: number;
  says: string;
}

/** A word of the physician's own dictionary. */
export interface OwnWord {
  id: string;
  /** As it is to be written. */
  meant: string;
  /** What the recogniser writes for it; none for a word that is only to be expected. */
  heard: string | null;
  addedAt: string;
}

export interface Patient {
  id: string | null;
  last: string | null;
  first: string | null;
  birth_date: string | null;
  sex: string | null;
  member_id: string | null;
  address?: Record<string, unknown> | null;
}

export interface ServiceLine {
  number: number;
  code: string;
  modifiers: string[];
  pointers: string[];
  units: number;
  charge: string | null;
  /** The fee schedule it comes from, in words; none where somebody wrote it. */
  charge_source?: string;
  dos: string | null;
  pos: string | null;
  levels: string[];
  laterality: Laterality | null;
}

export interface Claim {
  claim_id: string;
  payer: { id: string; type: string };
  patient: Patient;
  facility: { npi: string | null; pos: string | null };
  diagnoses: string[];
  lines: ServiceLine[];
  /** All other items of the form (docs/contract.md), read and written by their place. */
  [item: string]: unknown;
}

export interface Finding {
  kind: string;
  rule: string;
  severity: Severity;
  lines: number[];
  codes: string[];
  message: string;
  source: {
    title: string;
    version: string;
    effective_from: string | null;
    effective_to: string | null;
    locator: string;
  };
  fix: { description: string; patch: { op: string; path: string; value?: unknown }[] } | null;
}

export interface Findings {
  verdict: Verdict;
  findings: Finding[];
}

export interface SessionStatus {
  state: 'new' | 'locked' | 'unlocked';
  /** `people`: with a name and a password. */
  mode: 'keyring' | 'passphrase' | 'people';
  keyringAvailable: boolean;
  version: string;
}

export type StageName = 'import' | 'transcribe' | 'draft' | 'final_pass' | 'second_opinion';
export type RunState = 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
export type StageState = RunState | 'skipped';

export interface StageView {
  stage: StageName;
  state: StageState;
  /** 0 to 1, or null when the stage cannot tell. */
  progress: number | null;
  note: string | null;
  fault: Fault | null;
}

export interface DictationView {
  id: string;
  name: string;
  kind: 'audio' | 'note';
  createdAt: string;
  payer: string;
  dos: string;
  durationMs: number | null;
  /** The recording was cut off, and everything sealed until then was recovered. */
  recovered: boolean;
  /** More can be dictated at its end. */
  canContinue: boolean;
  claimId: string | null;
  claimState: string | null;
  patientLabel: string | null;
  stages: StageView[];
  state: RunState;
  fault: Fault | null;
}

export type SecondOpinion = 'pending' | 'merged' | 'skipped' | 'failed';

export interface DraftView {
  claimId: string;
  dictationId: string;
  state: string;
  revision: number;
  draftedBy: string[];
  transcript: Transcript;
  coding: Coding;
  claim: Claim;
  findings: Findings;
  judgement: Judgement;
  /** Our own short words for a procedure code. */
  labels: Record<string, string>;
  /** Short titles of ICD-10-CM codes. */
  titles: Record<string, string>;
  secondOpinion: SecondOpinion;
  audioMs: number;
  editionNote: EditionNote | null;
  /** Claims that this one is about, or that are about it. */
  related: RelatedClaim[];
  /** What the physician answered, with where the words stand in the transcript; null where the note stands as it is. */
  answers: { question: string; signer: string; at: string; evidence: Evidence | null }[];
}

/** How the findings shown stand to those kept with the revision. */
export interface Judgement {
  /** Open claims are judged by the rules of today, decided ones keep the findings they were decided on. */
  by: 'today' | 'revision';
  new: number;
  gone: number;
  verdictToday: Verdict | null;
}

/** Who is paid, and where: `locality` is the number of an imported locality, null for the national payment. */
export interface PaymentSetting {
  locality: string | null;
  qualifying: boolean;
}

export type ProposalKind = 'missed' | 'combined' | 'recode' | 'modifier' | 'overcoded' | 'audit_risk';

export interface Proposal {
  kind: ProposalKind;
  rule: string;
  message: string;
  proof: { line: number; levels: string[]; documented: string[] }[];
  source: Finding['source'];
  fix: Finding['fix'];
  /** Change of the expected payment, as decimal dollars. */
  payment: string | null;
  /** Change in ten-thousandths of a relative value unit. */
  rvu: number | null;
}

/** What a claim is worth. */
export interface ClaimValue {
  revision: number;
  setting: PaymentSetting;
  localities: { number: string; state: string }[];
  optimum: {
    payment: {
      lines: { line: number; code: string; rvu: number | null; share: number; amount: string | null; steps: string[]; source: Finding['source'] | null }[];
      total: string;
      rvu: number;
      complete: boolean;
    };
    proposals: Proposal[];
    order: number[] | null;
  };
}

/** What a reader should know about the editions a draft was judged by. */
export interface EditionNote {
  short: string;
  details: string[];
}

export interface PayerView {
  id: string;
  name: string;
}

export interface CheckView {
  name: string;
  state: 'ok' | 'warn' | 'fail';
  detail: string;
  fix: string | null;
}

/** What the doctor found; `text` is the same to send to somebody who helps, without anything of a patient or of this computer. */
export interface HealthReport {
  checks: CheckView[];
  text: string;
}

/** A model on its way, 0 to 1. */
export interface ModelEvent {
  id: string;
  share: number;
}

export interface ModelView {
  id: string;
  name: string;
  /** What it is good for, in plain words. */
  about: string;
  role: string;
  memoryMib: number;
  present: boolean;
  bytes: number;
  licence: string;
  note: string | null;
  /** Time of recognition over length of audio on this computer; null where it was not measured. */
  realTimeFactor: number | null;
  /** Taken from the next recording on. */
  used: boolean;
  /** The speech model for this computer. */
  recommended: boolean;
  /** Hears each dictation again after its draft. */
  finalPass: boolean;
}

export interface StageEvent {
  dictationId: string;
  stage: StageName;
  state: StageState;
  progress: number | null;
  note: string | null;
  fault: Fault | null;
  claimId: string | null;
}

export interface PlaybackEvent {
  dictationId: string;
  /** Where playback is, or null when it has stopped. */
  positionMs: number | null;
}

export type MicrophoneState = 'ready' | 'starting' | 'recording' | 'paused' | 'full';

export interface RecordLevelEvent {
  state: MicrophoneState;
  /** Recorded so far, without pauses. */
  elapsedMs: number;
  /** Left until the longest recording ends by itself. */
  remainingMs: number;
  /** 0 to 1. */
  rms: number;
  /** 0 to 1. */
  peak: number;
  clipped: boolean;
  silent: boolean;
  /** The device in use; null while it is lost and waited for. */
  device: string | null;
  /** Why nothing more can be sealed; what was sealed is kept. */
  trouble: Fault | null;
}

/** Text while somebody speaks. */
export interface LiveTextEvent {
  /** Number of the report, from 1: committed text is added once. */
  number: number;
  /** Settled words, added to those before. */
  committed: string;
  /** What is being said, replaced by the next report. */
  tentative: string;
  behindMs: number;
  note: string | null;
}

export interface Microphones {
  inputs: { id: string; name: string; default: boolean }[];
  /** Null follows the system's default. */
  chosen: string | null;
}

/** What a key of one's own does. */
export type KeyAction = 'toggle' | 'talk' | 'pause';

export interface KeyBinding {
  action: KeyAction;
  /** The key's place: `KeyboardEvent.code`. */
  code: string;
  ctrl: boolean;
  alt: boolean;
  shift: boolean;
  meta: boolean;
  /** In every program, not only while the window has the focus. */
  everywhere: boolean;
}

export interface Keys {
  bindings: KeyBinding[];
  /** Why keys act in the window only; null where the system gives them everywhere. */
  onlyHere: string | null;
  /** Actions whose key another program holds. */
  heldElsewhere: KeyAction[];
}

/** A key that acts in every program was pressed or let go. */
export interface HotkeyEvent {
  action: KeyAction;
  pressed: boolean;
}

export interface SessionEvent {
  state: SessionStatus['state'];
}

export interface OpenFileEvent {
  path: string;
}
