// The queue of the test double: claims made up from their number, filtered and sorted as one would by hand.
import type { Fault } from '../lib/backend/types';
import { STATES, type BulkOutcome, type BulkStep, type Chosen, type Comment, type QueueBackend, type QueueFilter, type QueueQuery, type QueuedClaim, type SavedView } from './types';

const LAST = ['Fernworth', 'Quillfeather', 'Ashdown', 'Marlowe-Castellanos', 'Brightwater', 'Nakagawa', 'Oduya', 'Szczepański'];
const FIRST = ['Odile', 'Bram', 'Testina', 'Ines', 'Kofi', 'Maren'];
const PAYERS = ['medicare', 'acme-health', 'zenith'];
const PHYSICIANS = ['Osei, Ama', 'Lindqvist, Per'];

/** A claim from its number: the same every time. */
function claim(n: number): QueuedClaim {
  const hash = (n * 2_654_435_761) >>> 0;
  const risk = [0, 3, 0, 2, 1][hash % 5] ?? 0;
  const day = (k: number) => new Date(Date.UTC(2026, 2, 3) - k * 86_400_000).toISOString();
  return {
    claimId: `demo-claim-${n}`, dictationId: `demo-${n}`, name: `Recording ${n}`,
    patient: n === 4 ? '' : `${LAST[hash % LAST.length]}, ${FIRST[(hash >>> 8) % FIRST.length]}`,
    state: STATES[(hash >>> 4) % 5] ?? 'draft', revision: 1 + (hash % 3), payer: PAYERS[(hash >>> 6) % 3] ?? '', physician: PHYSICIANS[hash % 2] ?? '',
    dos: day(hash % 60).slice(0, 10), risk, charge: `${((hash >>> 5) % 30_000) + 900}.00`, lines: 1 + (hash % 7),
    blocks: risk === 3 ? 1 + (hash % 3) : 0, warns: risk === 2 ? 1 : 0, questions: risk === 1 ? 2 : 0,
    assignee: n % 4 === 0 ? 'owner' : '', comments: n % 9 === 0 ? 2 : 0, createdAt: day(hash % 60), changedAt: day(hash % 30),
  };
}

const KEYS: Record<QueueQuery['sort'], (c: QueuedClaim) => string> = {
  risk: (c) => `${9 - c.risk}${String(10 ** 9 - Number(c.charge)).padStart(12, '0')}`,
  money: (c) => String(10 ** 9 - Number(c.charge)).padStart(12, '0'),
  age: (c) => c.createdAt,
  payer: (c) => c.payer + c.createdAt,
  dos: (c) => String(10 ** 13 - Date.parse(c.dos)),
};

export class DemoQueue implements QueueBackend {
  claims: QueuedClaim[];
  saved: SavedView[] = [];
  refusal: Fault | null = null;
  readonly said = new Map<string, Comment[]>();

  constructor(count: number) {
    this.claims = Array.from({ length: count }, (_, i) => claim(i + 1));
  }

  #found(filter: QueueFilter): QueuedClaim[] {
    const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
    return this.claims.filter((c) =>
      (filter.states.length === 0 || filter.states.includes(c.state)) && (filter.payer === null || c.payer === filter.payer)
      && (filter.physician === null || c.physician === filter.physician) && (filter.assignee === null || c.assignee === filter.assignee)
      && (filter.from === null || c.dos >= filter.from) && (filter.to === null || c.dos <= filter.to)
      && (filter.risk === null || c.risk >= filter.risk) && (filter.chargeFrom === null || Number(c.charge) >= Number(filter.chargeFrom))
      && (filter.chargeTo === null || Number(c.charge) <= Number(filter.chargeTo))
      && words.every((w) => `${c.patient} ${c.name} ${c.payer}`.toLowerCase().split(/[\s,]+/).some((t) => t.startsWith(w))));
  }
  async page({ filter, sort, reversed, after, limit }: QueueQuery) {
    if (this.refusal) throw this.refusal;
    const key = KEYS[sort];
    const all = this.#found(filter).sort((a, b) => (key(a) < key(b) ? -1 : 1));
    if (reversed) all.reverse();
    const begin = after === null ? 0 : all.findIndex((c) => c.claimId === after) + 1;
    const rows = all.slice(begin, begin + limit);
    return { rows, next: begin + limit < all.length ? (rows.at(-1)?.claimId ?? null) : null };
  }
  async size(filter: QueueFilter) {
    const found = this.#found(filter);
    return { count: found.length, more: false, charge: found.reduce((sum, c) => sum + Number(c.charge), 0).toFixed(2) };
  }
  async choices() {
    return { payers: PAYERS, physicians: PHYSICIANS, people: { owner: 'owner', 'p-2': 'Cora Lind' }, me: 'owner' };
  }
  async views() {
    return this.saved;
  }
  async saveView(view: SavedView) {
    this.saved = [...this.saved.filter((v) => v.name !== view.name), structuredClone(view)];
    return this.saved;
  }
  async removeView(name: string) {
    this.saved = this.saved.filter((v) => v.name !== name);
    return this.saved;
  }
  async chosen(query: QueueQuery): Promise<Chosen[]> {
    return this.#found(query.filter).map(({ claimId, revision }) => ({ claimId, revision }));
  }
  async bulk(chosen: Chosen[], step: BulkStep, preview: boolean): Promise<BulkOutcome[]> {
    return chosen.map(({ claimId }) => {
      const found = this.claims.find((c) => c.claimId === claimId);
      const wanted = step.step === 'assign' ? found?.state : step.step === 'submit' ? 'draft' : 'human_review';
      const look = step.step === 'approve' && (found?.risk ?? 0) > 0;
      const fault: Fault | null = found?.state !== wanted
        ? { code: 'claim_state', kind: 'input', message: `A claim in state “${found?.state.replace('_', ' ')}” cannot be moved so.`, advice: '' }
        : look ? { code: 'needs_a_look', kind: 'input', message: 'This claim has a finding or an open question.', advice: 'Open it.' } : null;
      if (!preview && fault === null) {
        const to = { submit: 'human_review', approve: 'approved', reject: 'rejected', assign: found?.state ?? 'draft' } as const;
        this.claims = this.claims.map((c) => (c.claimId === claimId ? { ...c, state: to[step.step], ...step.step === 'assign' ? { assignee: step.assignee } : {} } : c));
      }
      return { claimId, patient: found?.patient ?? '', fault };
    });
  }
  async comments(claimId: string) {
    return this.said.get(claimId) ?? [];
  }
  async comment(claimId: string, text: string) {
    const all = [...(this.said.get(claimId) ?? []), { id: `c${text.length}`, author: 'owner', text, at: '2026-03-03T10:00:00Z' }];
    this.said.set(claimId, all);
    this.claims = this.claims.map((c) => (c.claimId === claimId ? { ...c, comments: all.length } : c));
    return all;
  }
}
