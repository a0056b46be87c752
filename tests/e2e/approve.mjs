// Drives the real window from an empty folder to an approved claim, without the command line: the clinic says once who
// bills, who operates and where; a note is written for a patient; the claim takes it over and is approved by keys.
//
//   node approve.mjs --app PATH --data DIR --shots DIR --driver PATH [--native PATH] [--patience SECONDS]
//
// Needs a display and WebKitWebDriver, but no models: its notes are typed. Exit 0: every step held. Exit 1: the step that
// did not is named. Exit 2: usage.
import assert from 'node:assert/strict';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Key } from 'selenium-webdriver';
import { Run } from './steps.mjs';
import { startWindow } from './window.mjs';

const PASSPHRASE = 'fern ladder copper moss';
/** A claim without problems: at most so many keys and milliseconds from the list to its approval. */
const MOST_KEYS = 5;
const MOST_MS = 20_000;
const NOTE =
  'Postoperative diagnosis: left L4-5 lumbar disc herniation with radiculopathy. Procedure performed: left L4-5 microdiscectomy through a tubular retractor. The disc fragment was removed and the left nerve root was free.';

const { values } = parseArgs({
  options: {
    app: { type: 'string' }, data: { type: 'string' }, shots: { type: 'string' }, driver: { type: 'string' },
    native: { type: 'string', default: 'WebKitWebDriver' }, patience: { type: 'string', default: '120' },
  },
});
const absent = ['app', 'data', 'shots', 'driver'].filter((name) => !values[name]);
if (absent.length > 0) {
  process.stderr.write(`missing: ${absent.map((n) => `--${n}`).join(' ')}\n`);
  process.exit(2);
}
const patienceMs = Number(values.patience) * 1000;
const scratch = await mkdtemp(join(tmpdir(), 'iambilly-approve-'));
const env = { IAMBILLY_DATA_DIR: resolve(values.data), IAMBILLY_MODELS_DIR: scratch };

