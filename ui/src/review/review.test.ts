// Reviewing on the test double: edits, what a conflict leaves, undo, words selected for coding, the life of a claim, what is learned.
// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import App from '../App.svelte';
import { DemoBackend } from '../lib/backend/demo';
import { selectedSpan } from './selection';

afterEach(cleanup);

const press = (key: string) => fireEvent.keyDown(document.activeElement ?? document.body, { key });
const find = <T extends Element = HTMLElement>(selector: string) => {
  const element = document.querySelector<T>(selector);
  if (!element) throw new Error(`not on the page: ${selector}`);
  return element;
};
const type = (selector: string, value: string) => fireEvent.input(find(selector), { target: { value } });
const submit = (selector: string) => fireEvent.submit(find(selector));
const shown = (selector: string) => waitFor(() => expect(document.querySelector(selector)).not.toBeNull());

async function review(): Promise<DemoBackend> {
  const backend = new DemoBackend({ state: 'unlocked' });
  render(App, { backend });
  await shown('[data-open]');
  await fireEvent.click(find('[data-open]'));
  await shown('[data-kind=line]');
  return backend;
}
async function on(item: string): Promise<void> {
  const element = find(`[data-item^="${item}"]`);
  element.focus();
  await fireEvent.focus(element);
}
async function edit(item: string): Promise<void> {
  await on(item);
  await press('e');
  await shown('#editor');
}

describe('editing', () => {
  it('changes a code: the revision seen goes along, findings are those of the answer, the row says who', async () => {
    const backend = await review();
    expect(find('#verdict').textContent).toContain('Blocked');
    await edit('line:63047');
    await type('#edit-code', '63005');
    await submit('#editor');
    await shown('[data-item^="line:63005"]');
    expect(backend.calls).toContainEqual(['claim_correct', 1, [{ op: 'set_line', line: 2, code: '63005' }]]);
    expect(find('[data-item^="line:63005"]').textContent).toContain('changed by a coder');
    expect(find('#verdict').textContent).toContain('Needs a decision');
    expect(find('#revision').textContent).toBe('Revision 2');
    await waitFor(() => expect(document.activeElement).toBe(find('[data-item^="line:63005"]')));
  });
  it('sends nothing that has not the form of a code, and says where it is wrong', async () => {
    const backend = await review();
    await edit('line:63047');
    await type('#edit-code', 'decompression');
    await submit('#editor');
    await waitFor(() => expect(find('#edit-code-problem').textContent).toContain('Five characters'));
    expect(find('#edit-code').getAttribute('aria-invalid')).toBe('true');
    expect(backend.calls.some(([name]) => name === 'claim_correct')).toBe(false);
    await press('Escape');
    await waitFor(() => expect(document.querySelector('#editor')).toBeNull());
    await shown('[data-kind=line]');
  });
  it('searches while a diagnosis is typed; the arrows and Enter choose', async () => {
    const backend = await review();
    await edit('diagnosis:M43.16');
    await type('#edit-code', 'lumbar radiculopathy');
    await shown('[role=option]');
    await press('ArrowDown');
    await press('Enter');
    expect(find<HTMLInputElement>('#edit-code').value).toBe('M51.16');
    await submit('#editor');
    await waitFor(() => expect(backend.calls).toContainEqual(['claim_correct', 1, [{ op: 'set_diagnosis', diagnosis: 2, code: 'M51.16' }]]));
  });
  it('keeps what was typed when the claim was changed meanwhile', async () => {
    const backend = await review();
    await edit('line:63047');
    await type('#edit-code', '63005');
    await backend.claimCorrect('demo-claim-1', 1, [{ op: 'set_line', line: 1, units: 2 }]);
    await submit('#editor');
    await waitFor(() => expect(find('#editor').textContent).toContain('changed meanwhile: this is revision 2'));
    expect(find('#revision').textContent).toBe('Revision 2');
    expect(find<HTMLInputElement>('#edit-code').value).toBe('63005');
    await submit('#editor');
    await shown('[data-item^="line:63005"]');
    expect(backend.draft.coding.lines[0]?.units).toBe(2);
  });
  it('keeps it even when its line is gone', async () => {
    const backend = await review();
    await edit('line:63047');
    await type('#edit-code', '63005');
    await backend.claimCorrect('demo-claim-1', 1, [{ op: 'remove_line', line: 2 }]);
    await submit('#editor');
    await waitFor(() => expect(find('#editor').textContent).toContain('no such line'));
    expect(find<HTMLInputElement>('#edit-code').value).toBe('63005');
  });
  it('applies the fix of a finding', async () => {
    const backend = await review();
    await on('finding:ncci.ptp');
    await press('f');
    await waitFor(() => expect(backend.calls).toContainEqual(['claim_correct', 1, [{ op: 'set_line', line: 2, modifiers: ['XS'] }]]));
    await waitFor(() => expect(document.querySelector('[data-item^="finding:ncci.ptp"]')).toBeNull());
    await waitFor(() => expect((document.activeElement as HTMLElement).dataset.item).toContain('line:'));
    expect(find('#undo').textContent).toContain('Add XS to line 2');
  });
  it('removes, takes back, and takes back what came before', async () => {
    const backend = await review();
    await on('line:63052');
    await press('Delete');
    // The line that took its place has the focus.
    await waitFor(() => expect((document.activeElement as HTMLElement).dataset.item).toContain('line:22840'));
    expect(document.querySelector('[data-item^="line:63052"]')).toBeNull();
    await on('diagnosis:M43.16');
    await press('m');
    await waitFor(() => expect(find('[data-kind=diagnosis]').dataset.item).toContain('M43.16'));
    await press('u');
    await waitFor(() => expect(find('[data-kind=diagnosis]').dataset.item).toContain('M48.062'));
    await press('u');
    await shown('[data-item^="line:63052"]');
    expect(backend.calls.filter(([name]) => name === 'claim_restore')).toEqual([['claim_restore', 3, 2], ['claim_restore', 4, 1]]);
    expect(document.querySelector('#undo')).toBeNull();
  });
});

