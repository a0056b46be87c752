// Reviewing in the real window: a line is corrected, taken back, corrected again, a passage coded, the claim decided about.
import assert from 'node:assert/strict';
import { Key } from 'selenium-webdriver';

const ANSWER_MS = 20_000;

/** The codes of the service lines, in order. */
export const codesShown = (page) =>
  page.run(`return [...document.querySelectorAll('[data-kind=line]')].map((e) => e.dataset.item.split(':')[1].replace(/#.*/, ''))`);
/** The findings about codes; what the form lacks names lines by their code and would always differ. */
const findingsShown = (page) => page.run(`return [...document.querySelectorAll('article[data-kind=finding]')].map((e) => e.textContent)`);
const revision = async (page) => Number((await page.text('#revision')).replace(/\D/g, ''));
const focusOn = (page, selector) => page.run('document.querySelector(arguments[0]).focus()', selector);

/** Saves the editor; where the second opinion came between, what was typed is kept and saved again. */
async function save(page) {
  const before = await revision(page);
  let again = 0;
  await page.press(Key.ENTER);
  await page.until(ANSWER_MS, async () => {
    const state = await page.run(`return { open: document.querySelector('#editor') !== null, notice: document.querySelector('#editor .notice')?.textContent ?? null }`);
    if (!state.open) return true;
    if (state.notice && again === 0) {
      again += 1;
      await page.press(Key.ENTER);
    }
    return false;
  });
  assert.ok((await revision(page)) > before, 'no new revision');
  return again;
}

export async function reviewSteps({ page, step, shot }) {
  let drafted = [];
  await step('a correction of a code is saved, scrubbed again and marked', async () => {
    drafted = await codesShown(page);
    const before = await findingsShown(page);
    await focusOn(page, '[data-kind=line]');
    await page.press('e');
    await page.css('#editor');
    await page.type('#edit-code', '22');
    await page.css('[role=option]');
    await shot('edit');
    // A discectomy where the fusion stood: the cage is left without the fusion it belongs to.
    await page.type('#edit-code', '63030');
    const again = await save(page);
    const now = await codesShown(page);
    assert.equal(now[0], '63030');
    const found = await findingsShown(page);
    assert.notDeepEqual(found, before, 'the findings are those of before');
    assert.ok(found.some((f) => f.includes('22853')), 'nothing objects to a cage without a fusion');
    assert.match(await page.text('[data-kind=line] .changed'), /changed by a coder/);
    await shot('corrected');
    return { again, findings: [before.length, found.length] };
  });

  await step('U takes it back', async () => {
    const at = await revision(page);
    await page.press('u');
    await page.until(ANSWER_MS, async () => (await revision(page)) > at);
    assert.deepEqual(await codesShown(page), drafted);
    assert.equal(await page.run(`return document.querySelector('.changed')`), null);
  });

  await step('selected words become the evidence of a diagnosis', async () => {
    const words = await page.run(`
      const piece = [...document.querySelectorAll('#words [data-start]')].find((e) => e.textContent.trim().split(/\\s+/).length > 2);
      const range = document.createRange();
      range.selectNodeContents(piece);
      const selection = getSelection();
      selection.removeAllRanges();
      selection.addRange(range);
      return piece.textContent.trim()`);
    await page.until(ANSWER_MS, async () => (await page.text('#words-strip')).includes(words));
    await page.press('d');
    await page.css('#edit-words');
    await page.type('#edit-code', 'obesity');
    await page.until(ANSWER_MS, () => page.run(`return [...document.querySelectorAll('[role=option]')].some((o) => o.textContent.includes('E66'))`));
    await shot('search');
    await page.type('#edit-code', 'e66.9');
    await save(page);
    await page.css('[data-item^="diagnosis:E66.9"]');
    const quote = await page.text('[data-item^="diagnosis:E66.9"]');
    assert.ok(quote.includes(words.slice(0, 12)), 'the passage is not its evidence');
    await page.press('u');
    await page.until(ANSWER_MS, async () => (await page.run(`return document.querySelector('[data-item^="diagnosis:E66.9"]')`)) === null);
  });

  await step('selected words are written over, marked with what was heard, and given back', async () => {
    const at = await revision(page);
    const text = () => page.run(`return document.querySelector('#words').textContent`);
    const before = await text();
    const word = await page.run(`
      const piece = [...document.querySelectorAll('#words p [data-start]')].find((e) => /[a-z]{5,} [a-z]{4,}/.test(e.textContent));
      const node = piece.firstChild;
      const found = /[a-z]{5,}/.exec(node.textContent);
      const range = document.createRange();
      range.setStart(node, found.index);
      range.setEnd(node, found.index + found[0].length);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      return found[0]`);
    await page.until(ANSWER_MS, async () => (await page.text('#words-strip')).includes(`“${word}”`));
    await page.press('w');
    await page.type('#reword', 'Quillfeather');
    await shot('reword');
    await page.click('#words-strip form .primary');
    await page.until(ANSWER_MS, async () => (await revision(page)) > at && (await text()).includes('Quillfeather'));
    const heard = await page.run(`return [...document.querySelectorAll('.corrected')].find((e) => e.textContent.includes('Quillfeather'))?.title`);
    assert.ok(heard?.includes(word), `${heard} does not say what was heard`);
    await page.run(`[...document.querySelectorAll('.corrected')].find((e) => e.textContent.includes('Quillfeather')).focus()`);
    await shot('reworded');
    await page.press(Key.BACK_SPACE);
    await page.until(ANSWER_MS, async () => (await text()) === before);
  });

  await step('the claim is submitted, its approval waits with a reason, and it is rejected and reopened', async () => {
    const state = () => page.attribute('#decision', 'data-state');
    const becomes = (wanted) => page.until(ANSWER_MS, async () => (await state()) === wanted);
    await focusOn(page, '[data-kind=line]');
    assert.equal(await state(), 'draft');
    await page.press('s');
    await becomes('human_review');
    const against = await page.run(`return document.querySelector('#against')?.textContent ?? null`);
    if ((await page.text('#verdict')).includes('Blocked')) {
      assert.equal(await page.enabled('[data-step=approve]'), false, 'a blocked claim could be approved');
      assert.match(against, /Approval waits/);
    }
    await shot('submitted');
    await focusOn(page, '[data-kind=line]');
    await page.press('x');
    await page.type('#reason', 'Which side was decompressed?');
    await page.click('#decision form button[type=submit]');
    await becomes('rejected');
    await focusOn(page, '[data-kind=line]');
    await page.press('o');
    await page.type('#reason', 'The side was found.');
    await page.click('#decision form button[type=submit]');
    await becomes('human_review');
    await focusOn(page, '[data-kind=line]');
    return against?.trim();
  });
}
