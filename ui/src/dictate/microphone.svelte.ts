// The microphone while nothing is recorded: which one, and open so that the second before the button is kept.
import type { Workbench } from '../lib/workbench.svelte';
import { asFault } from '../lib/backend/backend';
import type { Fault, Microphones } from '../lib/backend/types';

const KEPT = 'microphone-ready';

export class Microphone {
  readonly #bench: Workbench;
  list = $state.raw<Microphones>({ inputs: [], chosen: null });
  /** Whether it is kept open between recordings. */
  keep = $state(localStorage.getItem(KEPT) !== 'no');
  /** Name of the open microphone. */
  open = $state<string | null>(null);
  fault = $state.raw<Fault | null>(null);
  #wanted = false;

  constructor(bench: Workbench) {
    this.#bench = bench;
  }

  /** The recorder is on the screen and nothing is recorded. */
  async show(): Promise<void> {
    this.#wanted = true;
    try {
      this.list = await this.#bench.backend.microphones();
      if (this.#wanted) await this.#reopen();
    } catch (reason) {
      this.fault = asFault(reason);
    }
  }

  /** The recorder left the screen, or a recording has taken the microphone. */
  async hide(): Promise<void> {
    this.#wanted = false;
    this.open = null;
    await this.#bench.backend.microphoneReady(false).catch(() => null);
  }

  /** `null` follows the system's default. */
  async choose(id: string | null): Promise<void> {
    await this.#try(async () => {
      await this.#bench.backend.microphoneChoose(id);
      this.list = { ...this.list, chosen: id };
      await this.#reopen();
    });
  }

  async setKeep(keep: boolean): Promise<void> {
    this.keep = keep;
    localStorage.setItem(KEPT, keep ? 'yes' : 'no');
    await this.#try(() => this.#reopen());
  }

  async #reopen(): Promise<void> {
    this.open = await this.#bench.backend.microphoneReady(this.keep);
    if (this.open === null) this.#bench.levels = [];
    this.fault = null;
  }

  async #try(call: () => Promise<void>): Promise<void> {
    try {
      await call();
    } catch (reason) {
      this.open = null;
      this.fault = asFault(reason);
    }
  }
}