describe('coding from words', () => {
  it('adds a line with the selected passage as its evidence', async () => {
    const backend = await review();
    const piece = [...document.querySelectorAll('#words [data-start]')].find((e) => e.textContent?.includes('Drain left'));
    const node = piece?.firstChild;
    if (!node) throw new Error('no such words');
    const from = node.textContent?.indexOf('Drain left') ?? 0;
    const range = document.createRange();
    range.setStart(node, from);
    range.setEnd(node, from + 11);
    const selection = document.getSelection();
    selection?.removeAllRanges();
    selection?.addRange(range);
    const span = selectedSpan(find('#words'), selection);
    expect(Array.from(backend.draft.transcript.text).slice(span?.start, span?.end).join('')).toBe('Drain left');
    document.dispatchEvent(new Event('selectionchange'));
    await waitFor(() => expect(find('#words-strip').textContent).toContain('Drain left'));
    await press('a');
    await shown('#edit-words');
    expect(find<HTMLInputElement>('#edit-words').value).toBe('Drain left');
    await type('#edit-code', '63030');
    await submit('#editor');
    await waitFor(() => expect(backend.calls.some(([name]) => name === 'claim_correct')).toBe(true));
    expect(backend.calls.at(-1)?.[2]).toEqual([{ op: 'add_line', code: '63030', units: 1, modifiers: [], pointers: ['A'], evidence: span }]);
    await waitFor(() => expect(find('[data-item^="line:63030"]').textContent).toContain('added by a coder'));
  });
  it('takes typed words where nothing is selected', async () => {
    const backend = await review();
    document.getSelection()?.removeAllRanges();
    await press('d');
    await shown('#edit-words');
    await type('#edit-words', 'SMALL dural abrasion');
    await type('#edit-code', 'M51.16');
    await waitFor(() => expect(find('#edit-words-problem').textContent).toContain('Found'));
    await submit('#editor');
    await waitFor(() => expect(backend.draft.coding.diagnoses.at(-1)?.evidence[0]?.quote).toBe('small dural abrasion'));
  });
});

