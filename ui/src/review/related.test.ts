// Claims about other claims on the test double: corrected, voided, beside; and what is different between revisions.
// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import axe from 'axe-core';
import { afterEach, expect, it } from 'vitest';
import App from '../App.svelte';
import { DemoBackend } from '../lib/backend/demo';
import { DEMO_DRAFT } from '../lib/backend/demo-data';
import type { DraftView } from '../lib/backend/types';
import { relationWord } from './lifecycle';

afterEach(cleanup);

const press = (key: string, more: object = {}) => fireEvent.keyDown(document.activeElement ?? document.body, { key, ...more });
async function review(state: DraftView['state']): Promise<DemoBackend> {
  const backend = new DemoBackend({ state: 'unlocked' });
  backend.draft = { ...DEMO_DRAFT, state };
  render(App, { backend });
  await waitFor(() => expect(document.querySelector('[data-open]')).not.toBeNull());
  await fireEvent.click(document.querySelector('[data-open]') as Element);
  await waitFor(() => expect(document.querySelector('[data-kind=line]')).not.toBeNull());
  return backend;
}
async function reason(words: string): Promise<void> {
  await waitFor(() => expect(document.getElementById('reason')).not.toBeNull());
  const field = document.getElementById('reason') as HTMLTextAreaElement;
  await fireEvent.input(field, { target: { value: words } });
  await fireEvent.submit(field.closest('form') as HTMLFormElement);
}

it.each([['o', 'correct', 'Replaces the claim that was sent'], ['x', 'void', 'Voids the claim that was sent']])('%s on a sent claim: %s, with a reason, as a claim of its own', async (key, how, says) => {
  const backend = await review('exported');
  await press(key);
  await reason('The member number was wrong.');
  await screen.findByText(says);
  expect(backend.calls.find(([name]) => name === 'claim_amend')?.slice(2)).toEqual([how, 'The member number was wrong.']);
  expect(document.getElementById('decision')?.dataset.state).toBe('human_review');
});

it('shows what is different between two revisions, with marks and words', async () => {
  await review('human_review');
  await press('r');
  await waitFor(() => expect(document.getElementById('difference')).not.toBeNull());
  const shown = (change: string) => document.querySelectorAll(`[data-change=${change}]`).length;
  expect([shown('added'), shown('removed'), shown('changed'), shown('same')]).toEqual([2, 1, 3, 1]);
  const text = document.getElementById('difference')?.textContent ?? '';
  expect(text).toContain('1a Insured’s ID'.slice(0, 2));
  expect(text).toContain('$21,400.00 → $22,950.50');
  expect([...document.querySelectorAll('#difference ins')].map((e) => e.textContent)).toContain('left ');
  document.documentElement.lang = 'en';
  const found = await axe.run(document.body, { rules: { 'color-contrast': { enabled: false }, region: { enabled: false } }, resultTypes: ['violations'] });
  expect(found.violations.filter((v) => v.impact === 'serious' || v.impact === 'critical').map((v) => v.id)).toEqual([]);
}, 30_000);

it('asks for words of the note before it bills for somebody else', async () => {
  const backend = await review('human_review');
  await press('2');
  expect((await screen.findByRole('dialog')).textContent).toContain('Select the words of the note');
  expect((document.getElementById('companion-make') as HTMLButtonElement).disabled).toBe(true);
  await press('Escape');
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  await press('j');
  await press('2');
  await waitFor(() => expect(document.querySelector('#companion q')?.textContent).toBeTruthy());
  const who = document.getElementById('companion-who') as HTMLInputElement;
  who.focus();
  await fireEvent.input(who, { target: { value: '' } });
  await waitFor(() => expect(document.querySelector('[role=option]')).not.toBeNull());
  await fireEvent.pointerDown(document.querySelector('[role=option]') as Element);
  await fireEvent.mouseDown(document.querySelector('[role=option]') as Element);
  await fireEvent.click(document.querySelector('[role=option]') as Element);
  await waitFor(() => expect((document.getElementById('companion-make') as HTMLButtonElement).disabled).toBe(false));
  backend.refusal = { code: 'companion_unproven', kind: 'input', message: 'The chosen words do not name this person.', advice: 'Choose others.' };
  await fireEvent.submit(document.getElementById('companion') as HTMLFormElement);
  expect((await screen.findByRole('alert')).textContent).toContain('do not name this person');
  backend.refusal = null;
  await fireEvent.submit(document.getElementById('companion') as HTMLFormElement);
  await screen.findByText('Beside the surgeon’s claim');
});

it('says what another claim is to this one, from either side', () => {
  const other = { claimId: 'x', state: 'exported' } as const;
  expect(relationWord({ ...other, relation: 'void', isOlder: false })).toBe('Voided');
  expect(relationWord({ ...other, relation: 'replacement', isOlder: true })).toBe('Replaces the claim that was sent');
});

it('keeps a line’s charge and emergency beside its codes, the charge as the person’s own', async () => {
  const backend = await review('human_review');
  await press('j');
  for (let i = 0; i < 12 && document.activeElement?.getAttribute('data-kind') !== 'line'; i += 1) await press('j');
  await press('e');
  await waitFor(() => expect(document.getElementById('edit-charge')).not.toBeNull());
  await fireEvent.input(document.getElementById('edit-charge') as Element, { target: { value: '$9,100' } });
  await fireEvent.click(document.getElementById('edit-emergency') as Element);
  await fireEvent.input(document.getElementById('edit-levels') as Element, { target: { value: 'L4-5' } });
  await fireEvent.submit(document.getElementById('editor') as HTMLFormElement);
  await waitFor(() => expect(document.getElementById('editor')).toBeNull());
  const sent = backend.calls.find(([name]) => name === 'claim_header')?.[2] as { lines: { number: number; charge: string; emergency: boolean }[] };
  expect(sent.lines.filter((l) => l.charge === '9100.00' && l.emergency)).toHaveLength(1);
});
