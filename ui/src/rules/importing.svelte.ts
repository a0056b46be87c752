// The import of an official table while it runs, and what came of it. One at a time.
import { asFault, type Backend } from '../lib/backend/backend';
import type { ImportedEdition, Shelf, TableView } from '../lib/backend/rule-types';
import type { Fault } from '../lib/backend/types';

export class Importing {
  readonly #backend: Backend;
  shelf = $state.raw<Shelf | null>(null);
  /** Why the shelf cannot be shown. */
  trouble = $state.raw<Fault | null>(null);
  /** The table an import is about: running, refused or done. */
  table = $state<TableView['table'] | null>(null);
  running = $state(false);
  /** 0 to 1. */
  share = $state(0);
  refused = $state.raw<Fault | null>(null);
  imported = $state.raw<ImportedEdition[]>([]);
  /** What a refused import can be tried again with. */
  edition = $state('');
  fewer = $state(false);
  #files: string[] = [];

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  async load(): Promise<void> {
    try {
      this.shelf = await this.#backend.rulesShelf();
      this.trouble = null;
    } catch (reason) {
      this.trouble = asFault(reason);
    }
  }

  /** Asks for files and imports them; closing the dialog without a choice changes nothing. */
  async choose(table: TableView['table']): Promise<string> {
    if (this.running) return '';
    const files = await this.#backend.pickTables().catch(() => []);
    if (files.length === 0) return '';
    this.#files = files;
    [this.edition, this.fewer] = ['', false];
    return this.#run(table);
  }
  /** The same files again, with what was said about them. */
  async again(): Promise<string> {
    return this.table === null || this.running ? '' : this.#run(this.table);
  }
  async cancel(): Promise<void> {
    await this.#backend.rulesImportCancel().catch(() => undefined);
  }
  close(): void {
    [this.table, this.refused, this.imported] = [null, null, []];
  }
  progress(table: string, share: number): void {
    if (this.running && table === this.table) this.share = share;
  }

  /** What to say aloud when it is over. */
  async #run(table: TableView['table']): Promise<string> {
    [this.table, this.running, this.share, this.refused, this.imported] = [table, true, 0, null, []];
    try {
      this.imported = await this.#backend.rulesImport(table, this.#files, this.edition.trim() || null, this.fewer);
      await this.load();
      return this.imported.map((i) => `${i.edition} ${i.outcome === 'unchanged' ? 'was there already' : 'imported'}`).join(', ');
    } catch (reason) {
      const fault = asFault(reason);
      if (fault.kind === 'cancelled') this.close();
      else this.refused = fault;
      return fault.message;
    } finally {
      this.running = false;
    }
  }
}
