// The reactive state all screens share: session, dictations, payers, playback. Everything of a patient leaves it on lock.
import { asFault, type Backend, type DictationHeader, type Unlisten } from './backend/backend';
import type { DictationView, Fault, Keys, LiveTextEvent, PayerView, PhraseRule, PhraseRuleState, PlaybackEvent, RecordLevelEvent, SessionStatus, StageEvent } from './backend/types';
import type { ActionName, Me } from '../people/types';
import { Queueing } from '../queue/queueing.svelte';
import type { Action } from './keys';
import { applyStage, headline, needsListing } from './stages';

export type Screen = { name: 'dictate' } | { name: 'review'; claimId: string; from?: Screen; then?: Action } | { name: 'queue' } | { name: 'physician'; from: Screen; note?: string } | { name: 'insights'; from: Screen } | { name: 'rules'; from: Screen } | { name: 'clinic'; from: Screen } | { name: 'emr'; from: Screen } | { name: 'exchange'; from: Screen } | { name: 'library'; from: Screen; rule?: string };

/** Level readings kept for the meter. */
const LEVELS_KEPT = 96;

/** Speeds of playback in percent. */
export const SPEEDS = [75, 100, 125, 150, 175, 200] as const;
const SPEED_KEPT = 'playback-speed';
const NO_KEYS: Keys = { bindings: [], onlyHere: null, heldElsewhere: [] };

export interface Recording {
  /** Whose dictation it goes on with; null for a new one. */
  continues: string | null;
  deviceName: string;
  /** Settled text, piece by piece. */
  settled: readonly string[];
  tentative: string;
  /** Why there is no text for now. */
  note: string | null;
}

export class Workbench {
  readonly backend: Backend;
  /** The queue as it was left. */
  readonly queue: Queueing;
  session = $state<SessionStatus | null>(null);
  screen = $state<Screen>({ name: 'dictate' });
  dictations = $state.raw<DictationView[]>([]);
  listed = $state(false);
  payers = $state.raw<PayerView[]>([]);
  /** Local phrase rules: learned from corrections, acting once accepted. */
  rules = $state.raw<PhraseRule[]>([]);
  /** Offers that a correction has just made, until they are looked at. */
  fresh = $state.raw<PhraseRule[]>([]);
  playback = $state.raw<PlaybackEvent | null>(null);
  /** Speed of playback in percent. */
  speed = $state<number>(SPEEDS.find((s) => String(s) === localStorage.getItem(SPEED_KEPT)) ?? 100);
  /** Keys of one's own. */
  keys = $state.raw<Keys>(NO_KEYS);
  recording = $state.raw<Recording | null>(null);
  /** The last readings of an open microphone, recording or not. */
  levels = $state.raw<readonly RecordLevelEvent[]>([]);
  /** A file waiting in the import form. */
  file = $state<string | null>(null);
  dragging = $state(false);
  /** Takes files that are let go over a screen of its own; else they are dictations. */
  dropped: ((paths: string[]) => void) | null = null;
  fault = $state.raw<Fault | null>(null);
  /** Who is signed in. */
  me = $state.raw<Me | null>(null);
  /** Rises when somebody else signs in: what one person was writing is not another's to see. */
  visit = $state(0);
  /** The microphone of a recording that goes on while the window is locked. */
  adrift = $state<string | null>(null);
  /** Said to screen readers as it changes. */
  announcement = $state('');
  /** The last stage event, for screens that follow one dictation. */
  lastStage = $state.raw<StageEvent | null>(null);
  #unlisten: Unlisten[] = [];

  constructor(backend: Backend) {
    this.backend = backend;
    this.queue = new Queueing(backend.queue);
  }

  /** Subscribes and asks for the session; the returned promise settles when the first screen can be shown. */
  async start(): Promise<void> {
    const { backend } = this;
    try {
      this.#unlisten = await Promise.all([
        backend.on('stage', (event) => this.#staged(event)),
        backend.on('playback', (event) => (this.playback = event.positionMs === null ? null : event)),
        backend.on('record_level', (event) => (this.levels = [...this.levels.slice(1 - LEVELS_KEPT), event])),
        backend.on('live_text', (event) => this.#heard(event)),
        backend.on('session', ({ state }) => {
          if (this.session && state !== this.session.state) this.#entered({ ...this.session, state });
        }),
        backend.on('damaged', (fault) => (this.fault = fault)),
        backend.onFileDrag((drag) => {
          this.dragging = drag.kind === 'over';
          if (drag.kind === 'drop') {
            if (this.dropped) this.dropped(drag.paths);
            else this.offer(drag.paths[0] ?? null);
          }
        }),
      ]);
      this.file = await backend.openedFile();
      const status = await backend.sessionStatus();
      if (status.state === 'unlocked') await this.#admit(status);
      else this.#entered(status);
    } catch (reason) {
      this.fault = asFault(reason);
    }
  }

