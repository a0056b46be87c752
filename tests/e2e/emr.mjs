// Drives the real window from an approved claim to a record system, a real FHIR server of others: the connection is made and
// tested, the patient looked up as one types, what goes is shown and sent; the line is pulled in the middle of the first
// write and the program ended; what was lost is found and decided by a person, and the rest leaves by itself. Nothing is
// there twice.
//
//   node emr.mjs --app PATH --cli PATH --data DIR --shots DIR --driver PATH [--native PATH] [--patience SECONDS]
//
// Needs a display, WebKitWebDriver and IAMBILLY_TEST_FHIR (scripts/setup.sh: need_fhir_server), but no models: the note is
// typed. Exit 0: every step held. Exit 1: the step that did not is named. Exit 2: usage.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { Key } from 'selenium-webdriver';
import { Run } from './steps.mjs';
import { startWindow } from './window.mjs';
import { Wire } from './wire.mjs';

const PASSPHRASE = 'fern ladder copper moss';
const NOTE =
  'Postoperative diagnosis: L4-5 lumbar spinal stenosis with neurogenic claudication.\nProcedure performed: L3-4 and L4-5 decompressive laminectomy with bilateral medial facetectomy and foraminotomy.\nBoth L4 and both L5 roots were free.';

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
const scratch = await mkdtemp(join(tmpdir(), 'iambilly-emr-'));
const env = { IAMBILLY_DATA_DIR: resolve(values.data), IAMBILLY_MODELS_DIR: scratch, IAMBILLY_RULES_DIR: join(scratch, 'rules') };
const place = async (name, text) => {
  const path = join(scratch, name);
  await writeFile(path, typeof text === 'string' ? text : JSON.stringify(text));
  return path;
};
const cli = (...args) =>
  execFileSync(resolve(values.cli), ['--quiet', ...args], { env: { ...process.env, ...env, IAMBILLY_PASSPHRASE: PASSPHRASE }, encoding: 'utf8', timeout: 120_000 });

