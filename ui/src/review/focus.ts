// Which item of the review is looked at: shared by the panes so that all light together.

export interface Focus {
  /** Hovered, else focused. */
  active: string | null;
  /** Has, or last had, the keyboard. */
  focused: string | null;
  /** Lit along with the active item. */
  joined: ReadonlySet<string>;
  /** First item of all. */
  first: string | null;
}

/** One tab stop a pane: the focused item, or the pane's first one. */
export function tabStop(focus: Focus, paneKeys: readonly string[], key: string): 0 | -1 {
  const inPane = focus.focused !== null && paneKeys.includes(focus.focused);
  return (inPane ? focus.focused === key : paneKeys[0] === key) ? 0 : -1;
}
