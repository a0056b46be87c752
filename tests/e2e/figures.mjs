// Measures the real window: from the start of its process until it can be used, its memory when idle without models, and how
// long a key takes to its next frame in the queue, with as many claims as the data folder holds. Prints JSON; fails nothing,
// since what a figure is worth depends on the machine it was taken on.
//
//   node figures.mjs --app PATH --data DIR --driver PATH [--native PATH]
//
// The data folder has a vault with the passphrase of the other scripts; `crates/app/examples/many_claims.rs` fills one.
import { mkdtemp, readdir, readFile, readlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { startWindow } from './window.mjs';

const PASSPHRASE = 'fern ladder copper moss';
const STARTS = 5;
const KEYS = 30;
const TICKS_A_SECOND = 100;
const IDLE_MS = 8000;

const { values } = parseArgs({
  options: { app: { type: 'string' }, data: { type: 'string' }, driver: { type: 'string' }, native: { type: 'string', default: 'WebKitWebDriver' } },
});
if (!values.app || !values.data || !values.driver) {
  process.stderr.write('usage: figures.mjs --app PATH --data DIR --driver PATH\n');
  process.exit(2);
}
const app = resolve(values.app);
const env = { IAMBILLY_DATA_DIR: resolve(values.data), IAMBILLY_MODELS_DIR: await mkdtemp(join(tmpdir(), 'iambilly-figures-')) };
const median = (all) => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)];

/** The window's processes: its own and the web view's. */
async function processes() {
  const found = [];
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const environ = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    if (!environ.split('\0').includes(`IAMBILLY_DATA_DIR=${env.IAMBILLY_DATA_DIR}`)) continue;
    const exe = await readlink(`/proc/${pid}/exe`).catch(() => '');
    if (exe === app || /WebKit(Web|Network)Process$/.test(exe)) found.push({ pid, exe });
  }
  return found;
}
/** When a process began, as the page's clock counts. */
async function began(pid) {
  const [stat, uptime] = await Promise.all([readFile(`/proc/${pid}/stat`, 'utf8'), readFile('/proc/uptime', 'utf8')]);
  const ticks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
  return Date.now() - (Number(uptime.split(' ')[0]) - ticks / TICKS_A_SECOND) * 1000;
}

const starts = [];
const figures = {};
for (let n = 0; n < STARTS; n += 1) {
  const window = await startWindow({ driver: values.driver, native: values.native, app, args: [], env });
  const { page } = window;
  try {
    await page.css('#passphrase');
    await page.until(20_000, () => page.run(`return performance.getEntriesByName('usable').length > 0`));
    const usable = await page.run(`return performance.timeOrigin + performance.getEntriesByName('usable')[0].startTime`);
    const own = (await processes()).find((p) => p.exe === app);
    starts.push(usable - (await began(own.pid)));
    if (n < STARTS - 1) continue;

    await page.type('#passphrase', PASSPHRASE);
    await page.click('button[type=submit]');
    await page.entered();
    await page.css('#new-dictation');
    await page.sleep(IDLE_MS);
    const pss = await Promise.all((await processes()).map(async ({ pid, exe }) => {
      const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
      return [exe.split('/').at(-1), Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0) / 1024];
    }));
    figures.idleMib = Object.fromEntries(pss.map(([name, mib]) => [name, Math.round(mib)]));
    figures.idleMibInAll = Math.round(pss.reduce((sum, [, mib]) => sum + mib, 0));

    await page.run(`document.activeElement?.blur()`);
    await page.press('z');
    await page.css('[data-claim]');
    await page.css('#queue-find');
    figures.claims = await page.text('#queue-size').then((t) => t.trim());
    // From the event of a key to the frame after it: typing into the search, and moving along the rows.
    const frames = await page.run(`
      const done = [];
      const field = document.querySelector('#queue-find');
      const frame = () => new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)));
      return (async () => {
        for (let n = 0; n < arguments[0]; n += 1) {
          const from = performance.now();
          if (n % 2) { field.value = 'exampleby'.slice(0, 1 + n % 9); field.dispatchEvent(new Event('input', { bubbles: true })); }
          else document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'j', bubbles: true }));
          await frame();
          done.push(performance.now() - from);
          await new Promise((r) => setTimeout(r, 250));
        }
        return done;
      })()`, KEYS);
    figures.keyToFrameMs = { median: Math.round(median(frames)), slowest: Math.round(Math.max(...frames)) };
  } finally {
    await window.stop();
  }
}
figures.startToUsableMs = { first: Math.round(starts[0]), median: Math.round(median(starts)) };
process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
