// Editing a draft: the open editor, saving with the revision seen, what a conflict leaves standing, and undo.
import { asFault } from '../lib/backend/backend';
import type { DraftView, Edit, Fault, Reworded, Span, TextChange } from '../lib/backend/types';
import { ScalarText } from '../lib/scalars';
import type { Workbench } from '../lib/workbench.svelte';
import { editOf, factsOf, formOf, passageOf, problemsOf, saysEdit, type Field, type Form, type LineFacts, type Target } from './edits';
import { editsOfFix } from './fixes';
import { itemsOf, ofKind, type Item } from './items';
import { changedMeanwhile, editable, stateWord } from './lifecycle';

/** An edit that can be taken back: the revision before it, and the one it made. */
interface Undoable {
  to: number;
  made: number;
  says: string;
}

const EMPTY: Form = { code: '', units: '1', modifiers: '', pointers: '', levels: '', side: '', charge: '', emergency: '', words: '' };

export class Editing {
  readonly #bench: Workbench;
  readonly #draft: () => DraftView | null;
  readonly #show: (draft: DraftView) => void;
  target = $state.raw<Target | null>(null);
  form = $state<Form>({ ...EMPTY });
  /** Problems are shown once saving was tried. */
  tried = $state(false);
  busy = $state(false);
  fault = $state.raw<Fault | null>(null);
  /** Changes of the text that the dictionary could make by itself. */
  learnable = $state.raw<Reworded['forDictionary']>([]);
  /** The claim changed under the editor; what was typed is kept. */
  notice = $state<string | null>(null);
  #done = $state.raw<Undoable[]>([]);

  constructor(bench: Workbench, draft: () => DraftView | null, show: (draft: DraftView) => void) {
    this.#bench = bench;
    this.#draft = draft;
    this.#show = show;
  }

  get problems() {
    const draft = this.#draft();
    if (!draft || !this.target) return {};
    return problemsOf(this.target, this.form, draft.coding.diagnoses.length, draft.transcript.text);
  }
  /** Problems of the fields, as far as they are to be shown. */
  problem(field: Field): string | null {
    return this.tried ? (this.problems[field] ?? null) : null;
  }
  /** The passage that would support an added code. */
  get passage(): Span | null {
    const draft = this.#draft();
    return draft && this.target && 'span' in this.target ? passageOf(this.target, this.form, draft.transcript.text) : null;
  }
  /** The last edit, if it can still be taken back. */
  get undoable(): string | null {
    const last = this.#done.at(-1);
    const draft = this.#draft();
    return last && draft && last.made === draft.revision && editable(draft.state) ? last.says : null;
  }

