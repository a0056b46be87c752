// Drives the library of the real window: from a PDF that comes into the clinic's folder to a finding on a claim that opens
// the right page, a rule confirmed beside its passage, the claim's criteria and a checklist.
//
//   node library.mjs --app PATH --cli PATH --data DIR --shots DIR --driver PATH [--native PATH] [--patience SECONDS]
//
// Needs a display and WebKitWebDriver, but no models: the note is typed, and the library is asked by words. The folder is
// named by the page's own call, since no dialog can be driven; what lies in it the window finds by itself. Exit 0: every
// step held. Exit 1: the step that did not is named. Exit 2: usage.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Key } from 'selenium-webdriver';
import { pdf } from './pdf.mjs';
import { Run } from './steps.mjs';
import { startWindow } from './window.mjs';

const PASSPHRASE = 'fern ladder copper moss';
const NOTE = 'Postoperative diagnosis: lumbar disc herniation L4-5 with radiculopathy.\nProcedure performed: left L4-5 microdiscectomy through a tubular retractor.\nThe disc fragment was removed and the left nerve root was free. She had physical therapy for nine weeks.';
const edge = (page) => [[50, 40, 9, false, 'Harbor Plan, spine policy HP-SP-3'], [50, 770, 9, false, `Page ${page} of 3`]];
const POLICY = pdf([
  [...edge(1), [50, 80, 18, true, 'Care of the Low Back'], [50, 110, 10, false, 'Policy number: HP-SP-3'], [50, 140, 10, false, 'Version: 1'],
    [50, 170, 10, false, 'Effective: dates of service on or after 2026-01-01'], [50, 210, 10, false, 'This policy is about open operations for a disc of the low back.']],
  [...edge(2), [50, 90, 14, true, '2. Criteria'], [50, 120, 10, false, 'Removal of a disc (63030) is medically necessary when all of the following are met:'],
    [50, 150, 10, false, '1. Physical therapy for at least seven weeks.'], [50, 180, 10, false, '2. Imaging not older than six months shows the disc that presses on the nerve.'],
    [50, 240, 14, true, '3. Claims'], [50, 270, 10, false, 'A first claim has to reach the plan within 90 days of the date of service.']],
  [...edge(3), [50, 90, 14, true, '4. Authorization'], [50, 120, 10, false, 'Elective 63030 in an outpatient hospital department requires prior authorization.'],
    [50, 170, 14, true, '5. Not covered'], [50, 200, 10, false, 'Removal of a disc of the low back by any route (63030).']],
]);

const { values } = parseArgs({
  options: {
    app: { type: 'string' }, cli: { type: 'string' }, data: { type: 'string' }, shots: { type: 'string' }, driver: { type: 'string' },
    native: { type: 'string', default: 'WebKitWebDriver' }, patience: { type: 'string', default: '180' },
  },
});
const absent = ['app', 'cli', 'data', 'shots', 'driver'].filter((name) => !values[name]);
if (absent.length > 0) {
  process.stderr.write(`missing: ${absent.map((n) => `--${n}`).join(' ')}\n`);
  process.exit(2);
}
const patienceMs = Number(values.patience) * 1000;
const scratch = await mkdtemp(join(tmpdir(), 'iambilly-library-'));
const folder = join(scratch, 'policies');
await mkdir(join(folder, 'medicare'), { recursive: true });
const env = { IAMBILLY_DATA_DIR: resolve(values.data), IAMBILLY_MODELS_DIR: scratch, IAMBILLY_RULES_DIR: join(scratch, 'rules') };

function headless(...args) {
  const run = spawnSync(resolve(values.cli), args, { env: { ...process.env, ...env, IAMBILLY_PASSPHRASE: PASSPHRASE }, encoding: 'utf8', timeout: 120_000 });
  assert.ok(run.status === 0 || run.status === 1, `${args.join(' ')}: ${run.stderr}`);
  return run.stdout.trim() === '' ? null : JSON.parse(run.stdout);
}

