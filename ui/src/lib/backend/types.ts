// The shapes that cross between the engine and the page, by the names that screens use. They are generated from the
// commands and events themselves (`bindings.ts`); here is only what is the page's own.
import type { WorkState } from './bindings';

export type {
  Alternative, Claim, ClaimValue, CodeHit, CodedDiagnosis, CodedLine, Coding, Correction, DictationView,
  DraftView, Edit, EditionNote, Evidence, Fault, FaultKind, Finding, Findings, HealthReport, Judgement,
  KeyAction, KeyBinding, Keys, Laterality, MadeBy, MicrophoneState, Microphones, ModelView, NotBilled,
  PatchOp, Patient, PatientInput, PayerView, PhraseRuleState, Proposal, ProposalKind, Query, ReadBy, Reworded, SecondOpinion,
  Segment, ServiceLine, SessionStatus, Severity, Span, StageEvent, StageView, TextChange, Transcript, Verdict,
  Word, HealthCheck as CheckView, Hotkey as HotkeyEvent, LevelView as RecordLevelEvent,
  LiveView as LiveTextEvent, ModelShare as ModelEvent, OwnWordView as OwnWord, PhraseRuleView as PhraseRule,
  Playback as PlaybackEvent, SessionEnded as SessionEvent, Setting as PaymentSetting, Stage as StageName,
  WorkState as StageState,
} from './bindings';

/** What a dictation as a whole is; only a stage can be skipped. */
export type RunState = Exclude<WorkState, 'skipped'>;

/** What a person does with a claim; `correct` and `void` make another claim about it. */
export type Step = 'submit' | 'approve' | 'reject' | 'reopen' | 'correct' | 'void';