  stop(): void {
    for (const unlisten of this.#unlisten) unlisten();
    this.#unlisten = [];
  }

  /** Puts a file into the import form. */
  offer(path: string | null): void {
    if (path === null) return;
    this.file = path;
    this.screen = { name: 'dictate' };
  }

  /** Runs a call; a fault goes to the fault line and yields `undefined`. */
  async attempt<T>(call: () => Promise<T>): Promise<T | undefined> {
    try {
      const value = await call();
      this.fault = null;
      return value;
    } catch (reason) {
      this.fault = asFault(reason);
      return undefined;
    }
  }

  /** Unlocks; the fault is the caller's to show beside the field. */
  async unlock(passphrase: string | null): Promise<void> {
    await this.#admit(await this.backend.unlock(passphrase));
  }
  /** The same by name. */
  async signIn(name: string, password: string, code: string | null): Promise<void> {
    await this.#admit(await this.backend.people.signIn(name, password, code));
  }
  /** Who acts now; asked again when roles, glass or second factor changed. */
  async whoami(): Promise<void> {
    const me = await this.attempt(() => this.backend.people.me());
    if (me) this.me = me;
  }
  /** Whether a recovery kit was made, for who may make one; asked at the door and after one was kept. */
  kitMade = $state<boolean | null>(null);
  async askKit(): Promise<void> {
    this.kitMade = this.may('keys.change') ? ((await this.attempt(() => this.backend.people.kitMade())) ?? null) : null;
  }
  may(action: ActionName): boolean {
    return this.me === null || this.me.may.includes(action);
  }
  async #admit(status: SessionStatus): Promise<void> {
    const before = this.me?.id ?? null;
    await this.whoami();
    if (before !== null && this.me?.id !== before) {
      this.visit += 1;
      this.screen = { name: 'dictate' };
    }
    await this.askKit();
    const device = await this.attempt(() => this.backend.people.recordRunning());
    this.adrift = null;
    this.#entered(status);
    if (device) this.recording = { continues: null, deviceName: device, settled: [], tentative: '', note: 'This recording went on while the window was locked. Its text comes after the stop.' };
  }

  async lock(): Promise<void> {
    await this.attempt(() => this.backend.lock());
    const status = await this.attempt(() => this.backend.sessionStatus());
    if (status) this.#entered(status);
  }

  async refresh(): Promise<void> {
    const list = await this.attempt(() => this.backend.dictationsList());
    if (list && this.session?.state === 'unlocked') {
      this.dictations = list;
      this.listed = true;
    }
  }

  /** Reads the phrase rules again; an offer that was not there before is news. */
  async learn(): Promise<void> {
    const known = new Set(this.rules.map((r) => r.id));
    const rules = await this.attempt(() => this.backend.phraseRules());
    if (!rules || this.session?.state !== 'unlocked') return;
    this.rules = rules;
    const fresh = rules.filter((r) => r.state === 'offered' && !known.has(r.id));
    if (fresh.length === 0) return;
    this.fresh = [...this.fresh, ...fresh];
    this.announcement = 'A correction has recurred: a phrase rule is offered.';
  }
  /** Decides about a rule; the fault is the caller's to show. */
  async decideRule(id: string, to: PhraseRuleState): Promise<void> {
    const decided = await this.backend.phraseRuleDecide(id, to);
    this.rules = this.rules.map((r) => (r.id === id ? decided : r));
    this.fresh = this.fresh.filter((r) => r.id !== id);
  }