/** The record system; it ends with us. */
async function recordSystem() {
  const child = spawn(process.execPath, [resolve(import.meta.dirname, '../fhir/server.mjs')], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = await once(createInterface(child.stdout), 'line', { signal: AbortSignal.timeout(60_000) });
  const { origin, port } = new URL(JSON.parse(line).base);
  return {
    port: Number(port),
    register: async (keys) => assert.equal((await fetch(`${origin}/register`, { method: 'POST', body: keys })).status, 200),
    /** What was written into it, and every request. */
    made: async () => (await fetch(`${origin}/made`)).json(),
    stop: () => child.kill(),
  };
}
const records = await recordSystem();
const wire = new Wire(records.port);
await wire.open();

const run = new Run(values.shots, 'emr-');
const start = () => startWindow({ driver: values.driver, native: values.native, app: resolve(values.app), args: [], env });
await run.drive(
  async () => {
    const address = { line1: '1 Test Way', city: 'Springfield', state: 'IL', zip: '627011234' };
    const patient = await place('patient.json', { id: 'p1', last: 'Exampleby', first: 'Ada', birth_date: '1960-05-04', sex: 'F', member_id: '1EG4TE5MK73', address });
    const provider = await place('provider.json', {
      billing_provider: { npi: '1234567893', tax_id: '12-3456789', taxonomy: '207T00000X', name: 'Spine Clinic', address },
      rendering_provider: { npi: '1245319599', taxonomy: '207T00000X', role: 'surgeon', last: 'Surgeon', first: 'Sam' },
      facility: { npi: '1245319599', pos: '24', name: 'Test Surgery Center', address: { ...address, line1: '2 Test Way' } },
    });
    const note = await place('note.txt', NOTE);
    try {
      cli('claim', note, '--payer', 'medicare', '--dos', '2026-02-02', '--reader', 'rules', '--patient', patient, '--provider', provider, '--json');
    } catch (error) {
      // Exit 1 says that the scrubber has something to tell; the draft is there.
      if (error.status !== 1) throw error;
    }
    return start();
  },
  async () => {
    const all = (script, ...args) => run.page.run(script, ...args);
    const there = (selector) => all('return document.querySelector(arguments[0]) !== null', selector);
    const count = (selector) => all('return document.querySelectorAll(arguments[0]).length', selector);
    const choose = (selector, value) =>
      all(`const e = document.querySelector(arguments[0]); e.value = arguments[1]; e.dispatchEvent(new Event('change', { bubbles: true }));`, selector, value);
    const away = () => all('document.activeElement?.blur()');
    const until = (holds) => run.page.until(patienceMs, holds);
    const checks = (state) => count(`[data-check=${state}]`);
    const unlocked = async () => {
      await run.page.css('form');
      await run.page.type('#passphrase', PASSPHRASE);
      await run.page.click('button[type=submit]');
      await run.page.entered();
      await run.page.css('[data-open]');
      await run.page.click('[data-open]');
      await run.page.css('[data-kind=line]');
      await away();
    };
    const state = () => run.page.attribute('#decision', 'data-state');

    await run.step('the claim is approved', async () => {
      await unlocked();
      await run.page.press('s');
      await until(async () => (await state()) === 'human_review');
      await run.page.press('y');
      await until(async () => (await state()) === 'approved');
    });

    await run.step('a connection is made, and its test says what the administrator must do', async () => {
      const { page } = run;
      await away();
      await page.press('0');
      await page.css('#emr-pane');
      await page.press('2');
      await page.press('a');
      await page.css('#connection-form');
      await run.shot('wizard');
      await choose('#emr-vendor', 'epic');
      await page.type('#emr-name', 'Mercy Hospital');
      await page.type('#emr-base', `http://127.0.0.1:${wire.port}/fhir/R4`);
      await choose('#emr-sign-in', 'backend_es384');
      await page.type('#emr-client', 'iambilly');
      await page.click('#save-connection');
      await until(async () => (await checks('bad')) > 0);
      assert.match(await all(`return document.querySelector('#forward').value`), /public key \(JWK set\)/);
      assert.equal(await all(`return document.querySelector('#emr-name').value`), 'Mercy Hospital', 'the form shows what was made');
      await run.shot('wizard-refused');
      return { good: await checks('good'), bad: await checks('bad') };
    });

    await run.step('with its key registered every check holds', async () => {
      const { page } = run;
      await page.click('#show-keys');
      await page.css('#jwks');
      await records.register(await all(`return document.querySelector('#jwks').value`));
      await page.click('#test-connection');
      await until(async () => (await checks('bad')) === 0 && (await checks('good')) > 3);
      assert.equal(await there('#forward'), false);
      await run.shot('wizard-works');
      return { good: await checks('good') };
    });

    await run.step('the patient is found as one types', async () => {
      const { page } = run;
      await away();
      await page.press(Key.ESCAPE);
      await page.css('[data-kind=line]');
      await page.click('#to-emr');
      await page.css('#emr-patient');
      await until(async () => (await page.text('#emr-looked')).includes('in the EMR'));
      const asked = async () => (await records.made()).requests.filter((r) => r === 'GET /fhir/R4/Patient').length;
      const before = await asked();
      await page.type('#emr-patient', 'Exampleby, Ada 1960-05-04');
      await until(async () => (await page.text('#emr-looked')).includes('2 in the EMR'));
      const questions = (await asked()) - before;
      assert.ok(questions >= 1 && questions < 12, `${questions} questions for 25 letters`);
      assert.match(await page.text('#send-sheet'), /compare the record number/);
      await run.shot('patients');
      await all(`[...document.querySelectorAll('[data-patient]')].find((e) => e.textContent.includes('M1001')).querySelector('button').click()`);
      // The only stay that holds the day of service is taken.
      await page.css('#emr-encounter');
      await until(async () => (await all(`return document.querySelector('#emr-encounter').value`)) !== '');
      return { questions };
    });

    await run.step('what goes and what goes by 837P is shown before anything is sent', async () => {
      const { page } = run;
      const sheet = await page.text('#send-sheet');
      assert.match(sheet, /Operative note with the coded summary/);
      assert.match(sheet, /Provisional problem/);
      assert.match(sheet, /by 837P/);
      assert.match(sheet, /Chosen: Exampleby, Ada 1960-05-04[^]*M1001[^]*seen/);
      assert.equal((await records.made()).made.length, 0);
      await until(() => page.enabled('#send-emr'));
      await run.shot('send-sheet');
    });

    let queued = 0;
    await run.step('the line is pulled in the middle: nobody can know, and the rest waits', async () => {
      const { page } = run;
      wire.pullInTheMiddle();
      await page.click('#send-emr');
      await until(() => there('[data-state=unknown]'));
      await until(async () => wire.isPulled);
      queued = await count('[data-state=queued]');
      assert.ok(queued >= 1, 'the problems wait behind the note');
      const { made } = await records.made();
      assert.deepEqual(made.map((m) => m.type), ['DocumentReference'], 'it arrived, and the answer did not');
      await run.shot('unknown');
      return { queued };
    });

    await run.step('the program is ended and started again: nothing is lost, and nothing goes while the line is gone', async () => {
      await run.restart(start);
      await unlocked();
      await run.page.press('0');
      await until(() => there('[data-state=unknown]'));
      assert.equal(await count('[data-state=queued]'), queued);
      await run.page.click('[data-act=look]');
      await until(async () => /could not be reached/.test(await run.page.text('[data-state=unknown]')));
      await run.shot('offline');
    });

    await run.step('the line is back: a person finds it, and the rest leaves by itself', async () => {
      const { page } = run;
      await wire.open();
      await page.click('[data-act=look]');
      await page.css('[data-act=arrived]');
      assert.match(await page.text('[data-state=unknown]'), /the same content/);
      await run.shot('found');
      await page.click('[data-act=arrived]');
      await until(async () => (await count('[data-state=delivered]')) === queued + 1);
      await run.shot('delivered');
      const { made } = await records.made();
      const notes = made.filter((m) => m.type === 'DocumentReference');
      const problems = made.filter((m) => m.type === 'Condition').map((m) => m.resource.code.coding[0].code);
      assert.equal(notes.length, 1, 'the note is there once');
      assert.equal(new Set(problems).size, problems.length, 'no problem is there twice');
      assert.equal(problems.length, queued);
      const text = Buffer.from(notes[0].resource.content[0].attachment.data, 'base64').toString();
      assert.ok(text.includes('decompressive laminectomy') && text.includes('CODED SUMMARY'));
      return { notes: notes.length, problems };
    });

    await run.step('the same claim is not sent a second time', async () => {
      const { page } = run;
      await away();
      await page.press(Key.ESCAPE);
      await page.css('[data-kind=line]');
      await page.click('#to-emr');
      await page.css('#send-emr');
      await until(async () => (await page.text('#send-emr')).includes('Sent'));
      assert.equal(await page.enabled('#send-emr'), false);
      await run.shot('sent');
    });
    records.stop();
  },
);
