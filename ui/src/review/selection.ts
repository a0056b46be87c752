// The words selected in the transcript, as a span in Unicode scalars: read from the pieces the pane is made of.
import type { Span } from '../lib/backend/types';

/** The scalar offset of a place in the document, if it is in a piece of the transcript. */
function placeOf(node: Node, offset: number, root: Element): number | null {
  const element = node instanceof Element ? node : node.parentElement;
  const piece = element?.closest<HTMLElement>('[data-start]');
  if (!piece || !root.contains(piece)) return null;
  const start = Number(piece.dataset.start);
  if (node instanceof Element) return offset === 0 ? start : Number(piece.dataset.end);
  return start + Array.from((node.textContent ?? '').slice(0, offset)).length;
}

/** The selection within `root`, without white space at its edges; null when there is none. */
export function selectedSpan(root: Element, selection: Selection | null): Span | null {
  if (!selection || selection.rangeCount === 0 || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  // Pieces that the range touches: its edges may lie between two of them, or outside.
  const pieces = [...root.querySelectorAll<HTMLElement>('[data-start]')].filter((p) => range.intersectsNode(p));
  const [first, last] = [pieces[0], pieces.at(-1)];
  if (!first || !last) return null;
  let start = placeOf(range.startContainer, range.startOffset, root) ?? Number(first.dataset.start);
  let end = placeOf(range.endContainer, range.endOffset, root) ?? Number(last.dataset.end);
  const text = pieces.map((p) => p.textContent ?? '').join('');
  const scalars = Array.from(text);
  const base = Number(first.dataset.start);
  const blank = (at: number) => /^\s$/u.test(scalars[at - base] ?? '');
  while (start < end && blank(start)) start += 1;
  while (end > start && blank(end - 1)) end -= 1;
  return start < end ? { start, end } : null;
}
