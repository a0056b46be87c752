// Drives the rules screen of the real window: editions and a refused and a taken import, a payer rule from form to finding.
//
//   node rules.mjs --app PATH --cli PATH --data DIR --shots DIR --driver PATH [--native PATH] [--patience SECONDS]
//
// Needs a display and WebKitWebDriver, but no models: its note is typed. The file dialog is the system's and cannot be
// driven; files are imported by the headless program into the same rule book. Exit 0: every step held. Exit 1: the step
// that did not is named. Exit 2: usage.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Key } from 'selenium-webdriver';
import { Run } from './steps.mjs';
import { startWindow } from './window.mjs';

const PASSPHRASE = 'fern ladder copper moss';
const ANSWER_MS = 20_000;
const NOTE = 'Postoperative diagnosis: lumbar disc herniation L4-5 with radiculopathy.\nProcedure performed: left L4-5 microdiscectomy through a tubular retractor.\nThe disc fragment was removed and the left nerve root was free.';
const MUE = '"HCPCS/CPT Code",Practitioner Services MUE Values,MUE Adjudication Indicator,MUE Rationale\r\n63030,1,2 Date of Service Edit: Policy,Anatomic\r\n22551,1,2 Date of Service Edit: Policy,Anatomic\r\n';

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
const scratch = await mkdtemp(join(tmpdir(), 'iambilly-rules-'));
const env = { IAMBILLY_DATA_DIR: resolve(values.data), IAMBILLY_MODELS_DIR: scratch, IAMBILLY_RULES_DIR: join(scratch, 'rules') };

function headless(...args) {
  const run = spawnSync(resolve(values.cli), args, { env: { ...process.env, ...env, IAMBILLY_PASSPHRASE: PASSPHRASE }, encoding: 'utf8' });
  assert.ok(run.status === 0 || run.status === 1, `${args.join(' ')}: ${run.stderr}`);
  return run.stdout.trim() === '' ? null : JSON.parse(run.stdout);
}

