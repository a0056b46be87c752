// A test double of the engine with a fictitious dictation: for Vitest and a plain browser, never in the product.
import type { Backend, BackendEvents, DictationHeader, FileDrag } from './backend';
import { DEMO_AUDIO_MS, DEMO_DRAFT, DEMO_RULES, demoDictations, withSecondOpinion } from './demo-data';
import { CODES, afterEdits, afterHeader, afterRewording, conflict, demoValue, stepped } from './demo-review';
import { demoMasters, savedIn, searched } from './demo-master';
import type { MasterKind, MasterRecord } from './master-types';
import { DEMO_MEMBERS, DEMO_SHELF, DEMO_TRIAL, demoEdition, demoRule, demoRules, demoSheet, demoSheetOf } from './demo-rules';
import type { Fees, FeeSchedule, Fields, NewFeeSchedule, PayerRule, TableView } from './rule-types';
import { DemoExchange } from '../../exchange/demo';
import { DemoLibrary } from '../../library/demo';
import { DemoPeople } from '../../people/demo';
import { DemoEmr } from '../../emr/demo';
import { DemoPhysician } from '../../physician/demo';
import { DemoQueue } from '../../queue/demo';
import { demoInsights } from '../../insights/demo';
import { amended, demoDifference } from '../../review/demo-related';
import type { Amend, NewCompanion } from '../../review/related-types';
import { applyStage } from '../stages';
import type {
  DictationView, DraftView, Edit, Fault, KeyBinding, Keys, MicrophoneState, OwnWord, PaymentSetting, PhraseRule,
  PhraseRuleState, SessionStatus, StageEvent, Step, TextChange, ModelView,
} from './types';

/** Found in a bundle, this says that the double went where it must not (checked after the build). */
export const MARK = 'IAMBILLY_TEST_DOUBLE';

export interface DemoOptions {
  state?: SessionStatus['state'];
  mode?: SessionStatus['mode'];
  empty?: boolean;
  /** Milliseconds between the steps of a fake stage; 0 leaves everything as it is. */
  pace?: number;
  openedFile?: string | null;
  now?: () => Date;
}

const wrong: Fault = {
  code: 'passphrase_wrong', kind: 'locked',
  message: 'That passphrase does not open this vault.', advice: 'Check Caps Lock and the keyboard layout, then try again.',
};

export class DemoBackend implements Backend {
  readonly mark = MARK;
  readonly queue: DemoQueue;
  readonly physician: DemoPhysician;
  readonly emr: DemoEmr;
  readonly people = new DemoPeople(() => this.status, () => (this.status = { ...this.status, state: 'unlocked' }));
  readonly exchange = new DemoExchange();
  readonly library = new DemoLibrary();
  status: SessionStatus;
  list: DictationView[];
  draft: DraftView = DEMO_DRAFT;
  rules: PhraseRule[];
  words: OwnWord[];
  payer: PayerRule[];
  masters: MasterRecord[];
  paid: PaymentSetting = { locality: null, qualifying: false };
  /** What the next import comes to. */
  refusal: Fault | null = null;
  /** What is understood of an answer that is spoken, to its end. */
  spokenWords = 'Both L5 roots were freed to the foramen.';
  feesNow: Fees = { schedules: [], defaultPercent: 2000 };
  /** Every revision there was. */
  readonly #kept = new Map<number, DraftView>();
  readonly calls: [string, ...unknown[]][] = [];
  readonly passphrase = 'fern ladder copper moss';
  readonly #options: DemoOptions;
  readonly #handlers: { [E in keyof BackendEvents]?: Set<(payload: BackendEvents[E]) => void> } = {};
  #drag: ((drag: FileDrag) => void) | null = null;
  #playing: ReturnType<typeof setInterval> | null = null;
  #continued: string | null = null;
  #keys: Keys = { bindings: [], onlyHere: null, heldElsewhere: [] };
  #microphone: ReturnType<typeof setInterval> | null = null;
  #state: MicrophoneState = 'ready';
  #elapsedMs = 0;
  #chosen: string | null = null;
  readonly #away = new Set(['whisper-large-v3-turbo']);
  #measured = false;
  #used = 'whisper-base.en';
  #final: string | null = null;
  #next = 100;
  #header: DictationHeader = { payer: 'medicare', dos: '2026-03-03', patient: null };

