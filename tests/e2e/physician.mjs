// Drives the physician's side in the real window: from an empty folder to a first draft by the sample, a note that outlives a
// kill while it is typed, a patient chosen afterwards, a query answered, the note signed, added to and moved.
//
//   node physician.mjs --app PATH --cli PATH --data DIR --shots DIR --driver PATH [--native PATH] [--patience SECONDS]
//
// Needs a display and WebKitWebDriver, but no models: its notes are text. Exit 0: every step held. Exit 1: the step that did
// not is named. Exit 2: usage.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Key } from 'selenium-webdriver';
import { Run } from './steps.mjs';
import { startWindow } from './window.mjs';

const PASSPHRASE = 'fern ladder copper moss';
/** From the first start of a newcomer to the first draft; the program promises five minutes. */
const MOST_MS = 300_000;
const NOTE =
  'Preoperative diagnosis: lumbar stenosis with neurogenic claudication and degenerative spondylolisthesis at L4-L5. Procedure performed: transforaminal lumbar interbody fusion at L4-L5 with a PEEK cage, posterolateral fusion L4-L5, pedicle screw instrumentation L4 to L5, decompressive laminectomy L4-L5. There were no complications.';
const ANSWER = 'The laminectomy and both facetectomies at L4-L5 went beyond the interbody approach, to free both L5 nerve roots and the central canal.';
const PATIENTS = [
  { id: 'F-1', last: 'Fernworth', first: 'Odile', birth_date: '1957-08-14', sex: 'F' },
  // Written from right to left, and longer than any column.
  { id: 'H-2', last: 'אלכסנדרוביץ׳־מונטפיורי־רוטשילד־ואן־דר־ולדן', first: 'מרים אסתר שרה רבקה', birth_date: '1949-01-30', sex: 'F' },
];

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
const patienceMs = Number(values.patience) * 1000;
const scratch = await mkdtemp(join(tmpdir(), 'iambilly-physician-'));
const env = { IAMBILLY_DATA_DIR: resolve(values.data), IAMBILLY_MODELS_DIR: scratch };
const cli = (...args) => execFileSync(resolve(values.cli), args, { env: { ...process.env, ...env, IAMBILLY_PASSPHRASE: PASSPHRASE }, encoding: 'utf8' });
const start = () => startWindow({ driver: values.driver, native: values.native, app: resolve(values.app), args: [], env });

/** Ends the window's process at once, as a power cut would. */
async function kill() {
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const exe = await readlink(`/proc/${pid}/exe`).catch(() => '');
    if (exe !== resolve(values.app)) continue;
    const environ = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    if (environ.split('\0').includes(`IAMBILLY_DATA_DIR=${env.IAMBILLY_DATA_DIR}`)) process.kill(Number(pid), 'SIGKILL');
  }
}