const run = new Run(values.shots, 'library-');
await run.drive(
  async () => {
    const note = join(scratch, 'note.txt');
    await writeFile(note, NOTE);
    headless('claim', note, '--payer', 'medicare', '--dos', '2026-02-02', '--reader', 'rules', '--json', '--quiet');
    return startWindow({ driver: values.driver, native: values.native, app: resolve(values.app), args: [], env });
  },
  async () => {
    const { page } = run;
    const count = (selector) => page.run('return document.querySelectorAll(arguments[0]).length', selector);
    const within = (holds) => page.until(patienceMs, holds);
    const away = () => page.run('document.activeElement?.blur()');
    /** What is lit in the reader, if it can be seen without scrolling. */
    const lit = () =>
      page.run(`
        const one = document.querySelector('.passages [aria-current=true]');
        if (!one) return null;
        const [box, room] = [one.getBoundingClientRect(), one.closest('section').getBoundingClientRect()];
        return { page: one.dataset.page, text: one.textContent, seen: box.top >= room.top - 1 && box.bottom <= room.bottom + 1 }`);
    const opened = async (holds) => {
      await within(async () => holds(await lit()));
      return lit();
    };
    const ask = async (question) => {
      await page.type('#question', question);
      await page.click('form.ask button');
    };

    await run.step('9 opens an empty library that says so', async () => {
      await page.type('#passphrase', PASSPHRASE);
      await page.click('button[type=submit]');
      await page.entered();
      await page.css('[data-open]');
      await page.press('9');
      await page.css('#question');
      await ask('how many weeks of therapy');
      await page.css('#library-note');
      assert.match(await page.text('#library-note'), /empty/);
      await run.shot('empty');
    });
    await run.step('a PDF that comes into the watched folder is taken in by itself; a broken one is named', async () => {
      await page.run(`window.watched = null; window.__TAURI_INTERNALS__.invoke('library_watch', { folder: arguments[0], payer: null }).then((d) => (window.watched = d), (e) => (window.watched = { refused: e }))`, folder);
      await within(() => page.run('return window.watched !== null'));
      assert.deepEqual(await page.run('return window.watched.taken'), []);
      await writeFile(join(folder, 'medicare', 'low-back.pdf'), POLICY);
      await writeFile(join(folder, 'medicare', 'broken.pdf'), POLICY.slice(0, 60));
      await page.css('[data-policy]');
      await within(() => count('[data-refused="medicare/broken.pdf"]'));
      assert.match(await page.text('[data-policy]'), /Care of the Low Back/);
      assert.match(await page.text('[data-policy]'), /HP-SP-3/);
      assert.equal(await page.attribute('[data-policy]', 'data-status'), 'in_force');
      assert.match(await page.text('[data-refused]'), /damaged/);
      await run.shot('taken');
    });
    await run.step('an answer opens the policy at its passage, on its page', async () => {
      await ask('deadline for the first claim');
      await page.css('[data-hit]');
      await page.click('[data-hit]');
      const found = await opened((l) => l?.seen);
      assert.equal(found.page, '2');
      assert.match(found.text, /90 days/);
      await run.shot('answer');
    });
    await run.step('a question about nothing is not answered', async () => {
      await ask('zeppelin maintenance interval');
      await within(async () => (await page.text('#library-note')).includes('No passage'));
      assert.equal(await count('[data-hit]'), 0);
    });
    await run.step('a finding on the claim opens the right page of the policy', async () => {
      await page.click('header button');
      await page.click('[data-open]');
      await page.css('[data-kind=line]');
      await page.css('[data-passage-of]');
      await run.shot('finding');
      const finding = await page.run(`
        const all = [...document.querySelectorAll('[data-passage-of]')].map((b) => b.closest('article'));
        const one = all.find((a) => a.textContent.includes('never covers'));
        one?.querySelector('[data-passage-of]').click();
        return one?.textContent ?? all.map((a) => a.textContent).join(' | ')`);
      assert.match(finding, /never covers/);
      assert.match(finding, /Warn/, 'a proposal warns');
      const found = await opened((l) => l?.text.includes('63030') && l.seen);
      assert.equal(found.page, '3');
      assert.match(found.text, /by any route/);
      await run.shot('passage');
      return finding.replace(/\s+/g, ' ').trim();
    });
    await run.step('confirmed beside its passage, it blocks the claim', async () => {
      const rule = await page.run(`return document.querySelector('.passages [aria-current=true] [data-rule]').dataset.rule`);
      await page.run(`[...document.querySelectorAll('[data-rule="' + arguments[0] + '"] button')].find((b) => b.textContent.includes('Confirm')).click()`, rule);
      await within(() => count(`[data-rule="${rule}"][data-state=confirmed]`));
      await run.shot('confirmed');
      await page.click('header button');
      await page.css('[data-kind=line]');
      await within(() => page.run(`return document.querySelector('[data-passage-of="' + arguments[0] + '"]')?.closest('article').textContent.includes('Block') ?? false`, rule));
      assert.equal(headless('policy', 'source', rule, '--json').page, 3);
      return rule;
    });
    await run.step('the claim stands beside its criteria, and a checklist is made of them', async () => {
      await away();
      await page.press('4');
      await page.css('[data-criterion]');
      const criteria = await page.run(`return [...document.querySelectorAll('[data-criterion]')].map((e) => e.textContent)`);
      assert.ok(criteria.some((c) => c.includes('seven weeks') && c.includes('page 2')), criteria.join('\n'));
      assert.equal(await page.enabled('#appeal'), false, 'nothing was compared, so there is nothing to quote');
      await page.click('#compare');
      await within(async () => (await page.text('#claim-coverage')).includes('Nothing was compared'));
      await page.click('#checklist');
      await page.css('#coverage-text');
      const list = await page.run(`return document.getElementById('coverage-text').value`);
      assert.match(list, /Physical therapy for at least seven weeks/);
      assert.match(list, /HP-SP-3\), page 2/);
      await run.shot('coverage');
      return criteria.length;
    });
    await run.step('a file that goes away is said, and its policy stays until a person takes it out', async () => {
      await away();
      await page.press('9');
      await page.css('#watched-folders');
      await rm(join(folder, 'medicare', 'low-back.pdf'));
      await page.click('#look-now');
      await within(() => count('[data-gone="medicare/low-back.pdf"]'));
      assert.equal(await count('[data-policy]'), 1);
      await run.shot('gone');
    });
    await run.step('dark and high contrast', async () => {
      await away();
      for (const name of ['light', 'dark', 'contrast']) {
        await page.press('t');
        await run.shot(`theme-${name}`);
      }
      await page.press(Key.ESCAPE);
      await page.css('[data-kind=line]');
    });
  },
);