const run = new Run(values.shots, 'approve-');
await run.drive(
  () => startWindow({ driver: values.driver, native: values.native, app: resolve(values.app), args: [], env }),
  async () => {
    const { page } = run;
    const there = (selector) => page.run('return document.querySelector(arguments[0]) !== null', selector);
    const choose = (selector, value) =>
      page.run(`const e = document.querySelector(arguments[0]); e.value = arguments[1]; e.dispatchEvent(new Event('change', { bubbles: true }));`, selector, value);
    const away = () => page.run('document.activeElement?.blur()');
    const state = () => page.attribute('#decision', 'data-state');

    await run.step('a vault is made', async () => {
      await page.css('form');
      if (await there('#instead')) await page.click('#instead');
      await page.type('#passphrase', PASSPHRASE);
      await page.type('#repeated', PASSPHRASE);
      await page.click('button[type=submit]');
      await page.entered();
      await page.css('#new-dictation');
    });

    /** A record of the kind on key `tab`, by place and value. */
    async function record(tab, fields, choices = {}) {
      await away();
      await page.press(tab);
      const kind = ['clinic', 'provider', 'facility', 'payer', 'patient'][Number(tab) - 1];
      await page.until(patienceMs, async () => (await page.attribute(`#tab-${kind}`, 'aria-selected')) === 'true');
      await page.press('a');
      await page.css('#record-form');
      for (const [place, value] of Object.entries(fields)) await page.type(`#record-${place}`, value);
      for (const [place, value] of Object.entries(choices)) await choose(`#record-${place}`, value);
      await run.shot(`clinic-${tab}`);
      await page.click('#save-record');
      await page.until(patienceMs, () => there('[data-record]'));
      await page.until(patienceMs, async () => (await page.run('return document.querySelector("#save-record").disabled')) === true);
      await away();
      await page.press(Key.ESCAPE);
    }
    const address = { 'address-line': '1 Test Way', 'address-city': 'Springfield', 'address-state': 'IL', 'address-zip': '627010001' };
    await run.step('the clinic says once who bills, who operates, where, and for whom', async () => {
      await page.press(',');
      await page.css('#add-record');
      // The check digit of an NPI is said where it is typed.
      await page.press('2');
      await page.until(patienceMs, async () => (await page.attribute('#tab-provider', 'aria-selected')) === 'true');
      await page.press('a');
      await page.type('#record-npi', '1234567890');
      await page.until(patienceMs, async () => (await page.text('#record-npi-said')).includes('check digit'));
      await page.run(`const e = document.querySelector('#record-npi'); e.value = ''; e.dispatchEvent(new Event('input', { bubbles: true }));`);
      await away();
      await page.press(Key.ESCAPE);
      if (await there('#record-form')) await page.press(Key.ESCAPE);
      await record('1', { name: 'Spine Clinic', npi: '1234567893', tax_id: '12-3456789', taxonomy: '207T00000X', phone: '5550100', ...address });
      await record('2', { last: 'Testman', first: 'Ada', npi: '1245319599', taxonomy: '207T00000X' });
      await record('3', { name: 'Test Hospital', npi: '1245319599', ...address }, { pos: '21' });
      await record('5', { last: 'Fernworth', first: 'Odile', id: 'F-1', birth_date: '1957-08-14', ...address, 'coverages-0-member_id': '1EG4TE5MK73' }, { sex: 'F', 'coverages-0-payer': 'medicare' });
      await page.press(Key.ESCAPE);
      await page.css('#new-dictation');
    });

    async function written(chart) {
      const before = await page.run(`return document.querySelectorAll('[data-open]').length`);
      if (chart) await page.type('#chart', chart);
      await page.type('#dos', '2/2/2026');
      await away();
      await page.press('w');
      await page.type('#note', NOTE);
      await page.click('form.note button');
      await page.until(patienceMs, () => page.run(`return document.querySelectorAll('[data-open]').length > arguments[0]`, before));
    }

    await run.step('a note for nobody yet: the form lights what is missing, and the patient is chosen by name', async () => {
      await written(null);
      await page.click('[data-open]');
      await page.css('[data-kind=line]');
      assert.match(await page.text('#verdict'), /Blocked/);
      await page.press('i');
      await page.css('[data-form-item="2"][data-lit=block]');
      assert.equal(await page.run(`return document.querySelector('#form-billing_provider-tax_id').value`), '12-3456789', 'the clinic was not taken over');
      await run.shot('missing');
      await page.type('#form-patient-last', 'fern');
      await page.until(patienceMs, async () => (await page.text('#form-patient-last-list')).includes('Fernworth, Odile'));
      await page.press(Key.ENTER);
      await page.until(patienceMs, () => page.run(`return document.querySelector('#form-patient-member_id').value === '1EG4TE5MK73'`));
      await page.click('#save-form');
      await page.css('#nothing-missing');
      await run.shot('filled');
      assert.match(await page.text('#who'), /Fernworth, Odile/);
      const about = await page.run(`return [...document.querySelectorAll('[data-kind=finding]')].map((e) => e.textContent.trim().slice(0, 90))`);
      await away();
      await page.press(Key.ESCAPE);
      await page.css('[data-kind=line]');
      await page.press('s');
      await page.until(patienceMs, async () => (await state()) === 'human_review');
      await page.press('y');
      await page.until(patienceMs, async () => (await state()) === 'approved');
      await run.shot('approved');
      return about;
    });

    await run.step(`a claim without problems is approved by at most ${MOST_KEYS} keys in under ${MOST_MS / 1000} s`, async () => {
      await page.press(Key.ESCAPE);
      await page.css('#new-dictation');
      await written('F-1');
      await away();
      const from = Date.now();
      let keys = 0;
      const press = async (key) => {
        keys += 1;
        await page.press(key);
      };
      await press('j');
      await press(Key.ENTER);
      await page.css('[data-kind=line]');
      assert.equal(await state(), 'draft');
      await press('s');
      await page.until(patienceMs, async () => (await state()) === 'human_review');
      await press('y');
      await page.until(patienceMs, async () => (await state()) === 'approved');
      const ms = Date.now() - from;
      assert.ok(keys <= MOST_KEYS && ms < MOST_MS, `${keys} keys, ${ms} ms`);
      return { keys, ms };
    });

    const gone = (selector) => page.until(patienceMs, async () => !(await there(selector)));
    await run.step('claims are found as work, given to somebody, commented on and opened from where they stand', async () => {
      await page.press(Key.ESCAPE);
      await page.css('#new-dictation');
      await away();
      await page.press('z');
      await page.css('#queue-filters');
      await page.click('[data-shelf=approved]');
      const rows = () => page.run(`return document.querySelectorAll('[data-claim]').length`);
      await page.until(patienceMs, async () => (await rows()) === 2);
      await page.type('#queue-find', 'fern');
      await page.until(patienceMs, async () => (await rows()) === 2);
      await away();
      await page.press('j');
      await page.press('a');
      await page.css('#bulk-says');
      await page.click('#bulk-do');
      await page.until(patienceMs, async () => (await page.text('#bulk-says')).includes('is assigned'));
      await page.press(Key.ESCAPE);
      await gone('[role=dialog]');
      await page.press('m');
      await page.css('#comment');
      await page.type('#comment', 'The implant log is in the chart.');
      await page.click('[role=dialog] form button');
      await page.until(patienceMs, () => page.run(`return document.querySelector('[role=dialog] li p')?.textContent.includes('implant log') ?? false`));
      await page.press(Key.ESCAPE);
      await gone('[role=dialog]');
      await page.until(patienceMs, () => page.run(`return document.querySelector('[data-claim]').getAttribute('aria-label').includes('1 comments')`));
      await run.shot('queue');
      await page.run(`document.querySelector('[data-claim]').focus()`);
      await page.press(Key.ENTER);
      await page.css('[data-kind=line]');
      await page.press('r');
      await page.css('#difference');
      await run.shot('difference');
      await page.press(Key.ESCAPE);
      await gone('[role=dialog]');
      await page.press(Key.ESCAPE);
      await page.css('#queue-filters');
      return { rows: await rows() };
    });

    await run.step('insights count what was approved', async () => {
      await page.press(';');
      await page.css('#agreement');
      const said = await page.text('#agreement .rests');
      assert.match(said, /2 claims first approved/);
      await run.shot('insights');
      return said;
    });

    await run.step('a claim is rejected with a reason, reopened with another, and approved after all', async () => {
      await away();
      await page.press(Key.ESCAPE);
      await page.run(`document.querySelector('#to-dictate')?.click()`);
      await page.css('#new-dictation');
      await written('F-1');
      await away();
      await page.press('j');
      await page.press(Key.ENTER);
      await page.css('[data-kind=line]');
      await page.press('s');
      await page.until(patienceMs, async () => (await state()) === 'human_review');
      const decided = async (key, reason, then) => {
        await away();
        await page.press(key);
        await page.type('#reason', reason);
        await page.click('#decision form button[type=submit]');
        await page.until(patienceMs, async () => (await state()) === then);
        assert.ok((await page.text('#decided')).includes(reason), 'whoever opens it next is told why');
      };
      await decided('x', 'The side is not in the note.', 'rejected');
      assert.match(await page.text('#decision'), /Rejected/);
      await run.shot('rejected');
      await decided('o', 'The surgeon has told the side.', 'human_review');
      await run.shot('reopened');
      await away();
      await page.press('y');
      await page.until(patienceMs, async () => (await state()) === 'approved');
    });
  },
);
