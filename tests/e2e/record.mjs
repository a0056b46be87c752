// Records in the real window through the real capture path: a sound server plays a dictation into the microphone. Then the
// plug is pulled in the middle of a recording, and what was said still becomes a draft.
//
//   node record.mjs --app PATH --data DIR --wav FILE --shots DIR --driver PATH [--native PATH]
//
// Needs what run.mjs needs, and a sound server whose null sink `spk` is the default microphone. Exit 0, 1 or 2 as there.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { transcriptText } from './page.mjs';
import { Key } from 'selenium-webdriver';
import { Run } from './steps.mjs';
import { startWindow } from './window.mjs';

const PASSPHRASE = 'fern ladder copper moss';
const { values } = parseArgs({
  options: {
    app: { type: 'string' }, data: { type: 'string' }, wav: { type: 'string' }, shots: { type: 'string' },
    driver: { type: 'string' }, native: { type: 'string', default: 'WebKitWebDriver' },
  },
});
const absent = ['app', 'data', 'wav', 'shots', 'driver'].filter((name) => !values[name]);
if (absent.length > 0) {
  process.stderr.write(`missing: ${absent.map((n) => `--${n}`).join(' ')}\n`);
  process.exit(2);
}
const app = resolve(values.app);
const run = new Run(values.shots, 'record-');
const { step, shot } = { step: run.step.bind(run), shot: run.shot.bind(run) };
const start = () =>
  startWindow({ driver: values.driver, native: values.native, app, args: [], env: { IAMBILLY_DATA_DIR: resolve(values.data) } });

/** Kills every process of the window, without a word. */
function pullThePlug() {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[0] === app) process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It ended meanwhile, or is not ours to read.
    }
  }
}

/** Plays the dictation into the microphone. */
function speak() {
  const player = spawn('paplay', ['--device=spk', resolve(values.wav)], { stdio: 'ignore' });
  return { ended: new Promise((done) => player.once('exit', done)), stop: () => player.kill() };
}

async function enter(page, selector) {
  await page.type('#passphrase', PASSPHRASE);
  if (selector) await page.type(selector, PASSPHRASE);
  await page.click('button[type=submit]');
  await page.entered();
  await page.css('#last');
}

const F8 = '\uE038';
const timer = (page) => page.run(`return document.querySelector('[role=timer]')?.textContent ?? ''`);
const boundKeys = (page) => page.run(`return [...document.querySelectorAll('#bound-keys li')].map((e) => [e.dataset.key, e.querySelector('.cap .unseen')?.textContent ?? ''])`);

const settled = (page) => page.run(`return document.querySelector('[role=log]')?.textContent.replace(/\\s+/g, ' ').trim() ?? ''`);
const seconds = async (page) => {
  const [minutes, rest] = (await page.text('[role=timer]')).match(/\d+/g).map(Number);
  return 60 * minutes + rest;
};

