// Master data on the screen: the kind looked at, the list as one types, the record being edited.
import { asFault, type Backend } from '../lib/backend/backend';
import type { MasterDouble, MasterKind, MasterRecord } from '../lib/backend/master-types';
import type { Fault } from '../lib/backend/types';
import type { Kept } from '../lib/kept';
import { flatOf, withFlat, type Flat } from '../lib/paths';
import { GROUPS, blankOf, placesOf, problemOf } from './fields';

export class Keeping {
  readonly #backend: Backend;
  readonly #keptAt: (place: string) => Kept;
  #kept: Kept | null = null;
  kind = $state<MasterKind>('clinic');
  query = $state('');
  list = $state.raw<MasterRecord[]>([]);
  doubles = $state.raw<MasterDouble[]>([]);
  /** The record in the form; null for a new one, undefined for none. */
  record = $state.raw<MasterRecord | null | undefined>(undefined);
  form = $state<Flat>({});
  tried = $state(false);
  busy = $state(false);
  fault = $state.raw<Fault | null>(null);
  /** Others that the record just saved may be the same as. */
  like = $state.raw<MasterRecord[]>([]);
  #base: Flat = $state.raw({});
  #asked = 0;

  /** `keptAt`: where what is typed outlives the window. */
  constructor(backend: Backend, keptAt: (place: string) => Kept) {
    this.#backend = backend;
    this.#keptAt = keptAt;
  }

  get changed(): boolean {
    return this.record !== undefined && Object.keys(this.form).some((p) => (this.form[p] ?? '').trim() !== (this.#base[p] ?? ''));
  }
  get problems(): Record<string, string> {
    const wrong: Record<string, string> = {};
    for (const field of GROUPS[this.kind].flatMap((g) => g.fields)) {
      const said = problemOf(field, this.form[field.place] ?? '');
      if (said !== null && (said !== 'Needed' || this.tried)) wrong[field.place] = said;
    }
    return wrong;
  }

  async show(kind: MasterKind): Promise<void> {
    this.#done();
    [this.kind, this.query, this.record, this.fault, this.like] = [kind, '', undefined, null, []];
    await this.load();
  }
  async load(): Promise<void> {
    const mine = (this.#asked += 1);
    const { kind } = this;
    try {
      const [list, doubles] = [await this.#backend.masterList(kind, this.query, false), await this.#backend.masterDoubles(kind)];
      if (mine !== this.#asked) return;
      [this.list, this.doubles, this.fault] = [list, doubles, null];
    } catch (reason) {
      if (mine === this.#asked) this.fault = asFault(reason);
    }
  }
  edit(record: MasterRecord | null): void {
    [this.record, this.tried, this.fault, this.like] = [record, false, null, []];
    this.#base = record ? flatOf(record.data, placesOf(this.kind)) : blankOf(this.kind);
    this.form = { ...this.#base };
    this.#done();
    void this.#takeUp(this.#keptAt(`record ${this.kind} ${record?.id ?? 'new'}`));
  }
  /** Called at each change of the form. */
  typed(): void {
    const own = Object.entries(this.form).filter(([place, value]) => value !== (this.#base[place] ?? ''));
    if (own.length > 0) this.#kept?.keep(JSON.stringify(Object.fromEntries(own)));
    else this.#kept?.forget();
  }
  /** The screen goes; what was typed and not saved stands here again at the next look. */
  leave(): void {
    this.#kept?.leave();
  }
  /** It was saved, or left on purpose. */
  #done(): void {
    this.#kept?.forget();
    this.#kept = null;
  }
  async #takeUp(kept: Kept): Promise<void> {
    this.#kept = kept;
    const text = await kept.recall();
    if (text === null || this.#kept !== kept || this.changed) return;
    try {
      const before = JSON.parse(text) as Record<string, unknown>;
      for (const place of Object.keys(this.form)) {
        const value = before[place];
        if (typeof value === 'string') this.form[place] = value;
      }
    } catch {
      kept.forget();
    }
  }
  close(): void {
    this.#done();
    [this.record, this.fault, this.like] = [undefined, null, []];
  }
  async save(): Promise<boolean> {
    this.tried = true;
    if (this.record === undefined || this.busy || Object.keys(this.problems).length > 0) return false;
    const { kind, record } = this;
    return this.#run(async () => {
      const data = withFlat(record?.data ?? {}, this.form);
      const saved = await this.#backend.masterSave(kind, record?.id ?? null, record?.version ?? null, data);
      this.edit(saved.record);
      this.like = saved.doubles;
    });
  }
  async merge(away: string, into: string): Promise<boolean> {
    return this.#run(async () => {
      const { record } = await this.#backend.masterMerge(away, into);
      this.edit(record);
    });
  }
  async makeDefault(id: string): Promise<boolean> {
    return this.#run(async () => {
      const record = await this.#backend.masterDefault(id);
      if (this.record?.id === id) this.record = record;
    });
  }
  async retire(id: string): Promise<boolean> {
    return this.#run(async () => {
      await this.#backend.masterRetire(id, true);
      this.close();
    });
  }
  async #run(call: () => Promise<void>): Promise<boolean> {
    [this.busy, this.fault] = [true, null];
    try {
      await call();
      const fault = this.fault;
      await this.load();
      this.fault ??= fault;
      return true;
    } catch (reason) {
      this.fault = asFault(reason);
      return false;
    } finally {
      this.busy = false;
    }
  }
}
