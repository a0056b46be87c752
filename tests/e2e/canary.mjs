// A marked patient in the real window: reviewed, written about, searched for; then the window is locked, started a second time
// and crashed. No byte of what it left on the disk (records, log, web view's cache and data, temporary files, core files)
// shows a mark, and neither does standard error.
//
//   node canary.mjs --app PATH --cli PATH --data DIR --shots DIR --driver PATH [--native PATH] [--patience SECONDS]
//
// Needs a display and WebKitWebDriver, but no models: the note is typed.
// Exit 0: every step held. Exit 1: the step that did not is named. Exit 2: usage.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Key } from 'selenium-webdriver';
import { Run } from './steps.mjs';
import { startWindow } from './window.mjs';

const PASSPHRASE = 'fern ladder copper moss';
const MARKS = ['quillfeather', 'zebediah', 'canary77231', 'vermilionish', 'marzipanner'];
const NOTE =
  'Patient Zebediah Quillfeather, vermilionish.\nPostoperative diagnosis: L4-5 lumbar spinal stenosis with neurogenic claudication.\nProcedure performed: L4-5 decompressive laminectomy with bilateral medial facetectomy and foraminotomy.';

const { values } = parseArgs({
  options: {
    app: { type: 'string' }, cli: { type: 'string' }, data: { type: 'string' }, shots: { type: 'string' }, driver: { type: 'string' },
    native: { type: 'string', default: 'WebKitWebDriver' }, patience: { type: 'string', default: '120' },
  },
});
const absent = ['app', 'cli', 'data', 'shots', 'driver'].filter((name) => !values[name]);
if (absent.length > 0) {
  process.stderr.write(`missing: ${absent.map((n) => `--${n}`).join(' ')}\n`);
  process.exit(2);
}
// All that the window could write into is one home, which is searched whole. What a person hands in lies elsewhere.
const home = resolve(values.data);
const inputs = await mkdtemp(join(tmpdir(), 'iambilly-canary-'));
const within = (name) => {
  const path = join(home, name);
  mkdirSync(path, { recursive: true });
  return path;
};
const env = {
  HOME: home, TMPDIR: within('tmp'), XDG_CACHE_HOME: within('cache'), XDG_DATA_HOME: within('share'), XDG_CONFIG_HOME: within('config'),
  XDG_STATE_HOME: within('state'), IAMBILLY_DATA_DIR: join(home, 'data'), IAMBILLY_MODELS_DIR: inputs, IAMBILLY_RULES_DIR: join(home, 'rules'),
};
// Exit 1: done, and the claim has findings.
const cli = (...args) => {
  const done = spawnSync(resolve(values.cli), ['--quiet', ...args], { env: { ...process.env, ...env, IAMBILLY_PASSPHRASE: PASSPHRASE }, encoding: 'utf8', timeout: 120_000 });
  assert.ok(done.status === 0 || done.status === 1, `${args[0]} ended with ${done.status}: ${done.stderr}`);
  return done.stdout;
};
const place = (name, text) => {
  const path = join(inputs, name);
  writeFileSync(path, text);
  return path;
};

/** Every file below a folder. */
const files = (folder) =>
  readdirSync(folder, { withFileTypes: true }).flatMap((e) => {
    const path = join(folder, e.name);
    return e.isDirectory() ? files(path) : e.isFile() ? [path] : [];
  });

/** No mark in any file of the home or in its name, in UTF-8 or UTF-16. */
function searched() {
  const all = files(home);
  for (const file of all) {
    assert.ok(!/(^|\/)core(\.\d+)?$/.test(file), `a core file: ${file}`);
    const bytes = readFileSync(file);
    const narrow = bytes.toString('latin1').toLowerCase();
    const wide = narrow.replaceAll('\0', '');
    for (const mark of MARKS) {
      assert.ok(!file.toLowerCase().includes(mark), `a mark in a name: ${file}`);
      assert.ok(!narrow.includes(mark) && !wide.includes(mark), `“${mark}” can be read in ${file}`);
    }
  }
  return all.length;
}

/** The window's own process: the one whose program is the application. */
function windowPid() {
  for (const pid of readdirSync('/proc').filter((n) => /^\d+$/.test(n))) {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      if (words[0] === resolve(values.app) && readFileSync(`/proc/${pid}/environ`, 'utf8').includes(home)) return Number(pid);
    } catch {
      // Gone, or not ours to look at.
    }
  }
  // A window that is not dumpable hides its environment from other users: by its working data folder then.
  for (const pid of readdirSync('/proc').filter((n) => /^\d+$/.test(n))) {
    try {
      if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith(resolve(values.app))) return Number(pid);
    } catch {
      // As above.
    }
  }
  throw new Error('the window has no process');
}

