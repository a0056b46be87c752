// The one interface between the screens and the engine. Screens use nothing else; every call may reject with a `Fault`.
import type {
  ClaimValue, CodeHit, DictationView, DraftView, Edit, Fault, HealthReport, KeyBinding, Keys,
  Microphones, ModelView, OwnWord, PatientInput, PayerView, PaymentSetting,
  PhraseRule, PhraseRuleState, Reworded, SessionStatus, Step, TextChange,
} from './types';
import type { Events } from './bindings';
import type { ExchangeBackend } from '../../exchange/types';
import type { LibraryBackend } from '../../library/types';
import type { PeopleBackend } from '../../people/types';
import type { EmrBackend } from '../../emr/types';
import type { PhysicianBackend } from '../../physician/types';
import type { QueueBackend } from '../../queue/types';
import type { Insights } from '../../insights/types';
import type { Amend, Difference, NewCompanion, RevisionView } from '../../review/related-types';
import type { Fees, Fields, ImportedEdition, Member, NewFeeSchedule, PayerRule, SavedRule, Sheet, Shelf, TableView, Trial } from './rule-types';
import type { MasterDouble, MasterKind, MasterRecord, SavedMaster } from './master-types';

/** What every new dictation carries besides its words. */
export interface DictationHeader {
  payer: string;
  /** Date of service, `YYYY-MM-DD`. */
  dos: string;
  patient: PatientInput | null;
}

/** Events by name, with what they carry; `damaged`: the records are not whole, found when they were looked through after the unlock. */
export type BackendEvents = Events;

/** A file drag over the window: hovering, gone, or dropped with paths. */
export type FileDrag = { kind: 'over' } | { kind: 'leave' } | { kind: 'drop'; paths: string[] };

export type Unlisten = () => void;

export interface Backend {
  /** People, safety settings, audit and backups. */
  readonly people: PeopleBackend;
  /** Claims as work: pages, views, comments, many at once. */
  readonly queue: QueueBackend;
  /** Notes, queries, the cases of a day, what is being typed. */
  readonly physician: PhysicianBackend;
  /** Claims out, answers in, denials. */
  readonly exchange: ExchangeBackend;
  /** The payers' own policies. */
  readonly library: LibraryBackend;
  /** Record systems: patients looked up, approved claims written there. */
  readonly emr: EmrBackend;
  sessionStatus(): Promise<SessionStatus>;
  /** Unlocks, or makes the vault on first use. `null` uses the system keyring. */
  unlock(passphrase: string | null): Promise<SessionStatus>;
  lock(): Promise<void>;

  dictationsList(): Promise<DictationView[]>;
  dictationImport(path: string, header: DictationHeader): Promise<{ id: string }>;
  dictationAddNote(text: string, header: DictationHeader): Promise<{ id: string }>;
  dictationCancel(id: string): Promise<void>;
  dictationRetry(id: string): Promise<void>;
  draftGet(claimId: string): Promise<DraftView>;

  /** Makes the edits as the next revision, all or none; `revision` is the one seen. */
  claimCorrect(claimId: string, revision: number, edits: Edit[]): Promise<DraftView>;
  /** Writes over words of the transcript: the claim is read again, or a coder's codes follow the words. */
  claimReword(claimId: string, revision: number, changes: TextChange[]): Promise<Reworded>;
  /** Reads the transcript again by the rules. */
  claimReread(claimId: string, revision: number): Promise<DraftView>;
  /** Makes an older revision's coding the newest again. */
  claimRestore(claimId: string, revision: number, to: number): Promise<DraftView>;
  claimDecide(claimId: string, revision: number, step: Exclude<Step, Amend>, reason: string | null): Promise<DraftView>;
  /** How claims fared from a day to another. */
  insights(from: string, to: string): Promise<Insights>;
  /** The claim that replaces or voids one that was sent, in review. */
  claimAmend(claimId: string, revision: number, how: Amend, reason: string): Promise<DraftView>;
  /** The claim of whoever assisted or shared the operation. */
  claimCompanion(claimId: string, revision: number, asked: NewCompanion): Promise<DraftView>;
  claimRevisions(claimId: string): Promise<RevisionView[]>;
  /** From a revision, of an older claim where one is given, to another; the newest where none is said. */
  claimDifference(claimId: string, older: string | null, from: number | null, to: number | null): Promise<Difference>;
  /** Makes a header (the claim beside its codes) the claim's, as the next revision; `dos` moves its date of service. */
  claimHeader(claimId: string, revision: number, header: Record<string, unknown>): Promise<DraftView>;
  /** What the newest revision is worth; a setting given is remembered. */
  claimValue(claimId: string, setting: PaymentSetting | null): Promise<ClaimValue>;
  /** Codes that fit what was typed, best first; diagnoses in the edition of the date of service. */
  procedureSearch(query: string): Promise<CodeHit[]>;
  diagnosisSearch(query: string, dos: string): Promise<CodeHit[]>;

  phraseRules(): Promise<PhraseRule[]>;
  phraseRuleDecide(id: string, to: PhraseRuleState): Promise<PhraseRule>;

  /** The physician's own words, the newest first. */
  dictionary(): Promise<OwnWord[]>;
  /** Acts on what is recognised from now on. */
  dictionaryAdd(meant: string, heard: string | null): Promise<OwnWord>;
  dictionaryRemove(id: string): Promise<OwnWord>;

  /** Loudness of `buckets` equal stretches, 0 to 1. */
  audioPeaks(dictationId: string, buckets: number): Promise<number[]>;
  /** Plays a span at a speed in percent (75 to 200), at the pitch it was spoken. */
  audioPlay(dictationId: string, startMs: number, endMs: number, speedPercent: number): Promise<void>;
  audioStop(): Promise<void>;

