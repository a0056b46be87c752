// The dictionary's sheet on the test double: words come, are refused, go and come back.
// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, expect, it } from 'vitest';
import { DemoBackend } from '../backend/demo';
import { DEMO_DRAFT } from '../backend/demo-data';
import { heardIn } from '../segments';
import { Workbench } from '../workbench.svelte';
import DictionarySheet from './DictionarySheet.svelte';

afterEach(cleanup);
const field = (id: string) => document.querySelector<HTMLInputElement>(`#${id}`) as HTMLInputElement;
const words = () => [...document.querySelectorAll('[data-word]')].map((e) => e.textContent?.replace(/\s+/g, ' ').trim());

it('takes what was misheard, refuses what would change facts, and gives back what was removed', async () => {
  const backend = new DemoBackend({ state: 'unlocked' });
  render(DictionarySheet, { open: true, heard: 'new vasive', bench: new Workbench(backend) });
  await waitFor(() => expect(words()).toHaveLength(2));
  expect(field('word-heard').value).toBe('new vasive');
  await fireEvent.input(field('word-meant'), { target: { value: 'L5' } });
  await fireEvent.submit(document.querySelector('#dictionary form') as Element);
  await waitFor(() => expect(document.querySelector('#dictionary .fault')?.textContent).toContain('own_word_fact'));
  await fireEvent.input(field('word-meant'), { target: { value: 'Nuvasive' } });
  await fireEvent.submit(document.querySelector('#dictionary form') as Element);
  await waitFor(() => expect(words()).toHaveLength(3));
  expect(words()[0]).toContain('Nuvasive for “new vasive”');
  await waitFor(() => expect(field('word-heard').value).toBe(''));
  await fireEvent.click(screen.getByRole('button', { name: 'Remove Nuvasive' }));
  await waitFor(() => expect(words()).toHaveLength(2));
  await fireEvent.click(screen.getByRole('button', { name: 'Put it back' }));
  await waitFor(() => expect(words()[0]).toContain('Nuvasive'));
  expect(backend.calls.at(-1)).toEqual(['dictionary_add', 'Nuvasive', 'new vasive']);
});

it('offers selected words as they were heard', () => {
  const { transcript } = DEMO_DRAFT;
  const first = transcript.corrections[0];
  if (!first) throw new Error('the demo has no correction');
  expect(heardIn(transcript, first)).toBe(first.original);
  expect(heardIn(transcript, { start: 0, end: 9 })).toBe([...transcript.text].slice(0, 9).join('').trim());
});