const run = new Run(values.shots, 'rules-');
await run.drive(
  async () => {
    const [note, mue] = [join(scratch, 'note.txt'), join(scratch, 'MCR_MUE_PractitionerServices_Eff_01-01-2026.csv')];
    await writeFile(note, NOTE);
    await writeFile(mue, MUE);
    headless('claim', note, '--payer', 'medicare', '--dos', '2026-02-02', '--reader', 'rules', '--json', '--quiet');
    headless('rules', 'import', 'mue', mue, '--json');
    return startWindow({ driver: values.driver, native: values.native, app: resolve(values.app), args: [], env });
  },
  async () => {
    const { page } = run;
    const value = (id) => page.run('return document.getElementById(arguments[0])?.value ?? null', id);
    const standing = () => page.text('#rule-standing');
    const stands = (word) => page.until(ANSWER_MS, async () => (await standing()).includes(word));
    const usable = () => page.until(ANSWER_MS, async () => (await page.text('#rule-problem')).includes('can be used'));
    /** Fields of a long form are brought into sight first. */
    const fill = async (id, text) => {
      await page.run(`document.getElementById(arguments[0]).scrollIntoView({ block: 'center' })`, id);
      await page.type(`#${id}`, text);
    };
    const ready = (id) => page.until(ANSWER_MS, () => page.run('return document.getElementById(arguments[0])?.disabled === false', id));
    /** Out of the editor, so that letters are keys again. */
    const out = () => page.run(`document.querySelector('[data-payer-rule]').focus()`);

    await run.step('the note about editions is short, and tells the tables on demand', async () => {
      await page.type('#passphrase', PASSPHRASE);
      await page.click('button[type=submit]');
      await page.entered();
      await page.click('[data-open]');
      const short = (await page.text('.edition > p')).trim();
      assert.ok(short.length < 120, short);
      await page.click('.edition summary');
      const tables = await page.run(`return document.querySelectorAll('.edition li').length`);
      assert.ok(tables >= 3, `${tables} tables`);
      await run.shot('note');
      return short;
    });
    await run.step('B opens the rules: the imported edition is listed, the others are missing', async () => {
      await page.press('b');
      await page.css('[data-table=mue]');
      assert.match(await page.text('[data-table=mue]'), /2026Q1/);
      assert.equal(await page.attribute('[data-table=ncci-ptp]', 'data-state'), 'missing');
      assert.equal(await page.run(`return document.querySelectorAll('[data-table]').length`), 7);
      await run.shot('editions');
    });
    await run.step('without payer rules the screen says what they are for', async () => {
      await page.press('2');
      await page.css('.nothing');
      await run.shot('empty');
    });
    await run.step('a rule is written in the form; the text beside it follows, and what is wrong is said at its field', async () => {
      await page.press('a');
      await page.css('#rule-id');
      for (const [id, text] of [
        ['rule-id', 'acme'], ['rule-message', 'Ask the contractor before a discectomy'], ['rule-from', '2026-01-01'], ['rule-scope-payers', 'medicare'],
        ['rule-when-codes', '63030, 63042'], ['rule-source-title', 'Local coverage article'], ['rule-source-edition', '2026-01'], ['rule-source-locator', 'p. 2'],
      ]) await fill(id, text);
      await page.until(ANSWER_MS, async () => (await page.text('#rule-id-said')).includes('capitals'));
      assert.match(await page.text('#rule-problem'), /Line \d+: /);
      await run.shot('wrong');
      await fill('rule-id', 'MEDICARE-DISC-1');
      await usable();
      const text = await value('rule-text');
      assert.ok(text.includes('codes = ["63030", "63042"]'), text);
      assert.match(await page.text('#rule-note'), /claims of payer medicare/);
      await run.shot('form');
    });
    await run.step('the text is written too, and the form follows', async () => {
      await page.run(`
        const area = document.getElementById('rule-text');
        area.value = '# Asked by phone in January.\\n' + area.value.replace('"warn"', '"block"').replace(', "63042"', '');
        area.dispatchEvent(new Event('input', { bubbles: true }))`);
      await page.until(ANSWER_MS, async () => (await value('rule-severity')) === 'block');
      await usable();
      assert.equal(await value('rule-when-codes'), '63030');
      // A change in the form keeps the comment.
      await fill('rule-source-locator', 'p. 3');
      await page.until(ANSWER_MS, async () => (await value('rule-text')).includes('p. 3'));
      assert.ok((await value('rule-text')).startsWith('# Asked by phone'));
    });
    await run.step('the dry run finds the stored claim', async () => {
      await page.chord(Key.CONTROL, Key.ENTER);
      await page.css('[data-touched]');
      await run.shot('dry-run');
      return (await page.text('#rule-trial p')).replace(/\s+/g, ' ').trim();
    });
    await run.step('it is saved as a draft, confirmed, and survives in the store', async () => {
      await page.chord(Key.CONTROL, 's');
      await stands('Draft');
      await out();
      await ready('rule-confirm');
      await page.press('y');
      await stands('Confirmed');
      await run.shot('confirmed');
      assert.equal(headless('rules', 'list', '--json').payer_rules[0].state, 'confirmed');
    });
    await run.step('retired, and taken back', async () => {
      await out();
      await ready('rule-retire');
      await page.press('x');
      await stands('Retired');
      await ready('rule-undo');
      await page.press('u');
      await stands('Confirmed');
    });
    await run.step('dark and high contrast', async () => {
      await out();
      for (const name of ['light', 'dark', 'contrast']) {
        await page.press('t');
        await run.shot(`payer-${name}`);
      }
      await page.press('1');
      await page.css('[data-table]');
      await run.shot('editions-contrast');
      await page.press('t');
    });
    await run.step('3 shows what the clinic charges; another share of Medicare is set', async () => {
      await page.press('3');
      await page.until(ANSWER_MS, () => page.run(`return document.getElementById('fee-default')?.value === '200'`));
      await page.run(`
        const share = document.getElementById('fee-default');
        share.value = '300';
        share.dispatchEvent(new Event('input', { bubbles: true }))`);
      await page.click('.standard button');
      await page.until(ANSWER_MS, () => headless('fees', 'list', '--json').defaultPercent === 3000);
      await run.shot('charges');
      await page.press('1');
      await page.css('[data-table]');
    });
    await run.step('the claim drafted before is judged by the rule too, and says so', async () => {
      await page.press(Key.ESCAPE);
      await page.css('[data-kind=line]');
      await page.css('#judged');
      const judged = (await page.text('#judged')).trim();
      assert.match(judged, /rules of today: \d+ new/);
      assert.ok((await page.run(`return document.querySelector('aside').textContent`)).includes('Ask the contractor'));
      assert.match(await page.text('[data-total]'), /^\$\d[\d,]*\.\d\d$/, 'the lines are charged');
      assert.match(await page.attribute('.charge', 'title'), /300\.0 % of Medicare/);
      await run.shot('judged-again');
      return judged;
    });
    await run.step('V shows what it is worth, to a qualifying participant and to others', async () => {
      await page.press('v');
      await page.css('#payment-total');
      const total = () => page.text('#payment-total');
      const national = await total();
      assert.match(national, /^\$\d[\d,]*\.\d\d$/);
      await page.click('#qualifying');
      await page.until(ANSWER_MS, async () => (await total()) !== national);
      await run.shot('value');
      const claims = headless('claims', 'list', '--json');
      const value = headless('claims', 'value', claims[0].claimId, '--json');
      assert.equal(value.setting.qualifying, true, 'the window remembers what it was told');
      await page.run(`document.querySelector('[data-kind=line]').focus()`);
      await page.press('v');
      await page.css('#findings-title');
      return [national, value.optimum.payment.total];
    });
    await run.step('the next note is blocked by the rule, with its source', async () => {
      await page.press(Key.ESCAPE);
      await page.press('w');
      await page.type('#note', NOTE.replaceAll('\n', ' '));
      await page.run(`
        const dos = document.getElementById('dos');
        dos.value = '2026-02-02';
        dos.dispatchEvent(new Event('input', { bubbles: true }))`);
      const before = await page.run(`return document.querySelectorAll('[data-open]').length`);
      await page.click('form.note button');
      await page.until(patienceMs, () => page.run(`return document.querySelectorAll('[data-open]').length > arguments[0]`, before));
      await page.click('[data-open]');
      await page.css('[data-kind=line]');
      const found = await page.run(`return [...document.querySelectorAll('article[data-kind=finding]')].map((e) => e.textContent)`);
      const own = found.find((f) => f.includes('Ask the contractor'));
      assert.ok(own?.includes('Block') && own.includes('Local coverage article'), found.join('\n'));
      await run.shot('judged');
      return (await page.text('#verdict')).replace(/\s+/g, ' ').trim();
    });
  },
);