  constructor(options: DemoOptions = {}) {
    this.#options = options;
    this.status = {
      state: options.state ?? 'locked', mode: options.mode ?? 'passphrase',
      keyringAvailable: options.mode === 'keyring', version: '0.1.0',
    };
    this.queue = new DemoQueue(options.empty ? 0 : 2000);
    this.emr = new DemoEmr(!options.empty);
    this.payer = options.empty ? [] : demoRules();
    this.masters = options.empty ? [] : demoMasters();
    this.words = options.empty ? [] : [{ id: 'word-1', meant: 'Globus Creo', heard: 'globe us creole', addedAt: '2026-03-01T09:00:00Z' }, { id: 'word-2', meant: 'Nurolon', heard: null, addedAt: '2026-02-01T09:00:00Z' }];
    this.rules = options.empty ? [] : structuredClone(DEMO_RULES);
    this.physician = new DemoPhysician(this);
    this.list = options.empty ? [] : demoDictations(options.now?.() ?? new Date());
  }

  emit<E extends keyof BackendEvents>(event: E, payload: BackendEvents[E]): void {
    this.#handlers[event]?.forEach((handler) => handler(payload));
  }
  drag(event: FileDrag): void {
    this.#drag?.(event);
  }
  /** Applies and sends a stage event, as the engine would. */
  stage(event: Partial<StageEvent> & Pick<StageEvent, 'dictationId' | 'stage' | 'state'>): void {
    const whole: StageEvent = { progress: null, note: null, fault: null, claimId: null, ...event };
    this.list = applyStage(this.list, whole);
    if (whole.stage === 'second_opinion' && whole.state === 'done') this.draft = withSecondOpinion(DEMO_DRAFT);
    this.emit('stage', whole);
  }