await run.drive(start, async () => {
  let { page } = run;
  await step('an empty clinic is ready to record', async () => {
    await page.css('form');
    if (await page.run(`return document.querySelector('#instead') !== null`)) await page.click('#instead');
    await enter(page, '#repeated');
    await page.type('#last', 'Fernworth');
    await page.type('#dos', '3/3/2026');
    await page.css('.start');
    // The microphone is open: its level shows before anything is recorded.
    await page.until(20_000, async () => (await page.text('.recorder')).includes('Monitor of'));
    await shot('ready');
  });

  await step('what is said is read while it is said', async () => {
    await page.click('.start');
    await page.css('[role=timer]');
    const voice = speak();
    let early = '';
    await page.until(60_000, async () => {
      const text = await settled(page);
      if (early === '' && text.endsWith('…')) early = text;
      return /decompress|interbody|fusion/i.test(text);
    });
    await shot('speaking');
    await voice.ended;
    assert.ok(await seconds(page) >= 25, 'the time does not run');
    return { early: early.slice(0, 60) };
  });

  await step('a pause keeps nothing, and the text is ready soon after the stop', async () => {
    await page.press('p');
    await page.until(10_000, async () => (await page.text('[role=timer]')).includes('paused'));
    const before = await seconds(page);
    await page.sleep(2500);
    assert.ok((await seconds(page)) - before <= 1, 'the time runs in a pause');
    await page.press('p');
    await page.until(10_000, async () => !(await page.text('[role=timer]')).includes('paused'));
    // Timed in the page: the driver takes over a second for one key.
    await page.run(`
      const times = (window.times = {});
      const now = (name) => (times[name] ??= performance.now());
      addEventListener('keydown', () => now('stopped'), { capture: true, once: true });
      const watch = setInterval(() => {
        if (times.stopped === undefined) return;
        if (document.querySelector('[data-stage=transcribe][data-state=done]') || document.querySelector('[data-open]')) now('transcribed');
        if (document.querySelector('[data-open]')) { now('drafted'); clearInterval(watch); }
      }, 10)`);
    await page.press('r');
    await page.css('[data-open]');
    await page.until(10_000, () => page.run('return window.times.drafted !== undefined'));
    const times = await page.run('return window.times');
    return { transcribed: Math.round(times.transcribed - times.stopped), drafted: Math.round(times.drafted - times.stopped) };
  });

  await step('the draft has the words and the code', async () => {
    await page.click('[data-open]');
    await page.css('[data-kind=line]');
    const text = await transcriptText(page);
    assert.match(text, /L3/);
    assert.ok((await page.run(`return document.body.textContent`)).includes('22633'), 'the operation is not coded');
    await shot('draft');
    await page.press('n');
    await page.css('.start');
  });

  await step('a query is answered by voice, to its last word, and nothing of the sound stays', async () => {
    const listed = () => page.run(`return document.querySelectorAll('[data-dictation]').length`);
    const before = await listed();
    await page.run('document.activeElement?.blur()');
    await page.press('7');
    await page.css('#day');
    await page.press('2');
    await page.css('[data-query]');
    await page.run(`document.querySelector('[data-query]').focus()`);
    await page.press('v');
    await page.until(20_000, () => page.run(`return document.activeElement?.id === 'answer-speak'`));
    const voice = speak();
    await page.sleep(7000);
    await shot('speaking-an-answer');
    await page.press('v');
    voice.stop();
    await page.until(60_000, () => page.run(`return (document.querySelector('#answer')?.value ?? '') !== ''`));
    const words = await page.run(`return document.querySelector('#answer').value`);
    assert.ok(words.split(/\s+/).length >= 8, `not all of it was written down: ${words}`);
    await page.run(`document.querySelector('#answer').focus()`);
    await page.press(Key.ESCAPE);
    await page.until(10_000, () => page.run(`return document.querySelector('#answer') === null`));
    await page.run('document.activeElement?.blur()');
    await page.press(Key.ESCAPE);
    await page.css('.start');
    assert.equal(await listed(), before, 'the answer became a dictation');
    return { words: words.split(/\s+/).length };
  });

  await step('a dictation is continued, and its draft is made anew', async () => {
    await page.css('[data-continue]');
    await page.click('[data-continue]');
    await page.css('#continues');
    // The time goes on where it was.
    await page.until(10_000, async () => (await seconds(page)) >= 25);
    const from = await seconds(page);
    const voice = speak();
    await page.until(60_000, async () => (await seconds(page)) >= from + 10);
    await shot('continuing');
    await page.press('r');
    voice.stop();
    await page.until(60_000, () => page.run(`return document.querySelector('[role=timer]') === null`));
    // The list has the length of both parts, and its draft is there again; the second opinion may take its time.
    await page.until(120_000, async () => {
      const [shown, drafted] = await page.run(`
        const all = document.querySelectorAll('[data-dictation]');
        const done = (stage) => all[0].querySelector('[data-stage=' + stage + '][data-state=done]') !== null;
        return [all.length === 1 ? all[0].textContent : '', done('transcribe') && done('draft')]`);
      const [minutes, rest] = (shown.match(/(\d+):(\d+)/) ?? []).slice(1).map(Number);
      return drafted && 60 * minutes + rest >= from + 10;
    });
  });

  await step('a key of one\'s own records while it is held; one that is taken is refused in words', async () => {
    await page.press('?');
    await page.click('[data-key=talk] button');
    await page.press('b');
    await page.until(10_000, () => page.run(`return /taken in the window/.test(document.querySelector('#bound-keys').textContent)`));
    await page.click('[data-key=talk] button');
    await page.press(F8);
    await page.until(10_000, async () => (await boundKeys(page)).some(([action, cap]) => action === 'talk' && cap === 'F8'));
    await shot('keys');
    await page.press('\uE00C');
    await page.hold(F8);
    await page.css('[role=timer]');
    await page.until(20_000, async () => (await seconds(page)) >= 2);
    await page.letGo(F8);
    await page.until(10_000, async () => (await timer(page)).includes('paused'));
    await page.hold(F8);
    await page.until(10_000, async () => !(await timer(page)).includes('paused'));
    await page.letGo(F8);
    await page.until(10_000, async () => (await timer(page)).includes('paused'));
    await page.run(`[...document.querySelectorAll('.recorder button')].find((b) => b.textContent.startsWith('Discard')).click()`);
    await page.run(`setTimeout(() => [...document.querySelectorAll('.recorder button')].find((b) => b.textContent.startsWith('Erase')).click(), 200)`);
    await page.css('.start');
  });

  await step('the key acts in every program where the system gives it', async () => {
    await page.press('?');
    await page.click('[data-key=talk] input[type=checkbox]');
    await page.sleep(1000);
    await page.press('\uE00C');
    // Sent to the X server, not to the page.
    execFileSync('xdotool', ['keydown', 'F8']);
    await page.css('[role=timer]');
    execFileSync('xdotool', ['keyup', 'F8']);
    await page.until(10_000, async () => (await timer(page)).includes('paused'));
    await page.run(`[...document.querySelectorAll('.recorder button')].find((b) => b.textContent.startsWith('Discard')).click()`);
    await page.run(`setTimeout(() => [...document.querySelectorAll('.recorder button')].find((b) => b.textContent.startsWith('Erase')).click(), 200)`);
    await page.css('.start');
  });

  let kept = 0;
  await step('the plug is pulled in the middle of a recording', async () => {
    await page.click('.start');
    await page.css('[role=timer]');
    const voice = speak();
    await page.until(60_000, async () => (await seconds(page)) >= 14);
    kept = await seconds(page);
    pullThePlug();
    voice.stop();
    return { kept };
  });

  await step('after a new start it is there, recovered, and becomes a draft', async () => {
    await run.restart(start);
    page = run.page;
    await enter(page, null);
    await page.until(60_000, () => page.run(`return document.querySelectorAll('[data-dictation]').length === 2`));
    const first = `document.querySelector('[data-dictation]')`;
    // The language model may be at work on the other one.
    await page.until(300_000, () => page.run(`return ${first}.querySelector('[data-open]') !== null`));
    const said = await page.run(`return ${first}.textContent`);
    assert.match(said, /Recovered/i, `the list does not say that it was recovered: ${said}`);
    await shot('recovered');
    await page.run(`${first}.querySelector('[data-open]').click()`);
    await page.css('#words');
    const text = await transcriptText(page);
    assert.ok(text.length > 60, `little is left: ${text}`);
    return { characters: text.length };
  });
});