  edit(item: Item | null): void {
    if (!this.#open() || !item || (item.kind !== 'line' && item.kind !== 'diagnosis')) return;
    if (item.kind === 'line') {
      this.form = formOf(item.value, this.#draft()?.claim.lines.find((l) => l.number === item.number) ?? null);
      this.target = { kind: 'line', key: item.key, number: item.number, name: `line ${item.number}` };
    } else {
      this.form = { ...EMPTY, code: item.value.code };
      this.target = { kind: 'diagnosis', key: item.key, number: item.letter.charCodeAt(0) - 64, name: `diagnosis ${item.letter}` };
    }
  }
  add(kind: 'add_line' | 'add_diagnosis', span: Span | null): void {
    const draft = this.#draft();
    if (!draft || !this.#open()) return;
    const words = span ? new ScalarText(draft.transcript.text).slice(span.start, span.end) : '';
    this.form = { ...EMPTY, words, pointers: kind === 'add_line' && draft.coding.diagnoses.length > 0 ? 'A' : '' };
    this.target = { kind, span };
  }
  cancel(): void {
    [this.target, this.fault, this.notice, this.tried] = [null, null, null, false];
  }

  async save(): Promise<boolean> {
    const [draft, target] = [this.#draft(), this.target];
    this.tried = true;
    if (!draft || !target || this.busy || Object.keys(this.problems).length > 0) return false;
    const items = itemsOf(draft);
    const item = 'key' in target ? items.find((i) => i.key === target.key) : undefined;
    if ('key' in target && !item) return false;
    const before = item?.kind === 'line' || item?.kind === 'diagnosis' ? item.value : null;
    const billed = target.kind === 'line' ? draft.claim.lines.find((l) => l.number === target.number) : undefined;
    const facts = billed ? factsOf(this.form, billed) : null;
    const edit = editOf(target, this.form, before, draft.transcript.text);
    // Charge and emergency first: where they cannot be kept, nothing was changed and the editor stays open.
    if (billed && facts && !(await this.#keep(billed.number, facts, edit !== null))) return false;
    if (edit === null) {
      this.cancel();
      return true;
    }
    return this.#make(edit);
  }
  /** Keeps a line's charge and emergency as the next revision. */
  #keep(number: number, facts: LineFacts, more: boolean): Promise<boolean> {
    return this.#call(async () => {
      const draft = this.#draft();
      if (!draft) return;
      const lines = draft.claim.lines.map((l) => (l.number === number ? { ...l, ...facts } : l));
      const next = await this.#bench.backend.claimHeader(draft.claimId, draft.revision, { ...draft.claim, lines });
      const says = facts.charge ? `line ${number} is charged ${facts.charge}` : `line ${number} changed`;
      this.#done = [...this.#done, { to: draft.revision, made: next.revision, says }];
      this.#show(next);
      if (!more) this.#bench.announcement = `Saved: ${says}. ${next.findings.findings.length} findings.`;
    });
  }
  async remove(item: Item | null): Promise<boolean> {
    if (item?.kind === 'line') return this.#make({ op: 'remove_line', line: item.number });
    if (item?.kind === 'diagnosis') return this.#make({ op: 'remove_diagnosis', diagnosis: item.letter.charCodeAt(0) - 64 });
    return false;
  }
  async lead(item: Item | null): Promise<boolean> {
    if (item?.kind !== 'diagnosis' || item.letter === 'A') return false;
    return this.#make({ op: 'lead_with', diagnosis: item.letter.charCodeAt(0) - 64 });
  }
  /** Applies a finding's fix, where it can be applied without words of the note. */
  async fix(item: Item | null): Promise<boolean> {
    const draft = this.#draft();
    const edits = draft && item?.kind === 'finding' ? editsOfFix(draft, item.value) : null;
    return edits ? this.#make(edits, item?.kind === 'finding' ? (item.value.fix?.description ?? '') : '') : false;
  }
  /** Makes edits that stand ready, under the words that say what they do. */
  apply(edits: Edit[], says: string): Promise<boolean> {
    return this.#make(edits, says);
  }
  /** Writes over words of the text; what the dictionary could learn from it is offered afterwards. */
  async reword(change: TextChange): Promise<boolean> {
    const draft = this.#draft();
    if (!draft || this.busy) return false;
    if (!editable(draft.state)) return this.#open();
    const says = `“${change.was}” is now “${change.now}”`;
    return this.#call(async () => {
      const { draft: next, forDictionary } = await this.#bench.backend.claimReword(draft.claimId, draft.revision, [change]);
      if (next.revision !== draft.revision) this.#done = [...this.#done, { to: draft.revision, made: next.revision, says }];
      this.cancel();
      this.#show(next);
      this.learnable = forDictionary;
      this.#bench.announcement = `Text changed: ${says}. ${next.coding.lines.length} lines, ${next.findings.findings.length} findings.`;
    });
  }
  /** Takes an offered word into the dictionary. */
  async learn(word: Reworded['forDictionary'][number]): Promise<void> {
    await this.#call(async () => {
      await this.#bench.backend.dictionaryAdd(word.meant, word.heard);
      this.learnable = this.learnable.filter((w) => w !== word);
      this.#bench.announcement = `${word.meant} is in the dictionary.`;
    });
  }
  async undo(): Promise<void> {
    const [draft, last] = [this.#draft(), this.#done.at(-1)];
    if (!draft || !last || this.undoable === null || this.busy) return;
    await this.#call(async () => {
      const next = await this.#bench.backend.claimRestore(draft.claimId, draft.revision, last.to);
      // The edit before it is now on top, and this revision is the one that holds it.
      this.#done = this.#done.slice(0, -1).map((d, i, all) => (i === all.length - 1 ? { ...d, made: next.revision } : d));
      this.#show(next);
      this.#bench.announcement = `Taken back: ${last.says}`;
    });
  }

  #open(): boolean {
    const draft = this.#draft();
    this.cancel();
    if (draft && !editable(draft.state)) {
      this.notice = `This claim is ${stateWord(draft.state).toLowerCase()}: reopen it to change it.`;
      return false;
    }
    return draft !== null;
  }

  async #make(made: Edit | Edit[], words?: string): Promise<boolean> {
    const draft = this.#draft();
    if (!draft || this.busy) return false;
    if (!editable(draft.state)) return this.#open();
    const edits = Array.isArray(made) ? made : [made];
    const says = words ?? edits.map(saysEdit).join(', ');
    const done = await this.#call(async () => {
      const next = await this.#bench.backend.claimCorrect(draft.claimId, draft.revision, edits);
      this.#done = [...this.#done, { to: draft.revision, made: next.revision, says }];
      this.cancel();
      this.#show(next);
      this.#bench.announcement = `Saved: ${says}. ${next.findings.findings.length} findings.`;
    });
    if (done) void this.#bench.learn();
    return done;
  }

  /** Runs a call; after a conflict the newest revision is shown and what was typed stays. */
  async #call(act: () => Promise<void>): Promise<boolean> {
    [this.busy, this.fault, this.notice] = [true, null, null];
    try {
      await act();
      return true;
    } catch (reason) {
      const fault = asFault(reason);
      if (changedMeanwhile(fault)) await this.#reload();
      else this.fault = fault;
      return false;
    } finally {
      this.busy = false;
    }
  }
  async #reload(): Promise<void> {
    const claimId = this.#draft()?.claimId;
    if (claimId === undefined) return;
    try {
      const next = await this.#bench.backend.draftGet(claimId);
      this.#show(next);
      const { target } = this;
      let kept = target ? ' What you typed is kept: look again, then save.' : ' Look again before you change it.';
      if (target && 'key' in target) {
        const found = [...ofKind(itemsOf(next), 'line'), ...ofKind(itemsOf(next), 'diagnosis')].find((i) => i.key === target.key);
        if (found) this.target = { ...target, number: found.kind === 'line' ? found.number : found.letter.charCodeAt(0) - 64 };
        else kept = ` It has no such ${target.kind} any more; what you typed is kept until you cancel.`;
      }
      this.notice = `The claim was changed meanwhile: this is revision ${next.revision}.${kept}`;
    } catch (reason) {
      this.fault = asFault(reason);
    }
  }
}