  async sessionStatus() {
    return this.status;
  }
  async unlock(passphrase: string | null) {
    this.calls.push(['unlock']);
    const first = this.status.state === 'new';
    if (!first && this.status.mode === 'passphrase' && passphrase !== this.passphrase) throw wrong;
    this.status = { ...this.status, state: 'unlocked' };
    return this.status;
  }
  async lock() {
    this.status = { ...this.status, state: 'locked' };
    this.emit('session', { state: 'locked' });
  }
  async dictationsList() {
    return this.list;
  }
  async dictationImport(path: string, header: DictationHeader) {
    this.calls.push(['dictation_import', path, header]);
    return this.#add('audio', path.split('/').at(-1) ?? path, header);
  }
  async dictationAddNote(text: string, header: DictationHeader) {
    this.calls.push(['dictation_add_note', text, header]);
    return this.#add('note', 'Typed note', header);
  }
  async dictationCancel(id: string) {
    this.calls.push(['dictation_cancel', id]);
    for (const { stage, state } of this.list.find((d) => d.id === id)?.stages ?? []) {
      if (state === 'running' || state === 'queued') this.stage({ dictationId: id, stage, state: 'cancelled' });
    }
  }
  async dictationRetry(id: string) {
    this.calls.push(['dictation_retry', id]);
    this.#run(id);
  }
  async draftGet(claimId: string) {
    return { ...this.draft, claimId };
  }
  async claimCorrect(_claimId: string, revision: number, edits: Edit[]) {
    this.calls.push(['claim_correct', revision, edits]);
    if (revision !== this.draft.revision) throw conflict;
    this.#kept.set(revision, this.draft);
    this.draft = afterEdits(this.draft, edits);
    const change = edits.find((e) => e.op === 'set_line' && e.code);
    if (change?.op === 'set_line' && change.code) {
      const was = this.#kept.get(revision)?.coding.lines[change.line - 1];
      this.rules = [...this.rules, {
        id: `rule-${this.rules.length + 1}`, state: 'offered', subject: 'line', was: was?.code ?? null, now: change.code, seen: 3,
        phrase: 'laminectomy with foraminotomies at <level>',
        says: `Where “laminectomy with foraminotomies at <level>” supports ${was?.code}, code ${change.code} instead.`,
      }];
    }
    return this.draft;
  }
  async claimReword(_claimId: string, revision: number, changes: TextChange[]) {
    this.calls.push(['claim_reword', revision, changes]);
    if (this.refusal) throw this.refusal;
    if (revision !== this.draft.revision) throw conflict;
    this.#kept.set(revision, this.draft);
    this.draft = afterRewording(this.draft, changes);
    return { draft: this.draft, forDictionary: changes.map(({ was, now }) => ({ meant: now, heard: was })) };
  }
  async claimReread(_claimId: string, revision: number) {
    this.calls.push(['claim_reread', revision]);
    this.#kept.set(revision, this.draft);
    this.draft = { ...this.draft, revision: revision + 1, draftedBy: ['rules'] };
    return this.draft;
  }
  async claimRestore(_claimId: string, revision: number, to: number) {
    this.calls.push(['claim_restore', revision, to]);
    const older = this.#kept.get(to);
    if (revision !== this.draft.revision || !older) throw conflict;
    this.#kept.set(revision, this.draft);
    this.draft = { ...older, state: this.draft.state, revision: revision + 1 };
    return this.draft;
  }
  async claimDecide(_claimId: string, revision: number, step: Step, reason: string | null) {
    this.calls.push(['claim_decide', revision, step, reason]);
    this.draft = stepped(this.draft, step);
    this.draft = { ...this.draft, decided: { to: this.draft.state, by: 'owner', at: new Date().toISOString(), reason } };
    return this.draft;
  }
  async insights(from: string, to: string) {
    this.calls.push(['insights', from, to]);
    return demoInsights(from, to, this.#options.empty ?? false);
  }
  async claimAmend(claimId: string, revision: number, how: Amend, reason: string) {
    this.calls.push(['claim_amend', revision, how, reason]);
    this.draft = amended(this.draft, claimId, how === 'correct' ? 'replacement' : 'void');
    return this.draft;
  }
  async claimCompanion(claimId: string, revision: number, asked: NewCompanion) {
    this.calls.push(['claim_companion', revision, asked]);
    if (this.refusal) throw this.refusal;
    this.draft = amended(this.draft, claimId, 'companion');
    return this.draft;
  }
  async claimRevisions() {
    return [1, 2, 3].map((number) => ({ number, draftedBy: number === 1 ? 'rules' : 'owner', at: `2026-03-0${number}T10:00:00Z` }));
  }
  async claimDifference(_claimId: string, older: string | null, from: number | null, to: number | null) {
    this.calls.push(['claim_difference', older, from, to]);
    return demoDifference(this.draft, from ?? 1, to ?? 3);
  }
  async claimHeader(_claimId: string, revision: number, header: Record<string, unknown>) {
    this.calls.push(['claim_header', revision, header]);
    if (revision !== this.draft.revision) throw conflict;
    this.#kept.set(revision, this.draft);
    this.draft = afterHeader(this.draft, header);
    return this.draft;
  }
  async masterList(kind: MasterKind, query: string) {
    return searched(this.masters, kind, query);
  }
  async masterSave(kind: MasterKind, id: string | null, version: number | null, data: Record<string, unknown>) {
    this.calls.push(['master_save', kind, id, version, data]);
    if (this.refusal) throw this.refusal;
    const [all, saved] = savedIn(this.masters, kind, id, data);
    this.masters = all;
    return saved;
  }
  async masterDoubles(kind: MasterKind) {
    const all = this.masters.filter((r) => r.kind === kind && r.state === 'current');
    return all.flatMap((one, i) => all.slice(i + 1).filter((other) => other.label === one.label).map((other) => ({ one, other, shared: 'name' })));
  }
  async masterMerge(away: string, into: string) {
    this.calls.push(['master_merge', away, into]);
    this.masters = this.masters.map((r) => (r.id === away ? { ...r, state: 'merged' as const, mergedInto: into, default: false } : r));
    const record = this.masters.find((r) => r.id === into);
    if (!record) throw conflict;
    return { record, doubles: [] };
  }
  async masterDefault(id: string) {
    this.calls.push(['master_default', id]);
    const kind = this.masters.find((r) => r.id === id)?.kind;
    this.masters = this.masters.map((r) => (r.kind === kind ? { ...r, default: r.id === id } : r));
    return this.#master(id);
  }
  async masterRetire(id: string, retired: boolean) {
    this.calls.push(['master_retire', id, retired]);
    this.masters = this.masters.map((r) => (r.id === id ? { ...r, state: retired ? ('retired' as const) : ('current' as const), default: false } : r));
    return this.#master(id);
  }
  #master(id: string): MasterRecord {
    const record = this.masters.find((r) => r.id === id);
    if (!record) throw conflict;
    return record;
  }
  async claimValue(claimId: string, setting: PaymentSetting | null) {
    this.calls.push(['claim_value', claimId, setting]);
    this.paid = setting ?? this.paid;
    return demoValue(this.draft, this.paid);
  }
  async procedureSearch(query: string) {
    return CODES.procedures(query);
  }
  async diagnosisSearch(query: string) {
    return CODES.diagnoses(query);
  }
  async phraseRules() {
    return this.rules;
  }
  async phraseRuleDecide(id: string, to: PhraseRuleState) {
    this.calls.push(['phrase_rule_decide', id, to]);
    this.rules = this.rules.map((r) => (r.id === id ? { ...r, state: to } : r));
    const found = this.rules.find((r) => r.id === id);
    if (!found) throw conflict;
    return found;
  }
  async dictionary() {
    return this.words;
  }
  async dictionaryAdd(meant: string, heard: string | null) {
    this.calls.push(['dictionary_add', meant, heard]);
    if (/\d/.test(meant)) throw { code: 'own_word_fact', kind: 'input', message: 'Levels, numbers, sides and words such as “no” cannot be in the dictionary.', advice: 'Take the words beside them.' } satisfies Fault;
    const word: OwnWord = { id: `word-${this.#next++}`, meant, heard, addedAt: '2026-03-03T10:00:00Z' };
    this.words = [word, ...this.words];
    return word;
  }
  async dictionaryRemove(id: string) {
    this.calls.push(['dictionary_remove', id]);
    const word = this.words.find((w) => w.id === id);
    if (!word) throw conflict;
    this.words = this.words.filter((w) => w.id !== id);
    return word;
  }
  async audioPeaks(_dictationId: string, buckets: number) {
    const words = DEMO_DRAFT.transcript.segments.flatMap((s) => s.words);
    return Array.from({ length: buckets }, (_, i) => {
      const at = ((i + 0.5) / buckets) * DEMO_AUDIO_MS;
      const spoken = words.some((w) => w.start_ms <= at && at < w.end_ms);
      return spoken ? 0.35 + 0.5 * Math.abs(Math.sin(i * 1.7) * Math.cos(i * 0.37)) : 0.05;
    });
  }
  async audioPlay(dictationId: string, startMs: number, endMs: number, speedPercent: number) {
    this.calls.push(['audio_play', dictationId, startMs, endMs, speedPercent]);
    await this.audioStop();
    let at = startMs;
    this.emit('playback', { dictationId, positionMs: at });
    this.#playing = setInterval(() => {
      at += speedPercent / 2;
      if (at >= endMs) void this.audioStop();
      else this.emit('playback', { dictationId, positionMs: at });
    }, 50);
  }
  async audioStop() {
    if (this.#playing === null) return;
    clearInterval(this.#playing);
    this.#playing = null;
    this.emit('playback', { dictationId: 'demo-1', positionMs: null });
  }
  async rulesShelf() {
    return DEMO_SHELF;
  }
  async pickTables() {
    return ['/home/clinic/downloads/MCR_MUE_PractitionerServices_Eff_01-01-2026.csv'];
  }
  async rulesImport(table: TableView['table'], files: string[], edition: string | null, acceptFewerRows: boolean) {
    this.calls.push(['rules_import', table, files, edition, acceptFewerRows]);
    this.emit('rule_import', { table, share: 0.4 });
    await new Promise((done) => setTimeout(done, this.#options.pace ?? 0));
    if (this.refusal) throw this.refusal;
    return [{ ...demoEdition(table, table, '2026Q1', 14_000), outcome: 'added' as const }];
  }
  async rulesImportCancel() {
    this.calls.push(['rules_import_cancel']);
  }
  async fees() {
    return this.feesNow;
  }
  async pickFees() {
    return '/home/clinic/fees-2026.csv';
  }
  async feesImport(path: string, schedule: NewFeeSchedule) {
    this.calls.push(['fees_import', path, schedule]);
    if (this.refusal) throw this.refusal;
    return this.#fee(schedule, { percent: null, rates: 214 });
  }
  async feesPercent(percent: number, schedule: NewFeeSchedule | null) {
    this.calls.push(['fees_percent', percent, schedule]);
    if (this.refusal) throw this.refusal;
    if (schedule) return this.#fee(schedule, { percent, rates: 0 });
    return (this.feesNow = { ...this.feesNow, defaultPercent: percent });
  }
  async feesRetire(id: string) {
    const schedules = this.feesNow.schedules.map((s) => (s.id === id ? { ...s, retired: true } : s));
    return (this.feesNow = { ...this.feesNow, schedules });
  }
  #fee({ name, payer = null, from, to = null }: NewFeeSchedule, what: Pick<FeeSchedule, 'percent' | 'rates'>) {
    const added = { name, payer, from, to, ...what, at: '2026-03-03T10:00:00Z', id: `fee-${this.feesNow.schedules.length + 1}`, retired: false };
    return (this.feesNow = { ...this.feesNow, schedules: [added, ...this.feesNow.schedules] });
  }
  async payerRules() {
    return this.payer;
  }
  async payerRuleMembers() {
    return DEMO_MEMBERS;
  }
  async payerRuleBlank() {
    return demoSheetOf({ severity: 'warn', from: '2026-03-03' });
  }
  async payerRuleSheet(text: string) {
    return demoSheet(text);
  }
  async payerRuleSheetOf(_text: string, fields: Fields) {
    return demoSheetOf(fields);
  }
  async payerRuleTry(text: string) {
    this.calls.push(['payer_rule_try', text]);
    return DEMO_TRIAL;
  }
  async payerRuleSave(text: string) {
    this.calls.push(['payer_rule_save', text]);
    const fields = demoSheet(text).fields ?? {};
    const rule = demoRule({ ...fields, id: fields.id ?? '' });
    this.payer = [...this.payer.filter((r) => r.id !== rule.id), rule];
    return [{ ...rule, changed: true }];
  }
  async payerRuleConfirm(id: string, revision: number) {
    this.calls.push(['payer_rule_confirm', id, revision]);
    return this.#payerStep(id, { state: 'confirmed', undoable: 'confirmed' });
  }
  async payerRuleRetire(id: string) {
    this.calls.push(['payer_rule_retire', id]);
    return this.#payerStep(id, { state: 'retired', undoable: 'retired' });
  }
  async payerRuleUndo(id: string) {
    this.calls.push(['payer_rule_undo', id]);
    return this.#payerStep(id, { state: 'draft', undoable: 'saved' });
  }
  #payerStep(id: string, change: Partial<PayerRule>): PayerRule {
    this.payer = this.payer.map((r) => (r.id === id ? { ...r, ...change } : r));
    const rule = this.payer.find((r) => r.id === id);
    if (!rule) throw conflict;
    return rule;
  }
  async payersList() {
    return [
      { id: 'medicare', name: 'Medicare', type: 'medicare' },
      { id: 'cedar', name: 'Cedar Valley Health (example)', type: 'commercial' },
      { id: 'workers', name: 'Workers’ compensation', type: 'workers_comp' },
    ];
  }
  async doctor() {
    const checks = [
      { name: 'Vault', state: 'ok' as const, detail: 'Sealed, 5 dictations.', fix: null },
      { name: 'Speech engine', state: 'ok' as const, detail: 'Answers in 40 ms, on the processor.', fix: null },
      { name: 'Language model', state: 'warn' as const, detail: 'Present, no graphics card: a second opinion takes a minute or two.', fix: 'Nothing to do: drafts do not wait for it.' },
      { name: 'Sound output', state: 'fail' as const, detail: 'No output device found.', fix: 'Plug in headphones and try again.' },
    ];
    return { checks, text: ['IamBilly 0.1.0 on linux x86_64, 2 threads', ...checks.map((c) => `${c.state}  ${c.name}: ${c.detail}`)].join('\n') };
  }
  async modelsList(): Promise<ModelView[]> {
    const model = (id: string, name: string, role: string, bytes: number, memoryMib: number, about: string, more: Partial<ModelView> = {}): ModelView =>
      ({ id, name, role, bytes, memoryMib, about, present: !this.#away.has(id), licence: 'MIT', note: '', state: this.#away.has(id) ? 'missing' : 'present', default: false, realTimeFactor: null, recommended: false, used: false, finalPass: false, ...more });
    const speech = (id: string, name: string, bytes: number, memory: number, factor: number, about: string) =>
      model(id, name, 'speech', bytes, memory, about, { realTimeFactor: this.#measured ? factor : null, recommended: this.#measured && id === 'whisper-base.en', used: this.#used === id, finalPass: this.#final === id });
    return [
      speech('whisper-base.en', 'Whisper base, English', 147_964_211, 460, 0.12, 'Hears clear dictation in a quiet room while you speak, on any computer.'),
      speech('whisper-small.en', 'Whisper small, English', 487_614_201, 1000, 0.41, 'Hears accents and noise better. For computers with six cores or more.'),
      speech('whisper-large-v3-turbo', 'Whisper large v3 turbo', 1_624_555_275, 2400, 1.9, 'The most words right. For a computer with a graphics card, or overnight.'),
      model('qwen2.5-1.5b-instruct-q4', 'Qwen2.5 1.5B Instruct', 'language', 986_048_768, 1900, 'Reads the dictation a second time and asks where it understands something else.', { licence: 'Apache-2.0', used: true }),
    ];
  }
  async modelsFetch(id: string) {
    this.calls.push(['models_fetch', id]);
    this.emit('model', { id, share: 0.4 });
    if (this.refusal) throw this.refusal;
    this.#away.delete(id);
    return this.modelsList();
  }
  async modelsImport(from: string) {
    this.calls.push(['models_import', from]);
    if (this.refusal) throw this.refusal;
    this.#away.clear();
    return this.modelsList();
  }
  async modelsRemove(id: string) {
    this.calls.push(['models_remove', id]);
    if (this.refusal) throw this.refusal;
    this.#away.add(id);
    return this.modelsList();
  }
  async modelsStop() {
    this.calls.push(['models_stop']);
  }
  async pickModel() {
    return '/media/stick/ggml-large-v3-turbo.bin';
  }
  async modelsUse(id: string) {
    this.calls.push(['models_use', id]);
    if (this.refusal) throw this.refusal;
    this.#used = id;
    return this.modelsList();
  }
  async modelsFinalPass(id: string | null) {
    this.calls.push(['models_final_pass', id]);
    if (this.refusal) throw this.refusal;
    this.#final = id;
    return this.modelsList();
  }
  async modelsMeasure() {
    this.calls.push(['models_measure']);
    this.#measured = true;
    return this.modelsList();
  }
  async pickWav() {
    return '/home/clinic/dictations/room3-0315.wav';
  }
  async openedFile() {
    return this.#options.openedFile ?? null;
  }
  async microphones() {
    const inputs = [
      { id: 'desk', name: 'Desk microphone', default: true },
      { id: 'headset', name: 'Headset', default: false },
    ];
    return { inputs, chosen: this.#chosen };
  }
  async microphoneChoose(id: string | null) {
    this.calls.push(['microphone_choose', id]);
    this.#chosen = id;
  }
  async microphoneReady(ready: boolean) {
    this.calls.push(['microphone_ready', ready]);
    // A recording has taken the microphone over.
    if (this.#state !== 'ready') return null;
    this.#hush();
    if (!ready) return null;
    this.#elapsedMs = 0;
    let at = 0;
    this.#microphone = setInterval(() => {
      at += 80;
      if (this.#state === 'recording') this.#elapsedMs += 80;
      const rms = 0.16 + 0.14 * Math.abs(Math.sin(at / 310) * Math.cos(at / 170));
      this.emit('record_level', {
        state: this.#state, elapsedMs: this.#elapsedMs, remainingMs: 10_800_000 - this.#elapsedMs,
        rms, peak: rms * 1.8, clipped: false, silent: false, device: 'Desk microphone', trouble: null,
      });
    }, 80);
    return 'Desk microphone';
  }
  #hush(): void {
    if (this.#microphone !== null) clearInterval(this.#microphone);
    this.#microphone = null;
    this.#state = 'ready';
  }
  async recordStart(header: DictationHeader) {
    this.calls.push(['record_start', header]);
    this.#header = header;
    if (this.#microphone === null) await this.microphoneReady(true);
    this.#state = 'recording';
    return { recordingId: 'demo-recording', deviceName: 'Desk microphone' };
  }
  async recordContinue(dictationId: string) {
    this.calls.push(['record_continue', dictationId]);
    this.#continued = dictationId;
    if (this.#microphone === null) await this.microphoneReady(true);
    this.#state = 'recording';
    return { recordingId: 'demo-recording', deviceName: 'Desk microphone' };
  }
  async recordPause(paused: boolean) {
    this.calls.push(['record_pause', paused]);
    this.#state = paused ? 'paused' : 'recording';
  }
  async recordStop() {
    this.calls.push(['record_stop']);
    this.#hush();
    if (this.#continued !== null) {
      const id = this.#continued;
      this.#continued = null;
      return { id };
    }
    return this.#add('audio', 'Recording', this.#header);
  }
  async keysBound() {
    return this.#keys;
  }
  async keysBind(bindings: KeyBinding[]) {
    this.calls.push(['keys_bind', bindings]);
    this.#keys = { ...this.#keys, bindings };
    return this.#keys;
  }
  async recordDiscard() {
    this.#continued = null;
    this.#hush();
  }
  async recordWords() {
    this.calls.push(['record_words']);
    this.#hush();
    if (this.refusal) throw this.refusal;
    return this.spokenWords;
  }
  async on<E extends keyof BackendEvents>(event: E, handler: (payload: BackendEvents[E]) => void) {
    const handlers: Set<(payload: BackendEvents[E]) => void> = this.#handlers[event] ?? new Set();
    (this.#handlers as Record<E, typeof handlers>)[event] = handlers;
    handlers.add(handler);
    return () => void handlers.delete(handler);
  }
  async onFileDrag(handler: (drag: FileDrag) => void) {
    this.#drag = handler;
    return () => void (this.#drag = null);
  }

  #add(kind: DictationView['kind'], name: string, header: DictationHeader): { id: string } {
    const id = `demo-${this.#next}`;
    this.#next += 1;
    const queued = (stage: StageEvent['stage']) => ({ stage, state: 'queued' as const, progress: null, note: null, fault: null });
    const label = [header.patient?.last, header.patient?.first].filter(Boolean).join(', ');
    this.list = [
      {
        id, name, kind, createdAt: (this.#options.now?.() ?? new Date()).toISOString(), payer: header.payer, dos: header.dos,
        durationMs: kind === 'audio' ? DEMO_AUDIO_MS : null, recovered: false, canContinue: false, claimId: null, claimState: null, patientLabel: label || null,
        state: 'queued', fault: null, stages: (['import', 'transcribe', 'draft', 'second_opinion'] as const).map(queued),
      },
      ...this.list,
    ];
    this.#run(id);
    return { id };
  }

  #run(id: string): void {
    const pace = this.#options.pace ?? 0;
    if (pace === 0) return;
    const steps: Parameters<DemoBackend['stage']>[0][] = [
      { dictationId: id, stage: 'import', state: 'running' },
      { dictationId: id, stage: 'import', state: 'done' },
      ...[0.1, 0.35, 0.6, 0.85].map((progress) => ({ dictationId: id, stage: 'transcribe' as const, state: 'running' as const, progress })),
      { dictationId: id, stage: 'transcribe', state: 'done' },
      { dictationId: id, stage: 'draft', state: 'running' },
      { dictationId: id, stage: 'draft', state: 'done', claimId: 'demo-claim-1' },
      { dictationId: id, stage: 'second_opinion', state: 'running', progress: 0.3 },
      { dictationId: id, stage: 'second_opinion', state: 'done', claimId: 'demo-claim-1' },
    ];
    steps.forEach((step, i) => setTimeout(() => this.stage(step), pace * (i + 1)));
  }
}

/** A double set up from the address of the page: `?state=new&mode=keyring&empty&pace=400`. */
export function fromAddress(search: string): DemoBackend {
  const params = new URLSearchParams(search);
  const backend = new DemoBackend({
    state: (params.get('state') ?? 'unlocked') as SessionStatus['state'],
    mode: (params.get('mode') ?? 'passphrase') as SessionStatus['mode'],
    empty: params.has('empty'),
    pace: Number(params.get('pace') ?? 400),
    openedFile: params.get('open'),
  });
  if (params.get('mode') === 'people') {
    backend.people.clinic();
    if (backend.status.state === 'unlocked') backend.people.who = 0;
  }
  return backend;
}