const run = new Run(values.shots, 'physician-');
await run.drive(start, async () => {
  let { page } = run;
  const there = (selector) => page.run('return document.querySelector(arguments[0]) !== null', selector);
  const away = () => page.run('document.activeElement?.blur()');
  const says = (selector, words) => page.until(patienceMs, async () => (await page.text(selector)).includes(words));
  const opened = Date.now();

  await run.step('a newcomer makes the vault and is met by first steps', async () => {
    await page.css('form');
    if (await there('#instead')) await page.click('#instead');
    await page.type('#passphrase', PASSPHRASE);
    await page.type('#repeated', PASSPHRASE);
    await page.click('button[type=submit]');
    await page.entered();
    await page.css('#first-steps');
    await page.until(patienceMs, () => page.enabled('#sample-text'));
    await run.shot('first-steps');
  });

  await run.step('the sample becomes a first draft, and is not approved', async () => {
    await page.click('#sample-text');
    await page.until(patienceMs, () => there('[data-open]'));
    await page.click('[data-open]');
    await page.css('[data-kind=line]');
    const ms = Date.now() - opened;
    assert.ok(ms < MOST_MS, `${ms} ms`);
    await run.shot('first-draft');
    await away();
    await page.press('s');
    await page.until(patienceMs, async () => (await page.attribute('#decision', 'data-state')) === 'human_review');
    await page.press(Key.ESCAPE);
    await page.css('#new-dictation');
    return { ms };
  });

  await run.step('a note is half typed when the power goes: every word is there again', async () => {
    await away();
    await page.press('w');
    await page.type('#note', NOTE);
    await page.sleep(1500);
    await kill();
    for (const [n, patient] of PATIENTS.entries()) {
      const file = join(scratch, `patient-${n}.json`);
      await writeFile(file, JSON.stringify(patient));
      cli('patients', 'add', file);
    }
    await run.restart(start);
    ({ page } = run);
    await page.css('#passphrase');
    await page.type('#passphrase', PASSPHRASE);
    await page.click('button[type=submit]');
    await page.entered();
    await page.css('#new-dictation');
    await page.until(patienceMs, () => page.run(`return document.querySelector('#note')?.value === arguments[0]`, NOTE));
    await run.shot('typed-again');
    const before = await page.run(`return document.querySelectorAll('[data-open]').length`);
    await page.click('form.note button');
    await page.until(patienceMs, () => page.run(`return document.querySelectorAll('[data-open]').length > arguments[0]`, before));
  });

  await run.step('the patient is chosen afterwards', async () => {
    await away();
    await page.press('7');
    await page.css('#day');
    await page.press('3');
    await page.click('#unfiled');
    await page.until(patienceMs, () => page.run(`return document.querySelectorAll('[data-history]').length === 1`));
    await page.click('[data-file]');
    await page.type('#file-patient', 'fern');
    await says('#file-patient-list', 'Fernworth, Odile');
    await run.shot('choose-patient');
    await page.press(Key.ENTER);
    await page.click('#file-do');
    await page.until(patienceMs, async () => !(await there('#file-form')));
    await page.click('#unfiled');
    await page.until(patienceMs, async () => (await page.run('return document.querySelector("[data-history]")?.textContent ?? ""')).includes('Fernworth, Odile'));
  });

  await run.step('a query is answered by keys, and the words are part of the note', async () => {
    await away();
    await page.press('2');
    await page.css('[data-query]');
    await page.until(patienceMs, () => page.run(`return [...document.querySelectorAll('[data-query]')].some((e) => e.textContent.includes('Fernworth'))`));
    const at = await page.run(`return [...document.querySelectorAll('[data-query]')].findIndex((e) => e.textContent.includes('Fernworth'))`);
    await page.run('document.querySelectorAll("[data-query]")[arguments[0]].focus()', at);
    await page.press('a');
    await page.type('#answer', ANSWER);
    await run.shot('queries');
    const before = await page.run(`return document.querySelectorAll('[data-query]').length`);
    await page.chord(Key.CONTROL, Key.ENTER);
    await page.until(patienceMs, () => page.run(`return document.querySelector('#answer') === null && document.querySelectorAll('[data-query]').length < arguments[0]`, before));
  });

  await run.step('the note is written by section, signed, and added to', async () => {
    await away();
    await page.press('3');
    await page.until(patienceMs, async () => (await page.run('return document.querySelector("[data-history]")?.textContent ?? ""')).includes('Fernworth'));
    await page.click('[data-history] [data-note]');
    await page.css('[data-section]');
    await says('#note', ANSWER);
    await page.run(`[...document.querySelectorAll('[data-section]')].find((e) => e.dataset.section === 'Surgeon').querySelector('button').click()`);
    await page.type('#note-words', 'Ada Testman, MD');
    await page.click('#note-save');
    await page.until(patienceMs, () => page.run(`return [...document.querySelectorAll('[data-section]')].some((e) => e.textContent.includes('Ada Testman'))`));
    await run.shot('note');
    await page.click('#sign');
    await page.click('#sign-anyway');
    await page.until(patienceMs, async () => (await page.attribute('#note', 'data-state')) === 'signed');
    await page.click('#addend');
    await page.css('#note-words');
    await page.run(`document.querySelector('#note-words').scrollIntoView({ block: 'center' })`);
    await page.type('#note-words', 'Estimated blood loss was 150 mL.');
    await page.click('#note-save');
    await says('#note', 'Estimated blood loss was 150 mL.');
    await run.shot('signed');
  });

  await run.step('it is moved to somebody with a long name from right to left, and has to be signed again', async () => {
    await page.click('#note-file');
    await page.type('#file-patient', 'H-2');
    await says('#file-patient-list', 'מרים');
    await page.press(Key.ENTER);
    await page.type('#file-reason', 'The wrong chart was open.');
    await page.click('#file-do');
    await page.until(patienceMs, async () => (await page.attribute('#note', 'data-state')) === 'void');
    assert.match(await page.text('#note-standing'), /sign it again/);
    await run.shot('moved');
  });

  await run.step('today shows what was dictated', async () => {
    await away();
    await page.press(Key.ESCAPE);
    await page.press('1');
    await page.until(patienceMs, () => there('[data-case]'));
    await run.shot('today');
    await page.press('4');
    await page.css('#template-save');
    await run.shot('templates');
  });
});
