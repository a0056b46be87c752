// Drives the real window from a locked vault to a reviewed claim: the main job as a person does it.
//
//   node run.mjs --app PATH --data DIR --wav FILE --shots DIR --driver PATH [--native PATH] [--patience SECONDS] [--sound]
//
// Needs a display (xvfb-run) and WebKitWebDriver. `--driver` is tauri-driver, `--data` an empty folder; the models come
// from IAMBILLY_MODELS_DIR as for any start. Exit 0: every step held. Exit 1: the step that did not is named. Exit 2: usage.
import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Key } from 'selenium-webdriver';
import { reviewSteps } from './review.mjs';
import { Run } from './steps.mjs';
import { startWindow } from './window.mjs';
import { draftItems, litWords, proofQuotes, transcriptText } from './page.mjs';

const PASSPHRASE = 'fern ladder copper moss';
const WRONG = 'fern ladder copper mess';
const LAST_NAME = 'Fernworth';

const { values } = parseArgs({
  options: {
    app: { type: 'string' }, data: { type: 'string' }, wav: { type: 'string' }, shots: { type: 'string' },
    driver: { type: 'string' }, native: { type: 'string', default: 'WebKitWebDriver' }, sound: { type: 'boolean', default: false }, patience: { type: 'string', default: '600' },
  },
});
const needed = ['app', 'data', 'wav', 'shots', 'driver'];
const absent = needed.filter((name) => !values[name]);
if (absent.length > 0) {
  process.stderr.write(`missing: ${absent.map((n) => `--${n}`).join(' ')}\n`);
  process.exit(2);
}
const patienceMs = Number(values.patience) * 1000;

const run = new Run(values.shots, '');
const step = run.step.bind(run);
const shot = run.shot.bind(run);

