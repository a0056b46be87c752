import { expect, it } from 'vitest';
import type { KeyBinding } from './backend/types';
import { bindingOf, boundTo, capOfKey, conflictOf, Pedal, type KeyEvent } from './pedal';

const event = (code: string, key: string, more: Partial<KeyEvent> = {}): KeyEvent => ({
  code, key, ctrlKey: false, altKey: false, shiftKey: false, metaKey: false, ...more,
});
const bound: KeyBinding[] = [
  bindingOf(event('F13', 'F13'), 'talk', true),
  bindingOf(event('KeyQ', 'q'), 'toggle', false),
  bindingOf(event('KeyD', 'd', { ctrlKey: true }), 'pause', false),
];

it.each<[KeyEvent, boolean, string | null]>([
  [event('F13', 'F13'), false, 'talk'],
  [event('F13', 'F13'), true, 'talk'],
  [event('F13', 'F13', { shiftKey: true }), false, null],
  [event('KeyQ', 'q'), false, 'toggle'],
  [event('KeyQ', 'q'), true, null],
  [event('KeyD', 'd', { ctrlKey: true }), true, 'pause'],
  [event('KeyD', 'd'), false, null],
])('%o while typing %s is %s', (pressed, typing, action) => expect(boundTo(pressed, bound, typing)).toBe(action));

it.each<[KeyEvent, boolean]>([
  [event('KeyB', 'b'), true],
  [event('KeyL', 'l', { ctrlKey: true }), true],
  [event('Space', ' '), true],
  [event('F13', 'F13'), false],
  [event('KeyZ', 'z'), true],
  [event('Quote', '\''), false],
])('%o is taken in the window already: %s', (pressed, taken) => expect(conflictOf(pressed) !== null).toBe(taken));

it('names keys as they are printed', () => {
  expect(bound.map(capOfKey)).toEqual(['F13', 'Q', 'Ctrl D']);
  expect(capOfKey(bindingOf(event('MediaPlayPause', 'MediaPlayPause'), 'talk', false))).toBe('Media Play Pause');
});

it('acts once while a key is held, and hears its end', () => {
  const done: string[] = [];
  const pedal = new Pedal({ toggle: () => done.push('toggle'), pause: () => done.push('pause'), talk: (held) => done.push(`talk ${held}`) });
  for (const from of ['window', 'window', 'system'] as const) pedal.press('talk', from);
  pedal.release('talk');
  pedal.release('talk');
  pedal.press('toggle', 'system');
  pedal.leave();
  pedal.press('toggle', 'system');
  pedal.press('talk', 'window');
  pedal.leave();
  expect(done).toEqual(['talk true', 'talk false', 'toggle', 'talk true', 'talk false']);
});
