// Keys that a person has bound for dictating: which one was pressed, what is held, what cannot be bound. Pure but for what is held.
import type { KeyAction, KeyBinding } from './backend/types';
import { actionFor, BINDINGS, type Place } from './keys';

/** The parts of a key event that name a key. */
export type KeyEvent = Pick<KeyboardEvent, 'code' | 'key' | 'ctrlKey' | 'altKey' | 'shiftKey' | 'metaKey'>;

export const ACTIONS: readonly { action: KeyAction; does: string }[] = [
  { action: 'toggle', does: 'Record, stop' },
  { action: 'talk', does: 'Hold to talk' },
  { action: 'pause', does: 'Pause, go on' },
];

/** A key press as a binding. */
export function bindingOf(event: KeyEvent, action: KeyAction, everywhere: boolean): KeyBinding {
  const { code, ctrlKey: ctrl, altKey: alt, shiftKey: shift, metaKey: meta } = event;
  return { action, code, ctrl, alt, shift, meta, everywhere };
}

/** What the press of a key is bound to. A key that writes does not act while somebody writes. */
export function boundTo(event: KeyEvent, bindings: readonly KeyBinding[], typing: boolean): KeyAction | null {
  const found = bindings.find(
    (b) => b.code === event.code && b.ctrl === event.ctrlKey && b.alt === event.altKey && b.shift === event.shiftKey && b.meta === event.metaKey,
  );
  if (!found || (typing && event.key.length === 1 && !event.ctrlKey && !event.altKey && !event.metaKey)) return null;
  return found.action;
}

/** What a key that acts in the window already does there, if it does. */
export function conflictOf(event: KeyEvent): string | null {
  const { key, ctrlKey, metaKey, altKey } = event;
  const press = { key, ctrlKey, metaKey, altKey, typing: false, onControl: false };
  const places: Place[] = ['dictate', 'review', 'rules'];
  const action = places.map((place) => actionFor(press, place)).find((a) => a !== null);
  return BINDINGS.find((b) => b.action === action)?.does ?? null;
}

const NAMES: Record<string, string> = { ' ': 'Space', ArrowUp: '↑', ArrowDown: '↓', ArrowLeft: '←', ArrowRight: '→' };

/** The cap of a bound key. */
export function capOfKey({ code, ctrl, alt, shift, meta }: KeyBinding): string {
  const name = NAMES[code] ?? code.replace(/^(Key|Digit)/, '').replace(/^Numpad/, 'Num ').replace(/([a-z])([A-Z])/g, '$1 $2');
  return [ctrl && 'Ctrl', alt && 'Alt', shift && 'Shift', meta && 'Meta', name].filter(Boolean).join(' ');
}

export interface Doing {
  toggle(): void;
  pause(): void;
  /** Somebody holds the key, or lets it go. */
  talk(held: boolean): void;
}

/** What is held: a key that repeats, or is heard from two sides, acts once. */
export class Pedal {
  readonly #doing: Doing;
  #held = new Map<KeyAction, 'window' | 'system'>();

  constructor(doing: Doing) {
    this.#doing = doing;
  }

  press(action: KeyAction, from: 'window' | 'system'): void {
    if (this.#held.has(action)) return;
    this.#held.set(action, from);
    if (action === 'talk') this.#doing.talk(true);
    else this.#doing[action]();
  }

  release(action: KeyAction): void {
    if (this.#held.delete(action) && action === 'talk') this.#doing.talk(false);
  }

  /** The window has lost the focus: it does not hear any more when its keys are let go. */
  leave(): void {
    for (const [action, from] of this.#held) if (from === 'window') this.release(action);
  }
}
