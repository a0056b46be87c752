// Named steps with screenshots and a report: what every driven run has in common.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A frame that was asked for too early can be the one before. */
const SETTLE_MS = 1500;

/** Runs steps against a started window and ends the process: 0 every step held, 1 the step that did not is named. */
export class Run {
  #done = [];
  #current = 'start';
  #begun = Date.now();
  #folder;
  #name;
  #window = null;
  /** Screenshots taken so far. */
  shots = 0;
  page = null;

  constructor(folder, name) {
    this.#folder = folder;
    this.#name = name;
  }

  /** One named step; its name is what a failure reports. */
  async step(name, act) {
    this.#current = name;
    const from = Date.now();
    const detail = await act();
    const entry = { step: name, ms: Date.now() - from, ...(detail === undefined ? {} : { detail }) };
    this.#done.push(entry);
    process.stdout.write(`ok   ${name} (${entry.ms} ms)${detail === undefined ? '' : ` ${JSON.stringify(detail)}`}\n`);
  }

  async shot(name) {
    await this.page.sleep(SETTLE_MS);
    this.shots += 1;
    const file = `${this.#name}${String(this.shots).padStart(2, '0')}-${name}.png`;
    await writeFile(join(this.#folder, file), await this.page.screenshot());
  }

  /** Starts the window again after it was ended or killed. */
  async restart(start) {
    await this.#window?.stop();
    this.#window = await start();
    this.page = this.#window.page;
  }

  async drive(start, steps) {
    await mkdir(this.#folder, { recursive: true });
    let failed = null;
    try {
      await this.restart(start);
      await steps(this);
    } catch (error) {
      failed = error;
      process.stdout.write(`FAIL ${this.#current}: ${error.message}\n`);
      if (this.page) await this.shot('failed').catch(() => undefined);
    } finally {
      await this.#window?.stop();
    }
    const report = {
      ok: failed === null, ms: Date.now() - this.#begun, steps: this.#done,
      failed: failed && { step: this.#current, message: failed.message },
    };
    await writeFile(join(this.#folder, `${this.#name}report.json`), `${JSON.stringify(report, null, 2)}\n`);
    process.exit(failed === null ? 0 : 1);
  }
}