const start = () => startWindow({
  driver: values.driver, native: values.native, app: resolve(values.app),
  args: ['--open', resolve(values.wav)],
  env: { IAMBILLY_DATA_DIR: resolve(values.data) },
});
await run.drive(start, async () => {
  const { page } = run;
  await step('the door makes a vault and shows nothing of a patient', async () => {
    // Where a keyring answers, the passphrase is the other choice.
    await page.css('form');
    if (await page.run(`return document.querySelector('#instead') !== null`)) await page.click('#instead');
    await page.css('#passphrase');
    await shot('first-use');
    await page.type('#passphrase', PASSPHRASE);
    await page.type('#repeated', WRONG);
    assert.equal(await page.enabled('button[type=submit]'), false, 'two different passphrases were accepted');
    await page.type('#repeated', PASSPHRASE);
    await page.click('button[type=submit]');
    await page.entered();
    await page.css('#import-file');
  });

  await step('the file of the command line waits in the form', async () => {
    const name = await page.text('#file-name');
    assert.ok(resolve(values.wav).endsWith(name), `the form shows ${name}`);
  });

  await step('the form is filled and the recording imported', async () => {
    await page.type('#last', LAST_NAME);
    await page.type('#first', 'Odile');
    await page.type('#birth', '8/14/1957');
    await page.type('#dos', '3/3/2026');
    await shot('import');
    await page.click('#import-file');
    await page.css('[data-dictation]');
  });

  let id;
  await step('every stage is shown until the draft is there', async () => {
    id = await page.attribute('[data-dictation]', 'data-dictation');
    const seen = new Set();
    await page.until(patienceMs, async () => {
      const stages = await page.run(`return [...document.querySelectorAll('[data-stage]')].map((e) => e.dataset.stage + ' ' + e.dataset.state)`);
      for (const state of stages) seen.add(state);
      if (seen.size > 4 && run.shots < 3) await shot('working');
      const fault = await page.run(`return document.querySelector('[data-dictation] .fault')?.textContent ?? null`);
      const broken = stages.find((s) => s.endsWith(' failed') && !s.startsWith('second_opinion'));
      assert.equal(broken, undefined, `${broken}: ${fault}`);
      return page.run(`return document.querySelector('[data-open]') !== null`);
    });
    await shot('drafted');
    return [...seen];
  });

  await step('the draft opens with words, codes and a verdict', async () => {
    await page.click('[data-open]');
    await page.css('#words');
    await page.css('[data-kind=line]');
    const text = await transcriptText(page);
    assert.ok(Array.from(text).length > 40, 'the transcript is nearly empty');
    assert.match(await page.text('#who'), new RegExp(LAST_NAME));
    await shot('review');
    return { verdict: (await page.text('#verdict')).replace(/\s+/g, ' ').trim() };
  });

  await step('focus on every code lights exactly the words it quotes', async () => {
    const text = Array.from(await transcriptText(page));
    const items = await draftItems(page);
    assert.ok(items.some((i) => i.kind === 'line'), 'no service line');
    for (const item of items.filter((i) => ['line', 'diagnosis', 'not_billed'].includes(i.kind))) {
      await page.run(`[...document.querySelectorAll('[data-item]')].find((e) => e.dataset.item === arguments[0]).focus()`, item.key);
      const quotes = await proofQuotes(page, item.key);
      assert.ok(quotes.length > 0, `${item.key} has no evidence`);
      for (const q of quotes) {
        assert.equal(text.slice(q.start, q.end).join(''), q.quote, `${item.key}: the quote is not the slice`);
      }
      const covered = text.map((_, i) => quotes.some((q) => q.start <= i && i < q.end));
      const expected = text.filter((_, i) => covered[i]).join('');
      assert.equal(await litWords(page), expected, `${item.key}: other words are lit`);
    }
    await shot('lit');
    return { items: items.length };
  });

  await step('the keyboard walks the items', async () => {
    await page.press('j');
    const one = await page.run('return document.activeElement.dataset.item');
    await page.press('k');
    const two = await page.run('return document.activeElement.dataset.item');
    assert.ok(one && two && one !== two, 'J and K do not move');
  });

  await step('Space plays the passage, or says why it cannot', async () => {
    await page.run(`document.querySelector('[data-kind=line]').focus()`);
    await page.press(Key.SPACE);
    let outcome = null;
    await page.until(10_000, async () => {
      outcome = await page.run(`
        const player = document.querySelector('.player');
        const fault = player.querySelector('.fault');
        return fault ? 'fault: ' + fault.querySelector('.code').textContent : player.dataset.playing === 'true' ? 'playing' : null`);
      return outcome !== null;
    });
    if (values.sound) assert.equal(outcome, 'playing', 'there is a sound server, but the passage did not play');
    await shot('sound');
    await page.run(`document.querySelector('[data-kind=line]').focus()`);
    return outcome;
  });

  await reviewSteps({ page, step, shot });

  await step('dark and high contrast', async () => {
    for (const name of ['light', 'dark', 'contrast']) {
      await page.press('t');
      const theme = await page.run('return document.documentElement.dataset.theme');
      assert.ok(theme.startsWith(name), `the look is ${theme}, not ${name}`);
      await shot(`review-${name}`);
    }
    await page.press('t');
  });

  await step('the sheet of keys opens and closes', async () => {
    await page.press('?');
    await page.css('[role=dialog]');
    await shot('keys');
    await page.press(Key.ESCAPE);
    await page.until(5000, () => page.run(`return document.querySelector('[role=dialog]') === null`));
  });

  await step('locking leaves nothing of the patient on the page', async () => {
    await page.chord(Key.CONTROL, 'l');
    await page.css('#passphrase');
    const left = await page.run('return document.documentElement.textContent');
    assert.ok(!left.includes(LAST_NAME), 'the name is still on the page');
    await shot('locked');
  });

  await step('a wrong passphrase is refused in words', async () => {
    await page.type('#passphrase', WRONG);
    await page.click('button[type=submit]');
    const said = await page.text('.fault');
    assert.ok(said.length > 20);
    await shot('refused');
    return said.replace(/\s+/g, ' ').trim();
  });

  await step('the right one brings everything back', async () => {
    await page.type('#passphrase', PASSPHRASE);
    await page.click('button[type=submit]');
    await page.entered();
    // What was being reviewed is there again, and the list behind it.
    await page.css('[data-kind=line]');
    await shot('back');
    await page.press(Key.ESCAPE);
    await page.css(`[data-dictation="${id}"] [data-open]`);
  });
});