  /** The official tables, each with its imported editions. */
  rulesShelf(): Promise<Shelf>;
  /** Native dialog for the files of a table; none when it is closed without a choice. */
  pickTables(): Promise<string[]>;
  /** Imports the files of one table, whole or not at all; `rule_import` events tell how far it is. */
  rulesImport(table: TableView['table'], files: string[], edition: string | null, acceptFewerRows: boolean): Promise<ImportedEdition[]>;
  rulesImportCancel(): Promise<void>;

  /** What the clinic charges. */
  fees(): Promise<Fees>;
  /** Native dialog for a fee schedule; none when it is closed without a choice. */
  pickFees(): Promise<string | null>;
  feesImport(path: string, schedule: NewFeeSchedule): Promise<Fees>;
  /** Tenths of a percent of Medicare's fee: as a schedule, or without one as the default. */
  feesPercent(percent: number, schedule: NewFeeSchedule | null): Promise<Fees>;
  feesRetire(id: string): Promise<Fees>;

  payerRules(): Promise<PayerRule[]>;
  /** What the form of a rule asks for. */
  payerRuleMembers(): Promise<Member[]>;
  payerRuleBlank(): Promise<Sheet>;
  /** A rule from its text; and from its form, with the text that stood before. */
  payerRuleSheet(text: string): Promise<Sheet>;
  payerRuleSheetOf(text: string, fields: Fields): Promise<Sheet>;
  /** Tries a rule on every stored claim. */
  payerRuleTry(text: string): Promise<Trial>;
  /** Saves as draft. */
  payerRuleSave(text: string): Promise<SavedRule[]>;
  /** Confirms the draft that was read; `revision` is the one seen. */
  payerRuleConfirm(id: string, revision: number): Promise<PayerRule>;
  payerRuleRetire(id: string): Promise<PayerRule>;
  payerRuleUndo(id: string): Promise<PayerRule>;

  /** Records of a kind, the default first; with a query those with words that begin so. */
  masterList(kind: MasterKind, query: string, all: boolean): Promise<MasterRecord[]>;
  /** Keeps a new record, or the next version of the one seen. */
  masterSave(kind: MasterKind, id: string | null, version: number | null, data: Record<string, unknown>): Promise<SavedMaster>;
  masterDoubles(kind: MasterKind): Promise<MasterDouble[]>;
  /** Merges the first into the second. */
  masterMerge(away: string, into: string): Promise<SavedMaster>;
  masterDefault(id: string): Promise<MasterRecord>;
  masterRetire(id: string, retired: boolean): Promise<MasterRecord>;

  payersList(): Promise<PayerView[]>;
  doctor(): Promise<HealthReport>;
  modelsList(): Promise<ModelView[]>;
  /** Measures the speech models that were not measured yet; refused while a recording runs. */
  modelsMeasure(): Promise<ModelView[]>;
  /** Takes a model for its role; refused while somebody dictates or a dictation is being recognised. */
  modelsUse(id: string): Promise<ModelView[]>;
  /** Fetches a model, going on where an earlier fetch stopped; `model` events tell how far it is. */
  modelsFetch(id: string): Promise<ModelView[]>;
  /** Takes every model that a file or folder holds. */
  modelsImport(from: string): Promise<ModelView[]>;
  modelsRemove(id: string): Promise<ModelView[]>;
  /** Stops what is fetched or copied. */
  modelsStop(): Promise<void>;
  /** Native dialog for a model's file; `null` when it is closed without a choice. */
  pickModel(): Promise<string | null>;
  /** Takes a speech model for the final pass; null for none. */
  modelsFinalPass(id: string | null): Promise<ModelView[]>;

  /** Native dialog for a WAV file; `null` when it is closed without a choice. */
  pickWav(): Promise<string | null>;
  /** The file the program was started with, if any. */
  openedFile(): Promise<string | null>;

  microphones(): Promise<Microphones>;
  microphoneChoose(id: string | null): Promise<void>;
  /** Opens the microphone, so that the second before the button is kept, or closes it; resolves to its name. */
  microphoneReady(ready: boolean): Promise<string | null>;
  /** The header is sealed with the recording from its first second, so that a crash loses neither. */
  recordStart(header: DictationHeader): Promise<{ recordingId: string; deviceName: string }>;
  /** Goes on with a dictation that was recorded before. */
  recordContinue(dictationId: string): Promise<{ recordingId: string; deviceName: string }>;
  recordPause(paused: boolean): Promise<void>;
  /** The dictation; null where the window was locked, so that the next unlock sends it on its way. */
  recordStop(): Promise<{ id: string } | null>;
  recordDiscard(): Promise<void>;
  /** Ends what was spoken into a field: all of its words, once they are understood; nothing of the sound stays. */
  recordWords(): Promise<string>;

  keysBound(): Promise<Keys>;
  /** Binds these keys and no others, or none of them. */
  keysBind(bindings: KeyBinding[]): Promise<Keys>;

  on<E extends keyof BackendEvents>(event: E, handler: (payload: BackendEvents[E]) => void): Promise<Unlisten>;
  onFileDrag(handler: (drag: FileDrag) => void): Promise<Unlisten>;
}

/** Any rejection as a fault a person can read. */
export function asFault(reason: unknown): Fault {
  if (typeof reason === 'object' && reason !== null && 'code' in reason && 'message' in reason) {
    const { code, message, kind, advice } = reason as Partial<Fault>;
    return { code: String(code), kind: kind ?? 'internal', message: String(message), advice: advice ?? '' };
  }
  return {
    code: 'window_call_failed',
    kind: 'internal',
    message: 'The window could not reach its engine.',
    advice: 'Nothing was lost. Try again; if it stays so, close the window and open it again.',
  };
}
