// What left and what came back, as the exchange screen holds it.
import { asFault, type Backend } from '../lib/backend/backend';
import type { Fault } from '../lib/backend/types';
import type { DenialView, ExchangeFile, Imported, Underpayment } from './types';

export interface Taken {
  file: string;
  done: Imported | null;
  fault: Fault | null;
}

export class Exchanging {
  readonly #backend: Backend;
  approved = $state.raw<string[]>([]);
  files = $state.raw<ExchangeFile[]>([]);
  denials = $state.raw<DenialView[]>([]);
  low = $state.raw<Underpayment[]>([]);
  /** Files of answers taken in since the screen was opened, the newest first. */
  taken = $state.raw<Taken[]>([]);
  all = $state(false);
  listed = $state(false);
  busy = $state(false);
  fault = $state.raw<Fault | null>(null);

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  async load(): Promise<void> {
    const { exchange } = this.#backend;
    await this.#do(async () => {
      [this.approved, this.files, this.denials, this.low] = await Promise.all([
        exchange.approved(), exchange.files(), exchange.denials(this.all), exchange.underpayments(),
      ]);
      this.listed = true;
      return '';
    });
  }
  async send(claims: string[]): Promise<string> {
    return this.#do(async () => {
      const made = await this.#backend.exchange.send(claims);
      const waits = made.filter((f) => !f.delivered);
      await this.#list();
      this.files = this.files.map((f) => made.find((m) => m.control === f.control && m.fault) ?? f);
      return waits.length > 0 ? `${waits.length} of ${made.length} files wait in the outbox.` : `${claims.length} claims are sent in ${made.length} files.`;
    });
  }
  async deliver(): Promise<string> {
    return this.#do(async () => {
      this.files = await this.#backend.exchange.deliver();
      const waits = this.files.filter((f) => !f.delivered).length;
      return waits > 0 ? `${waits} files still wait.` : 'Everything is delivered.';
    });
  }
  async take(paths: string[]): Promise<string> {
    return this.#do(async () => {
      for (const file of paths) {
        try {
          this.taken = [{ file, done: await this.#backend.exchange.take(file), fault: null }, ...this.taken];
        } catch (reason) {
          this.taken = [{ file, done: null, fault: asFault(reason) }, ...this.taken];
        }
      }
      await this.#list();
      const matched = this.taken.slice(0, paths.length).reduce((sum, t) => sum + (t.done?.matched ?? 0), 0);
      return `${matched} claims were answered.`;
    });
  }
  async close(id: string): Promise<string> {
    return this.#do(async () => {
      await this.#backend.exchange.closeDenial(id);
      await this.#list();
      return 'The denial is closed.';
    });
  }
  async #list(): Promise<void> {
    const { exchange } = this.#backend;
    [this.approved, this.files, this.denials, this.low] = await Promise.all([
      exchange.approved(), exchange.files(), exchange.denials(this.all), exchange.underpayments(),
    ]);
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
}
