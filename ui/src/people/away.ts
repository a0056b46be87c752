// Takes an element out of the document while the window is locked: what was being written stays in it, nobody sees it.

/** An action of Svelte's: `use:away={locked}`. */
export function away(node: HTMLElement, gone: boolean): { update: (gone: boolean) => void; destroy: () => void } {
  const mark = document.createComment('');
  const set = (hidden: boolean): void => {
    if (hidden && node.isConnected) node.replaceWith(mark);
    else if (!hidden && mark.isConnected) mark.replaceWith(node);
  };
  set(gone);
  return { update: set, destroy: () => mark.remove() };
}

/** Tells that the window is used, at most once in a while. */
export function activity(tell: () => void, every = 10_000, now: () => number = Date.now): () => void {
  let told = -Infinity;
  return () => {
    if (now() - told < every) return;
    told = now();
    tell();
  };
}