describe('the life of a claim', () => {
  it('goes to review; a blocked claim says why it is not approved; a rejection needs a reason', async () => {
    const backend = await review();
    await press('s');
    await waitFor(() => expect(find('#decision').dataset.state).toBe('human_review'));
    const approve = find<HTMLButtonElement>('[data-step=approve]');
    expect(approve.disabled).toBe(true);
    expect(find('#against').textContent).toContain('63047 / 22633 blocks this claim');
    await press('y');
    expect(backend.calls.filter(([name]) => name === 'claim_decide')).toHaveLength(1);
    await press('x');
    await shown('#reason');
    await submit('#decision form');
    expect(find('#decision').dataset.state).toBe('human_review');
    await type('#reason', 'Which side?');
    await submit('#decision form');
    await waitFor(() => expect(find('#decision').dataset.state).toBe('rejected'));
    expect(backend.calls.at(-1)).toEqual(['claim_decide', 1, 'reject', 'Which side?']);
    // Whoever opens it next is told why.
    await waitFor(() => expect(document.getElementById('decided')?.textContent).toContain('Which side?'));
    await on('line:63047');
    await press('e');
    expect(document.querySelector('#editor')).toBeNull();
    await waitFor(() => expect(find('#notice').textContent).toContain('reopen it'));
  });
});

describe('what is learned', () => {
  it('is offered quietly after a correction, and decided about in its list', async () => {
    const backend = await review();
    await edit('line:63047');
    await type('#edit-code', '63005');
    await submit('#editor');
    await shown('#offer');
    await press('l');
    await shown('[data-rule=rule-3]');
    await fireEvent.click(screen.getByRole('button', { name: /^Accept: .*63005/ }));
    await waitFor(() => expect(find('[data-rule=rule-3]').dataset.state).toBe('accepted'));
    await fireEvent.click(screen.getByRole('button', { name: /^Retire: .*63005/ }));
    await waitFor(() => expect(find('[data-rule=rule-3]').dataset.state).toBe('retired'));
    await fireEvent.click(screen.getByRole('button', { name: /^Decline: .*62380/ }));
    await waitFor(() => expect(backend.rules.find((r) => r.id === 'rule-1')?.state).toBe('declined'));
    expect(document.querySelector('#offer')).toBeNull();
  });
});

it('tells what a corrected word was heard as, to the pointer and to the keyboard', async () => {
  await review();
  const corrected = [...document.querySelectorAll<HTMLElement>('.corrected')];
  expect(corrected.map((e) => e.tabIndex)).toEqual([0, -1, -1]);
  expect(corrected[0]?.getAttribute('aria-label')).toContain('heard: spondylo listesis');
  corrected[0]?.focus();
  await fireEvent.focus(corrected[0] as Element);
  await waitFor(() => expect(find('#words-strip').textContent).toContain('spondylo listesis'));
  await press('ArrowRight');
  await fireEvent.focus(document.activeElement as Element);
  await waitFor(() => expect(find('#words-strip').textContent).toContain('Trans for aminal'));
});

