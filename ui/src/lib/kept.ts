// What is being typed, kept in the encrypted records every moment: a window that is closed or killed in the middle of a
// sentence loses at most the last of it.
import type { Workbench } from './workbench.svelte';

/** From a key press until it is kept. */
export const KEEP_MS = 500;

export class Kept {
  readonly #bench: Workbench;
  readonly #place: string;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #text = '';
  #there = false;

  constructor(bench: Workbench, place: string) {
    this.#bench = bench;
    this.#place = place;
  }

  /** Called with the whole text at each change. */
  keep(text: string): void {
    this.#text = text;
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      void this.#send(this.#text);
    }, KEEP_MS);
  }

  /** What was typed here when the window was closed; null for nothing. */
  async recall(): Promise<string | null> {
    if (!this.#allowed()) return null;
    // A place that cannot be read is empty: nothing is worse than before it was asked.
    const text = await this.#bench.backend.physician.typed(this.#place).catch(() => null);
    this.#there = text !== null;
    return text;
  }

  /** It was saved or thrown away. */
  forget(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#there || this.#text !== '') void this.#send('');
    this.#text = '';
  }

  /** The screen goes: what waits is kept now. */
  leave(): void {
    if (!this.#timer) return;
    clearTimeout(this.#timer);
    this.#timer = null;
    void this.#send(this.#text);
  }

  #allowed(): boolean {
    return this.#bench.session?.state === 'unlocked' && this.#bench.may('typing.keep');
  }
  async #send(text: string): Promise<void> {
    if (!this.#allowed()) return;
    this.#there = text !== '';
    // Keeping is a net under the work, not the work: when it fails the text is still in the field.
    await this.#bench.backend.physician.keepTyped(this.#place, text).catch(() => undefined);
  }
}