  /** Opens a claim; `then` is done once it is there. */
  open(claimId: string, from?: Screen, then?: Action): void {
    this.screen = { name: 'review', claimId, ...(from ? { from } : {}), ...(then ? { then } : {}) };
  }
  rulebook(): void {
    if (this.screen.name !== 'rules') this.screen = { name: 'rules', from: this.screen };
  }
  /** Back to where the rules were opened from. */
  leaveRules(): void {
    if (this.screen.name === 'rules') this.screen = this.screen.from;
  }
  clinic(): void {
    if (this.screen.name !== 'clinic') this.screen = { name: 'clinic', from: this.screen };
  }
  /** Record systems. */
  records(): void {
    if (this.screen.name !== 'emr') this.screen = { name: 'emr', from: this.screen };
  }
  /** Claims as work. */
  claims(): void {
    this.screen = { name: 'queue' };
  }
  /** The physician's own side; with a dictation its note is opened. */
  physician(note?: string): void {
    const from = this.screen.name === 'physician' ? this.screen.from : this.screen;
    this.screen = note === undefined ? { name: 'physician', from } : { name: 'physician', from, note };
  }
  insights(): void {
    if (this.screen.name !== 'insights') this.screen = { name: 'insights', from: this.screen };
  }
  library(): void {
    if (this.screen.name !== 'library') this.screen = { name: 'library', from: this.screen };
  }
  /** The policy a rule is from, at its passage. */
  passageOf(rule: string): void {
    if (this.screen.name !== 'library') this.screen = { name: 'library', from: this.screen, rule };
  }
  exchange(): void {
    if (this.screen.name !== 'exchange') this.screen = { name: 'exchange', from: this.screen };
  }
  /** Back to where a place was opened from. */
  leave(): void {
    this.screen = ('from' in this.screen ? this.screen.from : undefined) ?? { name: 'dictate' };
  }
  /** Payers as the forms offer them: after a change of the clinic's own. */
  async reloadPayers(): Promise<void> {
    const payers = await this.attempt(() => this.backend.payersList());
    if (payers && this.session?.state === 'unlocked') this.payers = payers;
  }
  /** The header of the next dictation, until the form has taken it. */
  forCase = $state.raw<DictationHeader | null>(null);
  /** To the recorder, for a case that was planned. */
  dictateFor(header: DictationHeader): void {
    this.forCase = header;
    this.screen = { name: 'dictate' };
  }
  home(): void {
    this.screen = { name: 'dictate' };
  }

  async startRecording(header: DictationHeader): Promise<void> {
    const started = await this.attempt(() => this.backend.recordStart(header));
    if (started) this.recording = { continues: null, deviceName: started.deviceName, settled: [], tentative: '', note: null };
  }
  /** Goes on with a dictation that was recorded before. */
  async continueRecording(dictation: DictationView): Promise<void> {
    if (this.recording !== null) return;
    const started = await this.attempt(() => this.backend.recordContinue(dictation.id));
    const continues = dictation.patientLabel ?? dictation.name;
    if (started) this.recording = { continues, deviceName: started.deviceName, settled: [], tentative: '', note: null };
  }
  setSpeed(percent: number): void {
    this.speed = percent;
    localStorage.setItem(SPEED_KEPT, String(percent));
  }
  /** The next speed up or down. */
  changeSpeed(by: 1 | -1): void {
    const at = SPEEDS.findIndex((s) => s === this.speed);
    this.setSpeed(SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, at + by))] ?? 100);
    this.announcement = `Speed ${this.speed / 100}`;
  }
  endRecording(): void {
    this.recording = null;
    this.levels = [];
  }

  #entered(status: SessionStatus): void {
    const was = this.session?.state;
    this.session = status;
    this.fault = null;
    if (status.state !== 'unlocked') {
      this.dictations = [];
      this.listed = false;
      this.playback = null;
      const recorded = this.recording !== null;
      this.recording = null;
      if (recorded) void this.attempt(() => this.backend.people.recordRunning()).then((device) => (this.adrift = device ?? null));
      this.levels = [];
      this.rules = [];
      this.keys = NO_KEYS;
      this.fresh = [];
      this.queue.clear();
      this.forCase = null;
      this.lastStage = null;
      this.announcement = '';
    } else if (was !== 'unlocked') {
      void this.refresh();
      void this.attempt(() => this.backend.phraseRules()).then((rules) => {
        if (this.session?.state === 'unlocked') this.rules = rules ?? [];
      });
      void this.attempt(() => this.backend.keysBound()).then((keys) => {
        if (this.session?.state === 'unlocked') this.keys = keys ?? NO_KEYS;
      });
      void this.reloadPayers();
    }
  }

  #staged(event: StageEvent): void {
    if (this.session?.state !== 'unlocked') return;
    const relist = needsListing(this.dictations, event);
    this.dictations = applyStage(this.dictations, event);
    this.lastStage = event;
    if (event.state !== 'running') {
      const dictation = this.dictations.find((d) => d.id === event.dictationId);
      if (dictation) this.announcement = `${dictation.name}: ${headline(dictation)}`;
    }
    if (relist) void this.refresh();
  }

  #heard({ committed, tentative, note }: LiveTextEvent): void {
    const { recording } = this;
    if (recording === null) return;
    const settled = committed === '' ? recording.settled : [...recording.settled, committed];
    this.recording = { ...recording, settled, tentative, note };
  }
}
