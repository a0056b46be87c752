// The claim form being filled in: what was typed over the revision seen, records taken over, saving, what a conflict leaves.
import { asFault } from '../lib/backend/backend';
import type { MasterKind, MasterRecord } from '../lib/backend/master-types';
import type { DraftView, Fault } from '../lib/backend/types';
import { flatOf, textAt, withFlat, type Flat } from '../lib/paths';
import type { Workbench } from '../lib/workbench.svelte';
import { ABOVE, BELOW, PLACES, YES_NO, complaint, formOf } from './cms1500';
import { changedMeanwhile, editable, stateWord } from './lifecycle';

/** As many as a field offers. */
const OFFERED = 7;
/** Parts that belong to one patient and must not stay when another is chosen. */
const OF_THE_PATIENT = ['patient', 'insured', 'other_insured'];

export class Heading {
  readonly #bench: Workbench;
  readonly #draft: () => DraftView | null;
  readonly #show: (draft: DraftView) => void;
  form = $state<Flat>({});
  dos = $state('');
  busy = $state(false);
  fault = $state.raw<Fault | null>(null);
  notice = $state<string | null>(null);
  /** The form as the revision has it: what differs was typed. */
  #base: Flat = $state.raw({});
  #dos = $state('');
  /** Records taken over, by the part of the claim they go to. */
  #taken = $state.raw<Record<string, Record<string, unknown>>>({});
  #found = new Map<string, MasterRecord>();

  constructor(bench: Workbench, draft: () => DraftView | null, show: (draft: DraftView) => void) {
    this.#bench = bench;
    this.#draft = draft;
    this.#show = show;
  }

