import { expect, it } from 'vitest';
import { actionFor, BINDINGS, commandsIn, type Place, type Press } from './keys';

const press = (key: string, more: Partial<Press> = {}): Press => ({
  key, ctrlKey: false, metaKey: false, altKey: false, typing: false, onControl: false, ...more,
});

it.each<[Press, Place, string | null]>([
  [press('j'), 'review', 'next'],
  [press('J'), 'review', 'next'],
  [press('ArrowUp'), 'dictate', 'previous'],
  [press(' '), 'review', 'play'],
  [press(' '), 'dictate', null],
  [press(' ', { onControl: true }), 'review', null],
  [press('Enter', { onControl: true }), 'dictate', null],
  [press('Enter'), 'dictate', 'open'],
  [press('l', { ctrlKey: true }), 'review', 'lock'],
  [press('l', { metaKey: true, typing: true }), 'dictate', 'lock'],
  [press('l'), 'review', 'learned'],
  [press('z'), 'review', 'queue'],
  [press(';'), 'review', 'insights'],
  [press('§'), 'review', null],
  [press('b'), 'review', 'rules'],
  [press('s', { ctrlKey: true, typing: true }), 'rules', 'save'],
  [press('Enter', { ctrlKey: true, typing: true, onControl: true }), 'rules', 'try'],
  [press('s', { ctrlKey: true, typing: true }), 'review', 'save'],
  [press('i', { ctrlKey: true, typing: true }), 'review', 'missing'],
  [press('i', { typing: true }), 'review', null],
  [press(','), 'review', 'clinic'],
  [press('c'), 'dictate', 'continue'],
  [press('c'), 'review', 'form'],
  [press('5'), 'clinic', 'fifth'],
  [press('y', { typing: true }), 'rules', null],
  [press('n', { typing: true }), 'dictate', null],
  [press('?', { typing: true }), 'dictate', null],
  [press('?'), 'dictate', 'help'],
  [press('Escape'), 'review', 'back'],
  [press('r'), 'review', 'difference'],
  [press('r', { altKey: true }), 'dictate', null],
  [press('n', { ctrlKey: true }), 'dictate', null],
])('%o in %s is %s', (pressed, place, action) => {
  expect(actionFor(pressed, place)).toBe(action);
});

it('finds commands by their words, those of the place first, each once', () => {
  expect(commandsIn('review', 'take edit').map((b) => b.action)).toEqual(['undo']);
  expect(commandsIn('review', 'item fill').map((b) => b.action)).toEqual(['missing']);
  expect(commandsIn('review', 'next item')[0]?.place).toBe('review');
  expect(commandsIn('dictate', 'approve')).toEqual([]);
  for (const place of ['dictate', 'review', 'rules', 'clinic'] as const) {
    const all = commandsIn(place).map((b) => b.action);
    expect(new Set(all).size).toBe(all.length);
  }
});

it('gives no key two meanings in one place', () => {
  for (const place of ['dictate', 'review', 'rules', 'clinic'] as const) {
    const keys = BINDINGS.filter((b) => b.place === 'everywhere' || b.place === place)
      .flatMap((b) => b.keys.map((k) => `${b.ctrl ? 'ctrl ' : ''}${k}`));
    expect(new Set(keys).size).toBe(keys.length);
  }
});