describe('writing over words', () => {
  const text = (backend: DemoBackend) => backend.draft.transcript.text;
  it('writes over the selected words, offers the slip to the dictionary, and takes the change back', async () => {
    const backend = await review();
    const before = text(backend);
    const piece = [...document.querySelectorAll('#words [data-start]')].find((e) => e.textContent?.includes('Drain left'));
    const node = piece?.firstChild;
    if (!node) throw new Error('no such words');
    const from = node.textContent?.indexOf('Drain left') ?? 0;
    const range = document.createRange();
    range.setStart(node, from);
    range.setEnd(node, from + 10);
    document.getSelection()?.removeAllRanges();
    document.getSelection()?.addRange(range);
    document.dispatchEvent(new Event('selectionchange'));
    await waitFor(() => expect(find('#words-strip').textContent).toContain('Drain left'));
    await press('w');
    await shown('#reword');
    expect(find<HTMLTextAreaElement>('#reword').value).toBe('Drain left');
    await type('#reword', 'Drain placed');
    await submit('#words-strip form');
    await shown('#learnable');
    expect(text(backend)).toContain('Drain placed');
    expect(backend.calls.find(([name]) => name === 'claim_reword')?.[2]).toMatchObject([{ was: 'Drain left', now: 'Drain placed' }]);
    expect(find('#learnable').textContent).toContain('Write “Drain placed” for “Drain left” from now on?');
    await fireEvent.click(screen.getByRole('button', { name: 'Into the dictionary' }));
    await waitFor(() => expect(backend.calls.some(([name]) => name === 'dictionary_add')).toBe(true));
    await press('u');
    await waitFor(() => expect(text(backend)).toBe(before));
  });
  it('gives a corrected word back as it was heard, by key and by click', async () => {
    const backend = await review();
    const first = () => document.querySelector<HTMLElement>('.corrected');
    first()?.focus();
    await fireEvent.focus(first() as Element);
    await press('Backspace');
    await waitFor(() => expect(text(backend)).toContain('spondylo listesis'));
    await waitFor(() => expect(document.querySelectorAll('.corrected').length).toBeLessThan(3));
    await fireEvent.click(first() as Element);
    await shown('#take-back');
    await fireEvent.click(find('#take-back'));
    await waitFor(() => expect(text(backend)).toContain('Trans for aminal'));
  });
  it('leaves the field by Escape and stays in the review', async () => {
    const backend = await review();
    await on('line:63047');
    await press('w');
    await shown('#reword');
    await fireEvent.keyDown(find('#reword'), { key: 'Escape' });
    await waitFor(() => expect(document.querySelector('#reword')).toBeNull());
    expect(backend.calls.some(([name]) => name === 'claim_reword')).toBe(false);
    expect(document.querySelector('#words')).not.toBeNull();
  });
});

describe('what the claim is worth', () => {
  it('opens by its key, reckons again for another setting and after an edit, and adds a line with the words that bear it', async () => {
    const backend = await review();
    await press('v');
    await shown('#payment-total');
    expect(find('#tab-payment').getAttribute('aria-selected')).toBe('true');
    const national = find('#payment-total').textContent;
    await fireEvent.click(find('#qualifying'));
    await waitFor(() => expect(find('#payment-total').textContent).not.toBe(national));
    expect(backend.calls).toContainEqual(['claim_value', 'demo-claim-1', { locality: null, qualifying: true }]);
    await fireEvent.change(find('#locality'), { target: { value: '1320201' } });
    await waitFor(() => expect(backend.paid).toEqual({ locality: '1320201', qualifying: true }));
    expect(document.querySelector('[data-proposal=audit_risk] button')).toBeNull();
    await fireEvent.click(find('[data-proposal=missed] button'));
    await shown('[data-item^="line:20930"]');
    const [, , edits] = backend.calls.find(([name]) => name === 'claim_correct') ?? [];
    expect(edits).toMatchObject([{ op: 'add_line', code: '20930', levels: [] }]);
    await waitFor(() => expect(document.querySelector('[data-proposal=missed]')).toBeNull());
    await press('v');
    await shown('#findings-title');
  });
  it('says what the rules of today changed, and that a decided claim keeps what it was decided on', async () => {
    const backend = new DemoBackend({ state: 'unlocked' });
    backend.draft = { ...backend.draft, judgement: { by: 'today', new: 2, gone: 1, verdictToday: 'block' } };
    const first = render(App, { backend });
    await shown('[data-open]');
    await fireEvent.click(find('[data-open]'));
    await shown('#judged');
    expect(find('#judged').textContent).toContain('2 new, 1 gone since revision 1');
    first.unmount();
    backend.draft = { ...backend.draft, state: 'approved', judgement: { by: 'revision', new: 1, gone: 0, verdictToday: 'block' } };
    render(App, { backend });
    await shown('[data-open]');
    await fireEvent.click(find('[data-open]'));
    await shown('#judged');
    expect(find('#judged').textContent).toContain('it would be blocked');
  });
});