  /** Takes the newest revision over; what was typed meanwhile stays in its fields. */
  follow(draft: DraftView): void {
    const next = formOf(draft.claim);
    const typed = Object.fromEntries(Object.entries(this.form).filter(([place, text]) => place in this.#base && text !== this.#base[place]));
    const dos = this.dos !== this.#dos ? this.dos : draft.coding.dos;
    [this.#base, this.#dos, this.dos] = [next, draft.coding.dos, dos];
    this.form = { ...next, ...typed };
  }
  get changed(): boolean {
    return this.dos !== this.#dos || PLACES.some((p) => (this.form[p] ?? '').trim() !== (this.#base[p] ?? ''));
  }
  /** What keeps it from being saved, field by field. */
  get problems(): Record<string, string> {
    const wrong: Record<string, string> = {};
    for (const { fields } of [...ABOVE, ...BELOW]) {
      for (const field of fields) {
        const text = this.form[field.place] ?? '';
        const said = text === this.#base[field.place] ? null : complaint(field, text);
        if (said !== null) wrong[field.place] = said;
      }
    }
    if (!/^\d{4}-\d{2}-\d{2}$/.test(this.dos.trim())) wrong.dos = 'A date as 2026-03-03';
    return wrong;
  }
  /** What was typed and not saved, for keeping; null for nothing. */
  get typed(): { form: Flat; dos: string } | null {
    if (!this.changed) return null;
    const differs = PLACES.filter((p) => (this.form[p] ?? '').trim() !== (this.#base[p] ?? ''));
    return { form: Object.fromEntries(differs.map((p) => [p, this.form[p] ?? ''])), dos: this.dos };
  }
  /** Takes up what was typed when the window was closed. */
  takeUp(kept: { form: Flat; dos: string }): void {
    for (const place of PLACES) {
      const text = kept.form[place];
      if (typeof text === 'string') this.form[place] = text;
    }
    if (kept.dos) this.dos = kept.dos;
    if (this.changed) this.notice = 'What was typed when the window was closed is here again, and not saved yet.';
  }
  drop(): void {
    [this.form, this.dos, this.#taken, this.fault, this.notice] = [{ ...this.#base }, this.#dos, {}, null, null];
  }

  /** Records that fit what is typed. */
  async find(kind: MasterKind, query: string): Promise<{ id: string; label: string; hint: string }[]> {
    const records = (await this.#bench.backend.masterList(kind, query, false)).slice(0, OFFERED);
    for (const record of records) this.#found.set(record.id, record);
    return records.map((r) => ({ id: r.id, label: r.label, hint: hintOf(r) }));
  }
  /** Takes a record over into its part of the claim. */
  pick(id: string, part: string): void {
    const record = this.#found.get(id);
    if (!record) return;
    const parts = part === 'patient' ? OF_THE_PATIENT : [part];
    const data = part === 'patient' ? patientOf(record, this.form['payer.id'] ?? '') : { [part]: record.data };
    for (const place of PLACES) if (parts.some((p) => place.startsWith(`${p}.`))) this.form[place] = '';
    Object.assign(this.form, pickPlaces(formOf(data), parts));
    this.#taken = { ...this.#taken, ...Object.fromEntries(parts.map((p) => [p, (data[p] ?? {}) as Record<string, unknown>])) };
    this.#bench.announcement = `${record.label} taken over`;
  }

  /** The claim as it would be saved. */
  header(): Record<string, unknown> {
    const draft = this.#draft();
    if (!draft) return {};
    // Of a part that a record was taken over into, nothing of the one before stays.
    const claim = { ...structuredClone(draft.claim), ...structuredClone(this.#taken) } as Record<string, unknown>;
    const base = flatOf(claim, PLACES);
    const typed = Object.fromEntries(PLACES.filter((p) => (this.form[p] ?? '').trim() !== base[p] && !shownOnly(p, this.form, claim)).map((p) => [p, this.form[p] ?? '']));
    const header = withFlat(claim, typed, YES_NO);
    return this.dos === this.#dos ? header : { ...header, dos: this.dos.trim() };
  }
  /** Saves as the next revision; true when nothing is left to save. */
  async save(): Promise<boolean> {
    const draft = this.#draft();
    if (!draft || this.busy) return false;
    if (!this.changed) return true;
    if (!editable(draft.state)) {
      this.notice = `This claim is ${stateWord(draft.state).toLowerCase()}: reopen it to change it.`;
      return false;
    }
    if (Object.keys(this.problems).length > 0) return false;
    [this.busy, this.fault, this.notice] = [true, null, null];
    try {
      const next = await this.#bench.backend.claimHeader(draft.claimId, draft.revision, this.header());
      this.form = { ...this.#base };
      [this.dos, this.#taken] = [this.#dos, {}];
      this.follow(next);
      this.#show(next);
      const left = next.findings.findings.filter((f) => f.severity === 'block').length;
      this.#bench.announcement = `Saved as revision ${next.revision}. ${left === 0 ? 'Nothing blocks this claim.' : `${left} findings block it.`}`;
      void this.#bench.refresh();
      return true;
    } catch (reason) {
      const fault = asFault(reason);
      if (!changedMeanwhile(fault)) this.fault = fault;
      else await this.#reload(draft.claimId);
      return false;
    } finally {
      this.busy = false;
    }
  }
  async #reload(claimId: string): Promise<void> {
    try {
      const next = await this.#bench.backend.draftGet(claimId);
      this.follow(next);
      this.#show(next);
      this.notice = `The claim was changed meanwhile: this is revision ${next.revision}. What you typed is kept: look again, then save.`;
    } catch (reason) {
      this.fault = asFault(reason);
    }
  }
}

/** A person's whole name that is only shown in a field of the parts stands where it stood. */
function shownOnly(place: string, form: Flat, claim: object): boolean {
  const text = (form[place] ?? '').trim();
  if (place === 'rendering_provider.last') return text === textAt(claim, 'rendering_provider.name') && text !== '';
  if (place === 'referring_provider.name') return text === ['first', 'last'].map((p) => textAt(claim, `referring_provider.${p}`)).filter(Boolean).join(' ');
  return false;
}
const pickPlaces = (form: Flat, parts: readonly string[]): Flat =>
  Object.fromEntries(Object.entries(form).filter(([place]) => parts.some((p) => place.startsWith(`${p}.`))));

/** A patient's record as parts of a claim: with the coverage by its payer, and the next behind it. */
export function patientOf(record: MasterRecord, payer: string): Record<string, unknown> {
  const { coverages, ...patient } = record.data as { coverages?: { payer: string; member_id?: string; insured?: object }[] } & Record<string, unknown>;
  const own = coverages?.find((c) => c.payer === payer);
  const next = coverages?.find((c) => c !== own);
  if (coverages && coverages.length > 0) delete patient.member_id;
  return {
    patient: { ...patient, ...own?.member_id ? { member_id: own.member_id } : {} },
    ...own?.insured ? { insured: own.insured } : {},
    ...own && next ? { other_insured: { ...next.insured, member_id: next.member_id, payer: { id: next.payer, type: 'other' } } } : {},
  };
}

function hintOf({ kind, data }: MasterRecord): string {
  const text = (place: string) => textAt(data, place);
  switch (kind) {
    case 'patient':
      return [text('birth_date'), text('id')].filter(Boolean).join(' · ');
    case 'payer':
      return [text('id'), text('payer_id')].filter(Boolean).join(' · ');
    case 'facility':
      return [`POS ${text('pos')}`, text('npi')].filter(Boolean).join(' · ');
    default:
      return text('npi');
  }
}
