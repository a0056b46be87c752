// A payer rule while it is written: the form and the text in step, what is wrong, its note, and the trial on stored claims.
import { asFault, type Backend } from '../lib/backend/backend';
import type { Fields, PayerRule, Problem, RuleNote, Sheet, Trial } from '../lib/backend/rule-types';
import type { Fault } from '../lib/backend/types';
import type { Kept } from '../lib/kept';

export class Ruling {
  readonly #backend: Backend;
  rules = $state.raw<PayerRule[]>([]);
  listed = $state(false);
  /** The stored rule being looked at; none for a new one. */
  stored = $state.raw<PayerRule | null>(null);
  /** Whether the editor is open at all. */
  open = $state(false);
  text = $state('');
  fields = $state.raw<Fields>({});
  /** The text cannot be read, so that the form waits for it. */
  unreadable = $state(false);
  problem = $state.raw<Problem | null>(null);
  note = $state.raw<RuleNote | null>(null);
  trial = $state.raw<Trial | null>(null);
  fault = $state.raw<Fault | null>(null);
  busy = $state(false);
  /** The text differs from what is stored. */
  dirty = $state(false);
  /** Somebody was told that it is not saved. */
  warned = $state(false);
  /** Counts the rules opened, so that a form knows when it begins anew; saving is no beginning. */
  sitting = $state(0);
  #asked = 0;
  readonly #keptAt: (place: string) => Kept;
  #kept: Kept | null = null;

  /** `keptAt`: where what is typed outlives the window. */
  constructor(backend: Backend, keptAt: (place: string) => Kept) {
    this.#backend = backend;
    this.#keptAt = keptAt;
  }

  async load(): Promise<void> {
    try {
      this.rules = await this.#backend.payerRules();
      this.listed = true;
    } catch (reason) {
      this.fault = asFault(reason);
    }
  }

  /** Whether the editor may be left; the first time with something unsaved it may not, and says so. */
  mayLeave(): boolean {
    if (!this.dirty || this.warned) return true;
    this.warned = true;
    return false;
  }

  async look(rule: PayerRule): Promise<void> {
    [this.stored, this.fault, this.trial] = [rule, rule.fault, null];
    this.open = true;
    this.sitting += 1;
    [this.dirty, this.warned] = [false, false];
    const kept = this.#turn(rule.id);
    await this.#take(() => this.#backend.payerRuleSheet(rule.text), rule.text);
    await this.#takeUp(kept);
  }
  async begin(): Promise<void> {
    [this.stored, this.fault, this.trial] = [null, null, null];
    this.open = true;
    this.sitting += 1;
    [this.dirty, this.warned] = [false, false];
    const kept = this.#turn('new');
    await this.#take(() => this.#backend.payerRuleBlank(), '');
    await this.#takeUp(kept);
  }
  /** The screen goes; what was typed and not saved stands here again at the next look. */
  leave(): void {
    this.#kept?.leave();
  }
  async typeText(text: string): Promise<void> {
    this.#changed();
    await this.#take(() => this.#backend.payerRuleSheet(text), text);
  }
  async typeField(path: string, value: string): Promise<void> {
    this.#changed();
    const fields = { ...this.fields, [path]: value };
    this.fields = fields;
    await this.#take(() => this.#backend.payerRuleSheetOf(this.text, fields), this.text);
  }

  async attempt(): Promise<string> {
    return this.#do(async () => {
      this.trial = await this.#backend.payerRuleTry(this.text);
      const { claims, touched } = this.trial;
      return `The rule would touch ${touched.length} of ${claims} stored claims.`;
    });
  }
  async save(): Promise<string> {
    return this.#do(async () => {
      const saved = (await this.#backend.payerRuleSave(this.text))[0];
      if (saved) this.#stored(saved);
      await this.load();
      return saved?.changed ? 'Saved as draft; it warns at most until it is confirmed.' : 'Nothing had changed.';
    });
  }
  async confirm(): Promise<string> {
    return this.#step((rule) => this.#backend.payerRuleConfirm(rule.id, rule.revision), 'Confirmed: the rule counts in full.');
  }
  async retire(): Promise<string> {
    return this.#step((rule) => this.#backend.payerRuleRetire(rule.id), 'Retired: the rule counts no more.');
  }
  async undo(): Promise<string> {
    const said = await this.#step((rule) => this.#backend.payerRuleUndo(rule.id), 'The last step is taken back.');
    if (this.stored && said !== '') await this.look(this.stored);
    return said;
  }

  /** Another rule: what was typed in the one before was saved, or left on purpose. */
  #turn(id: string): Kept {
    this.#kept?.forget();
    this.#kept = this.#keptAt(`payer rule ${id}`);
    return this.#kept;
  }
  async #takeUp(kept: Kept): Promise<void> {
    const before = await kept.recall();
    if (before !== null && this.#kept === kept && !this.dirty) await this.typeText(before);
  }
  #changed(): void {
    [this.dirty, this.warned, this.trial, this.fault] = [true, false, null, null];
  }
  #stored(rule: PayerRule): void {
    [this.stored, this.dirty, this.warned] = [rule, false, false];
    this.#turn(rule.id);
  }
  async #step(call: (rule: PayerRule) => Promise<PayerRule>, said: string): Promise<string> {
    const rule = this.stored;
    if (!rule) return '';
    return this.#do(async () => {
      this.#stored(await call(rule));
      await this.load();
      return said;
    });
  }
  async #do(call: () => Promise<string>): Promise<string> {
    if (this.busy) return '';
    this.busy = true;
    try {
      const said = await call();
      this.fault = null;
      return said;
    } catch (reason) {
      this.fault = asFault(reason);
      return '';
    } finally {
      this.busy = false;
    }
  }
  /** Takes the newest answer; what was typed meanwhile stays. */
  async #take(ask: () => Promise<Sheet>, typed: string): Promise<void> {
    this.#asked += 1;
    const mine = this.#asked;
    this.text = typed;
    if (this.dirty) this.#kept?.keep(typed);
    try {
      const sheet = await ask();
      if (mine !== this.#asked) return;
      this.text = sheet.text;
      if (this.dirty) this.#kept?.keep(sheet.text);
      this.unreadable = sheet.fields === null;
      if (sheet.fields) this.fields = sheet.fields;
      [this.problem, this.note] = [sheet.problem, sheet.note];
    } catch (reason) {
      if (mine === this.#asked) this.fault = asFault(reason);
    }
  }
}
