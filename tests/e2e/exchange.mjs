// Drives the real window from a draft to the payer's decision: approved, sent as 837P, acknowledged (999, 277CA), decided
// (835), and the paid and denied lines stand on the claim.
//
//   node exchange.mjs --app PATH --cli PATH --data DIR --shots DIR --driver PATH [--native PATH] [--patience SECONDS]
//
// Needs a display and WebKitWebDriver, but no models: the note is typed. The answers are made from the file that left.
// Exit 0: every step held. Exit 1: the step that did not is named. Exit 2: usage.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Key } from 'selenium-webdriver';
import { Run } from './steps.mjs';
import { startWindow } from './window.mjs';

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
const scratch = await mkdtemp(join(tmpdir(), 'iambilly-exchange-'));
const env = { IAMBILLY_DATA_DIR: resolve(values.data), IAMBILLY_MODELS_DIR: scratch, IAMBILLY_RULES_DIR: join(scratch, 'rules') };
const watched = join(scratch, 'watched');
await mkdir(watched);

const place = async (name, text) => {
  const path = join(scratch, name);
  await writeFile(path, typeof text === 'string' ? text : JSON.stringify(text));
  return path;
};
const cli = (...args) =>
  execFileSync(resolve(values.cli), ['--quiet', ...args], { env: { ...process.env, ...env, IAMBILLY_PASSPHRASE: PASSPHRASE }, encoding: 'utf8', timeout: 120_000 });

/** An answer's file around the segments of its transaction. */
function answer(functional, version, body) {
  const all = [
    'ISA*00*          *00*          *ZZ*RCV999         *ZZ*SUB123         *261123*0930*^*00501*000000009*0*T*:',
    `GS*${functional}*RCV999*SUB123*20261123*0930*9*X*${version}`, ...body, `SE*${body.length + 1}*0001`, 'GE*1*9', 'IEA*1*000000009',
  ];
  return `${all.join('~')}~`;
}

