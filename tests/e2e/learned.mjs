// Drives the real window over a folder in which one correction was made three times: the offer is accepted and acts.
//
//   node learned.mjs --app PATH --cli PATH --data DIR --shots DIR --driver PATH [--native PATH] [--patience SECONDS]
//
// Needs a display and WebKitWebDriver, but no models: its notes are typed. `--cli` is the headless program, which makes
// the folder and the corrections. Exit 0: every step held. Exit 1: the step that did not is named. Exit 2: usage.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Key } from 'selenium-webdriver';
import { codesShown } from './review.mjs';
import { Run } from './steps.mjs';
import { startWindow } from './window.mjs';

const PASSPHRASE = 'fern ladder copper moss';
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
const scratch = await mkdtemp(join(tmpdir(), 'iambilly-learned-'));
// Nothing is transcribed and no second opinion is asked for.
const env = { IAMBILLY_DATA_DIR: resolve(values.data), IAMBILLY_MODELS_DIR: scratch };

const note = (side, level) =>
  `Postoperative diagnosis: lumbar disc herniation ${level} with radiculopathy.\nProcedure performed: ${side} ${level} microdiscectomy through a tubular retractor.\nThe disc fragment was removed and the ${side} nerve root was free.`;

function headless(...args) {
  const run = spawnSync(resolve(values.cli), args, { env: { ...process.env, ...env, IAMBILLY_PASSPHRASE: PASSPHRASE }, encoding: 'utf8' });
  assert.ok(run.status === 0 || run.status === 1, `${args.join(' ')}: ${run.stderr}`);
  return JSON.parse(run.stdout);
}

const run = new Run(values.shots, 'learned-');
await run.drive(
  async () => {
    const edits = join(scratch, 'edits.json');
    await writeFile(edits, JSON.stringify([{ op: 'set_line', line: 1, code: '62380' }]));
    for (const [i, [side, level]] of [['Left', 'L4-5'], ['Right', 'L5-S1'], ['Left', 'L3-4']].entries()) {
      const file = join(scratch, `note${i}.txt`);
      await writeFile(file, note(side, level));
      const draft = headless('claim', file, '--payer', 'medicare', '--dos', '2026-02-02', '--reader', 'rules', '--json', '--quiet');
      headless('claims', 'correct', draft.claimId, '--revision', String(draft.revision), '--edits', edits, '--json');
    }
    return startWindow({ driver: values.driver, native: values.native, app: resolve(values.app), args: [], env });
  },
  async () => {
    const { page } = run;
    await run.step('the footer says that a rule is offered', async () => {
      await page.type('#passphrase', PASSPHRASE);
      await page.click('button[type=submit]');
      await page.entered();
      await page.css('[data-dictation]');
      await page.until(patienceMs, async () => (await page.text('#to-learned')).includes('1 offered'));
    });
    let rule;
    await run.step('L opens it, in plain words; it is accepted', async () => {
      await page.press('l');
      rule = await page.attribute('[data-rule][data-state=offered]', 'data-rule');
      const said = await page.text('[data-rule]');
      assert.ok(said.includes('any level') && said.includes('62380'), said);
      await run.shot('offered');
      await page.click('[data-rule] .button.primary');
      await page.css('[data-rule][data-state=accepted]');
      await run.shot('accepted');
      await page.press(Key.ESCAPE);
      await page.until(5000, () => page.run(`return document.querySelector('[role=dialog]') === null`));
    });
    await run.step('G opens the dictionary: a word goes in, a level is refused, a word goes out and comes back', async () => {
      await page.press('g');
      const words = () => page.run(`return [...document.querySelectorAll('[data-word]')].map((e) => e.innerText.replace(/\\s+/g, ' '))`);
      const add = async (meant, heard) => {
        await page.type('#word-meant', meant);
        await page.type('#word-heard', heard);
        await page.click('#dictionary form button');
      };
      await add('Nuvasive', 'new vasive');
      await page.until(patienceMs, async () => (await words()).length === 1);
      await add('L5', 'elf hive');
      await page.until(patienceMs, async () => (await page.text('#dictionary')).includes('change facts'));
      await run.shot('dictionary');
      await page.click('[data-word] button');
      await page.until(patienceMs, async () => (await words()).length === 0);
      await page.click('#dictionary .removed button');
      await page.until(patienceMs, async () => (await words()).length === 1);
      assert.ok((await words())[0].includes('Nuvasive for “new vasive”'), String(await words()));
      await page.press(Key.ESCAPE);
      await page.until(5000, () => page.run(`return document.querySelector('[role=dialog]') === null`));
    });
    await run.step('the next note is coded by it, and its proof names it', async () => {
      const before = await page.run(`return document.querySelectorAll('[data-open]').length`);
      await page.press('w');
      await page.type('#note', note('Right', 'L2-3').replaceAll('\n', ' '));
      await page.click('form.note button');
      await page.until(patienceMs, () => page.run(`return document.querySelectorAll('[data-open]').length > arguments[0]`, before));
      await page.click('[data-open]');
      await page.css('[data-kind=line]');
      assert.deepEqual((await codesShown(page)).slice(0, 1), ['62380']);
      await page.run(`document.querySelector('[data-kind=line]').focus()`);
      await page.until(5000, async () => (await page.text('#proof')).includes(rule));
      await run.shot('acts');
      return (await page.text('#made-by')).trim();
    });
  },
);
