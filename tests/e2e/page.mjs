// What the steps read off the review screen: its words, its items, what is lit and what is quoted.

/** The transcript exactly as its pieces make it up. */
export function transcriptText(page) {
  return page.run(`return [...document.querySelectorAll('#words [data-start]')].map((e) => e.textContent).join('')`);
}

/** The words lit at the moment. */
export function litWords(page) {
  return page.run(`return [...document.querySelectorAll('#words .lit')].map((e) => e.textContent).join('')`);
}

/** Every item with its kind, in reading order. */
export function draftItems(page) {
  return page.run(`return [...document.querySelectorAll('[data-item]')].map((e) => ({ key: e.dataset.item, kind: e.dataset.kind }))`);
}

/** The passages quoted for an item, once the page shows that item as the one looked at. */
export async function proofQuotes(page, key) {
  await page.until(5000, () =>
    page.run(`
      const item = [...document.querySelectorAll('[data-item]')].find((e) => e.dataset.item === arguments[0]);
      return item.classList.contains('active') && document.querySelector('#proof q') !== null`, key));
  return page.run(`
    return [...document.querySelectorAll('#proof q')].map((e) => ({
      start: Number(e.dataset.start), end: Number(e.dataset.end), quote: e.textContent }))`);
}
