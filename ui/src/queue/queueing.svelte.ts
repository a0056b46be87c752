// The queue as it is looked at: filter, order, the pages read so far, what is chosen. Kept while a claim is open.
import { asFault } from '../lib/backend/backend';
import type { Fault } from '../lib/backend/types';
import type { BulkOutcome, BulkStep, Chosen, ClaimState, QueueBackend, QueueChoices, QueueFilter, QueueSize, QueueSort, QueuedClaim, SavedView } from './types';

/** Rows of a page. */
const PAGE = 60;
export const SORTS: readonly [QueueSort, string][] = [
  ['risk', 'highest risk'], ['money', 'most money'], ['age', 'oldest'], ['payer', 'payer'], ['dos', 'latest service'],
];
/** Kinds of states as they are chosen. */
export const SHELVES: readonly { id: string; word: string; states: ClaimState[] }[] = [
  { id: 'open', word: 'Open', states: ['draft', 'human_review'] },
  { id: 'draft', word: 'Draft', states: ['draft'] },
  { id: 'human_review', word: 'In review', states: ['human_review'] },
  { id: 'approved', word: 'Approved', states: ['approved'] },
  { id: 'rejected', word: 'Rejected', states: ['rejected'] },
  { id: 'exported', word: 'Exported', states: ['exported'] },
  { id: 'all', word: 'All', states: [] },
];

export const noFilter = (): QueueFilter => ({
  states: ['draft', 'human_review'], payer: null, physician: null, assignee: null, from: null, to: null, risk: null, chargeFrom: null, chargeTo: null, text: '',
});

export class Queueing {
  readonly #backend: QueueBackend;
  filter = $state<QueueFilter>(noFilter());
  sort = $state<QueueSort>('risk');
  reversed = $state(false);
  rows = $state.raw<readonly QueuedClaim[]>([]);
  size = $state.raw<QueueSize | null>(null);
  choices = $state.raw<QueueChoices>({ payers: [], physicians: [], people: {}, me: '' });
  views = $state.raw<readonly SavedView[]>([]);
  fault = $state.raw<Fault | null>(null);
  /** The first page is under way. */
  loading = $state(false);
  current = $state<string | null>(null);
  /** Revisions of the chosen claims as they were seen, by claim. */
  chosen = $state.raw<ReadonlyMap<string, number>>(new Map());
  /** How far it was scrolled. */
  scrolled = 0;
  #next = $state<string | null>(null);
  #adding = false;
  /** Rises with each question: an answer to an older one is dropped. */
  #asked = 0;

  constructor(backend: QueueBackend) {
    this.#backend = backend;
  }

  /** What is on the screen leaves it: on lock. */
  clear(): void {
    this.#asked += 1;
    [this.rows, this.size, this.#next, this.current, this.chosen, this.fault] = [[], null, null, null, new Map(), null];
    this.filter = noFilter();
    [this.views, this.choices] = [[], { payers: [], physicians: [], people: {}, me: '' }];
  }
  get more(): boolean {
    return this.#next !== null;
  }
  #query(after: string | null, limit = PAGE) {
    return { filter: $state.snapshot(this.filter) as QueueFilter, sort: this.sort, reversed: this.reversed, after, limit };
  }

  /** Reads from the beginning; `keep` reads as many rows as are shown, so that nothing jumps. */
  async load(keep = false): Promise<void> {
    this.#asked += 1;
    const asked = this.#asked;
    this.loading = this.rows.length === 0;
    try {
      const limit = keep ? Math.min(500, Math.max(PAGE, this.rows.length)) : PAGE;
      const page = await this.#backend.page(this.#query(null, limit));
      if (asked !== this.#asked) return;
      [this.rows, this.#next, this.fault] = [page.rows, page.next, null];
      if (!keep) this.scrolled = 0;
      if (!this.rows.some((r) => r.claimId === this.current)) this.current = null;
      const size = await this.#backend.size($state.snapshot(this.filter) as QueueFilter);
      if (asked === this.#asked) this.size = size;
    } catch (reason) {
      if (asked === this.#asked) this.fault = asFault(reason);
    } finally {
      if (asked === this.#asked) this.loading = false;
    }
  }
  /** The next page behind what is shown. */
  async add(): Promise<void> {
    if (this.#next === null || this.#adding) return;
    this.#adding = true;
    const asked = this.#asked;
    try {
      const page = await this.#backend.page(this.#query(this.#next));
      if (asked !== this.#asked) return;
      // A claim that moved behind this place meanwhile stands there twice otherwise.
      const there = new Set(this.rows.map((r) => r.claimId));
      this.rows = [...this.rows, ...page.rows.filter((r) => !there.has(r.claimId))];
      this.#next = page.next;
    } catch (reason) {
      if (asked === this.#asked) this.fault = asFault(reason);
    } finally {
      this.#adding = false;
    }
  }
  async choicesAndViews(): Promise<void> {
    try {
      [this.choices, this.views] = await Promise.all([this.#backend.choices(), this.#backend.views()]);
    } catch (reason) {
      this.fault = asFault(reason);
    }
  }

  async narrow(change: Partial<QueueFilter>): Promise<void> {
    this.filter = { ...this.filter, ...change };
    this.chosen = new Map();
    await this.load();
  }
  async order(sort: QueueSort): Promise<void> {
    this.reversed = sort === this.sort ? !this.reversed : false;
    this.sort = sort;
    await this.load();
  }
  async look(view: SavedView): Promise<void> {
    [this.filter, this.sort, this.reversed, this.chosen] = [{ ...noFilter(), ...structuredClone(view.filter) }, view.sort, view.reversed, new Map()];
    await this.load();
  }
  async save(name: string): Promise<boolean> {
    try {
      this.views = await this.#backend.saveView({ name, filter: $state.snapshot(this.filter) as QueueFilter, sort: this.sort, reversed: this.reversed });
      this.fault = null;
      return true;
    } catch (reason) {
      this.fault = asFault(reason);
      return false;
    }
  }
  async forget(name: string): Promise<void> {
    try {
      this.views = await this.#backend.removeView(name);
    } catch (reason) {
      this.fault = asFault(reason);
    }
  }

  choose(claimId: string | null): void {
    const row = this.rows.find((r) => r.claimId === claimId);
    if (!row) return;
    const chosen = new Map(this.chosen);
    if (!chosen.delete(row.claimId)) chosen.set(row.claimId, row.revision);
    this.chosen = chosen;
  }
  /** All that the filter leaves, or none when all are chosen. */
  async chooseAll(): Promise<void> {
    if (this.chosen.size > 0 && this.chosen.size === this.size?.count) {
      this.chosen = new Map();
      return;
    }
    try {
      const all = await this.#backend.chosen(this.#query(null));
      [this.chosen, this.fault] = [new Map(all.map((c) => [c.claimId, c.revision])), null];
    } catch (reason) {
      this.fault = asFault(reason);
    }
  }
  /** What a step is taken with: the chosen claims, or else the one looked at. */
  get taken(): Chosen[] {
    if (this.chosen.size > 0) return [...this.chosen].map(([claimId, revision]) => ({ claimId, revision }));
    const row = this.rows.find((r) => r.claimId === this.current);
    return row ? [{ claimId: row.claimId, revision: row.revision }] : [];
  }
  async bulk(chosen: Chosen[], step: BulkStep, preview: boolean): Promise<BulkOutcome[]> {
    const outcomes = await this.#backend.bulk(chosen, step, preview);
    if (!preview) {
      this.chosen = new Map();
      await this.load(true);
    }
    return outcomes;
  }
}