const run = new Run(values.shots, 'exchange-');
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
    cli('exchange', 'set', await place('exchange.json', {
      submitter: { name: 'Spine Clinic', id: 'SUB123', contact: 'Billing Office', phone: '2175550100' },
      correspondents: [{ id: 'house', name: 'Clearing House', receiver_id: 'RCV999', parties: { sender: 'SUB123', receiver: 'RCV999' }, usage: 'test' }],
      payers: [{ id: 'medicare', name: 'Medicare Part B', payer_id: '12345' }], folders: { house: watched },
    }));
    return startWindow({ driver: values.driver, native: values.native, app: resolve(values.app), args: [], env });
  },
  async () => {
    const { page } = run;
    const away = () => page.run('document.activeElement?.blur()');
    const count = (selector) => page.run('return document.querySelectorAll(arguments[0]).length', selector);
    const state = () => page.attribute('#decision', 'data-state');
    let sent = '';

    await run.step('the claim is approved', async () => {
      await page.css('form');
      await page.type('#passphrase', PASSPHRASE);
      await page.click('button[type=submit]');
      await page.entered();
      await page.css('[data-open]');
      await page.click('[data-open]');
      await page.css('[data-kind=line]');
      await away();
      await page.press('s');
      await page.until(patienceMs, async () => (await state()) === 'human_review');
      await page.press('y');
      await page.until(patienceMs, async () => (await state()) === 'approved');
    });

    await run.step('it leaves as 837P by one key', async () => {
      await page.press('8');
      await page.css('[data-approved]');
      await page.press('s');
      await page.css('[data-delivered=true]');
      assert.equal(await count('[data-approved]'), 0);
      const [file] = await readdir(watched);
      sent = await readFile(join(watched, file), 'utf8');
      assert.match(sent, /ST\*837\*0001\*005010X222A1/);
      await run.shot('sent');
      return file;
    });

    const part = (pattern) => {
      const found = pattern.exec(sent);
      assert.ok(found, `${pattern} is in the file`);
      return found;
    };
    /** Takes a file in as the window does: its own call, since neither a dialog nor a drag can be driven. */
    const take = async (name, text) => {
      const file = await place(name, text);
      const done = await page.run(
        `window.took = null; window.__TAURI_INTERNALS__.invoke('exchange_take', { file: arguments[0] }).then((d) => (window.took = d), (e) => (window.took = { refused: e }));`, file)
        .then(() => page.until(patienceMs, () => page.run('return window.took !== null')))
        .then(() => page.run('return window.took'));
      assert.equal(done.refused, undefined, JSON.stringify(done.refused));
      return done;
    };

    await run.step('the file and the claim are acknowledged', async () => {
      const group = Number(part(/GS\*HC\*[^*]*\*[^*]*\*\d+\*\d+\*(\d+)/)[1]);
      const [, control, charge] = part(/CLM\*([^*]+)\*([^*]+)\*/);
      const taken = await take('a.999', answer('FA', '005010X231A1', ['ST*999*0001', `AK1*HC*${group}`, 'AK2*837*0001', 'IK5*A', 'AK9*A*1*1*1']));
      assert.deepEqual(taken.statuses, { accepted: 1 });
      const status = await take('a.277', answer('HN', '005010X214', [
        'ST*277*0001*005010X214', 'HL*1**20*1', 'HL*2*1*21*1', 'HL*3*2*19*1', 'HL*4*3*PT', 'NM1*QC*1*EXAMPLEBY*ADA****MI*1EG4TE5MK73',
        `TRN*2*${control}`, `STC*A2:20:PR*20261123*WQ*${charge}`, 'REF*1K*ICN1',
      ]));
      assert.deepEqual(status.statuses, { accepted: 1 });
    });

    await run.step('the payer pays one line and denies another', async () => {
      const [, control, charge] = part(/CLM\*([^*]+)\*([^*]+)\*/);
      const lines = [...sent.matchAll(/SV1\*HC:([^*]+)\*([^*]+)\*/g)].map(([, code, amount]) => ({ code, amount }));
      assert.ok(lines.length >= 2, `two lines: ${lines.length}`);
      const [first, ...rest] = lines;
      const body = [
        'ST*835*0001', `BPR*I*${first.amount}*C*CHK************20261201`, 'TRN*1*CHECK1*1', 'N1*PR*MEDICARE', 'LX*1',
        `CLP*${control}*1*${charge}*${first.amount}**MB*ICN1`, 'NM1*QC*1*EXAMPLEBY*ADA****MI*1EG4TE5MK73',
        `SVC*HC:${first.code}*${first.amount}*${first.amount}**1`, 'REF*6R*1',
        ...rest.flatMap(({ code, amount }, i) => [`SVC*HC:${code}*${amount}*0**1`, `CAS*CO*97*${amount}`, `REF*6R*${i + 2}`]),
      ];
      const decided = await take('a.835', answer('HP', '005010X221A1', body));
      assert.deepEqual([decided.statuses, decided.denials], [{ partly_paid: 1 }, rest.length]);
    });

    await run.step('the denial is work with a proposed rule', async () => {
      await away();
      await page.press(Key.ESCAPE);
      await page.css('[data-kind=line]');
      await page.press('8');
      await page.press('3');
      await page.css('[data-denial]');
      assert.match(await page.text('[data-denial]'), /MEDICARE-DENIED-/);
      await run.shot('denials');
    });

    await run.step('paid and denied lines stand on the claim, and it is there on paper', async () => {
      await page.press(Key.ESCAPE);
      await page.css('[data-kind=line]');
      await page.press('3');
      await page.css('[data-answer="835"]');
      const kinds = await page.run(`return [...document.querySelectorAll('[data-answer]')].map((e) => e.dataset.answer + ' ' + e.dataset.status)`);
      assert.deepEqual(kinds, ['835 partly_paid', '277ca accepted', '999 accepted']);
      const outcomes = await page.run(`return [...document.querySelectorAll('[data-answer-line]')].map((e) => e.dataset.outcome)`);
      assert.equal(outcomes[0], 'paid');
      assert.ok(outcomes.slice(1).every((o) => o === 'denied'), outcomes.join());
      await run.shot('answers');
      await page.click('#show-paper');
      assert.match(await page.text('[data-place="2"]'), /EXAMPLEBY, ADA/);
      await run.shot('paper');
      return outcomes;
    });
  },
);