const run = new Run(values.shots, 'canary-');
const patient = place('p.json', JSON.stringify({ id: 'p1', last: 'Quillfeather', first: 'Zebediah', birth_date: '1950-05-05', sex: 'M', member_id: 'CANARY77231' }));
cli('claim', place('note.txt', NOTE), '--payer', 'medicare', '--dos', '2026-03-03', '--reader', 'rules', '--patient', patient, '--json');

await run.drive(
  () => startWindow({ driver: values.driver, native: values.native, app: resolve(values.app), args: [], env }),
  async () => {
    const { page } = run;
    await run.step('the marked claim is reviewed, searched for and written about', async () => {
      await page.css('form');
      await page.type('#passphrase', PASSPHRASE);
      await page.click('button[type=submit]');
      await page.entered();
      await page.click('[data-open]');
      await page.css('[data-kind=line]');
      const shown = (await page.run('return document.documentElement.textContent')).toLowerCase();
      assert.ok(shown.includes('quillfeather') && shown.includes('vermilionish'), 'the marks are on the page');
      await page.press(Key.ESCAPE);
      cli('claims', 'list');
    });
    await run.step('how claims fare and who they are of is looked at in every place', async () => {
      for (const [key, there] of [['z', '[data-claim]'], [';', '#insights, main'], ['1', 'main'], ['2', 'main'], ['3', 'main'], ['4', 'main'], [',', '#add-record'], ['5', '[role=tab]'], ['7', 'main']]) {
        await page.press(key);
        await page.css(there);
        await page.sleep(200);
      }
      await page.press(Key.ESCAPE);
    });
    await run.step('while it runs nothing on the disk shows a mark', async () => ({ files: searched() }));

    await run.step('a second window calls this one forward and ends', async () => {
      const second = spawnSync(resolve(values.app), [], { env: { ...process.env, ...env }, encoding: 'utf8', timeout: 30_000 });
      assert.equal(second.status, 0, second.stderr);
      assert.match(second.stderr, /open already/);
      const log = join(home, 'data', 'logs', 'iambilly.jsonl');
      await page.until(10_000, () => existsSync(log) && readFileSync(log, 'utf8').includes('a second window called this one forward'));
    });

    await run.step('a crash of the window leaves no core file and no mark', async () => {
      const pid = windowPid();
      const limit = readFileSync(`/proc/${pid}/limits`, 'utf8').split('\n').find((l) => l.startsWith('Max core file size'));
      assert.match(limit ?? '', /\s0\s+0\s/, 'core files are switched off');
      // The web view's processes hold what is on the page: they inherit the limit, and leave nothing either.
      const views = childrenOf(pid).filter((child) => /^WebKit/.test(readFileSync(`/proc/${child}/comm`, 'utf8')));
      assert.ok(views.length >= 1, 'the web view has a process');
      for (const view of views) {
        const its = readFileSync(`/proc/${view}/limits`, 'utf8').split('\n').find((l) => l.startsWith('Max core file size'));
        assert.match(its ?? '', /\s0\s+0\s/, `core files of the web view are switched off (${its})`);
        process.kill(view, 'SIGABRT');
      }
      await page.sleep(1000).catch(() => undefined);
      // As a failed assertion of a library ends it: with a core file, were they not off.
      if (existsSync(`/proc/${pid}`)) process.kill(pid, 'SIGABRT');
      await page.sleep(2000).catch(() => undefined);
      assert.ok(!existsSync(`/proc/${pid}/exe`) || !existsSync(`/proc/${pid}`) || /zombie|defunct/.test(stateOf(pid)), 'it is gone');
      return { files: searched() };
    });

    await run.step('started again, the work is there', async () => {
      await run.restart(() => startWindow({ driver: values.driver, native: values.native, app: resolve(values.app), args: [], env }));
      const again = run.page;
      await again.css('#passphrase');
      const locked = (await again.run('return document.documentElement.textContent')).toLowerCase();
      assert.ok(MARKS.every((mark) => !locked.includes(mark)), 'nothing of a patient on the lock screen');
      await again.type('#passphrase', PASSPHRASE);
      await again.click('button[type=submit]');
      await again.entered();
      await again.css('[data-open]');
      searched();
    });
  },
);

/** Processes a process started. */
function childrenOf(parent) {
  return readdirSync('/proc').filter((n) => /^\d+$/.test(n)).map(Number).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/status`, 'utf8').includes(`\nPPid:\t${parent}\n`);
    } catch {
      return false;
    }
  });
}

/** A process's state, as the kernel words it. */
function stateOf(pid) {
  try {
    readlinkSync(`/proc/${pid}/exe`);
    return readFileSync(`/proc/${pid}/status`, 'utf8').split('\n').find((l) => l.startsWith('State:')) ?? '';
  } catch {
    return 'zombie';
  }
}
