// The library of the test double: a policy in force, an older version of it, a proposed rule, criteria for a claim.
import type { Coverage, Hit, LibraryBackend, Looked, OpenPolicy, Policy, Watched } from './types';

const policy = (id: string, more: Partial<Policy> = {}): Policy => ({
  id, payer: 'medicare', title: 'Decompression of the lumbar spine', number: 'HP-SP-3', version: '2', from: '2026-01-01', to: null, status: 'in_force', supersededBy: null,
  file: 'decompression-2026.pdf', pages: 6, passages: 4, pagesWithoutText: [], pagesRecognised: [], ...more,
});
const hit = (passage: number, page: number, section: string, text: string, more: Partial<Hit> = {}): Hit => ({
  doc: 'decompression-2026.pdf', policy: 'policy-1', title: 'Decompression of the lumbar spine', number: 'HP-SP-3', passage, page, section, lead: '', text, score: 1,
  effective_from: '2026-01-01', effective_to: null, recognised: false, ...more,
});
const LEAD = 'Covered when all of these are met:';
const PASSAGES: Hit[] = [
  hit(1, 1, '1. Scope', 'This policy is about open and endoscopic decompression of lumbar nerve roots.'),
  hit(2, 2, '2. Criteria', 'Therapy for at least seven weeks without lasting relief.', { lead: LEAD }),
  hit(3, 2, '2. Criteria', 'Imaging of the last six months agrees with the symptoms.', { lead: LEAD, recognised: true }),
  hit(4, 5, '5. Claims', 'A first claim has to reach the plan within 90 days of the date of service.'),
];

export class DemoLibrary implements LibraryBackend {
  all: Policy[] = [policy('policy-1'), policy('policy-0', { version: '1', from: '2025-01-01', to: '2025-12-31', status: 'superseded', supersededBy: 'policy-1', file: 'decompression-2025.pdf' })];
  readonly calls: [string, ...unknown[]][] = [];

  async policies() {
    return this.all;
  }
  async pick() {
    return ['/policies/injections.pdf'];
  }
  async add(file: string, payer: string, effective: string | null) {
    this.calls.push(['add', file, payer, effective]);
    if (!effective && file.includes('undated')) throw { code: 'policy_date_missing', kind: 'usage', message: 'The policy does not say from which date of service it holds.', advice: 'Give its first date of service.' };
    const added = policy(`policy-${this.all.length + 1}`, { payer, title: 'Injections', file: file.split('/').at(-1) ?? file });
    this.all = [...this.all, added];
    return { outcome: 'new' as const, policy: added, proposed: ['MEDICARE-HPSP3-1'], words_only: null };
  }
  async remove(id: string) {
    this.calls.push(['remove', id]);
    this.all = this.all.filter((p) => p.id !== id);
  }
  async open(id: string): Promise<OpenPolicy> {
    const found = this.all.find((p) => p.id === id) ?? policy(id);
    return { policy: found, passages: PASSAGES, rules: [{ rule: 'MEDICARE-HPSP3-1', passage: 4, state: 'draft', revision: 1, text: '[[rule]]\nid = "MEDICARE-HPSP3-1"\n' }] };
  }
  async ask(payer: string, dos: string, text: string) {
    this.calls.push(['ask', payer, dos, text]);
    const hits = /therapy/i.test(text) ? [PASSAGES[1] as Hit, PASSAGES[0] as Hit] : [];
    return { hits, method: 'hybrid' as const, note: hits.length > 0 ? null : 'No passage of this payer’s policies speaks of that.' };
  }
  folders: Watched[] = [];
  async watched() {
    return this.folders;
  }
  async pickFolder() {
    return '/clinic/policies';
  }
  async watch(folder: string, payer: string | null): Promise<Looked> {
    this.calls.push(['watch', folder, payer]);
    const why = { code: 'policy_encrypted', message: 'The file is protected by a password.', advice: 'Ask the payer for a copy without a password.' };
    this.folders = [...this.folders, { folder, payer, taken: 3, refused: [{ file: 'locked.pdf', ...why }], gone: [{ file: 'old.pdf', policy: 'policy-0' }], trouble: null }];
    return { taken: [['a.pdf', 'new']], refused: [{ file: 'locked.pdf', ...why }], gone: [], still_written: 0, unreachable: [] };
  }
  async unwatch(folder: string) {
    this.folders = this.folders.filter((f) => f.folder !== folder);
  }
  async look(): Promise<Looked> {
    this.calls.push(['look']);
    return { taken: [], refused: [], gone: [], still_written: 0, unreachable: [] };
  }
  async sourced() {
    return ['MEDICARE-HPSP3-1'];
  }
  async source() {
    return PASSAGES[3] as Hit;
  }
  async check(claimId: string, compare: boolean): Promise<Coverage> {
    this.calls.push(['check', claimId, compare]);
    const answers = [{ standing: 'met' as const, policy: 'at least seven weeks', note: 'Lumbar stenosis', start: 23, end: 38 }, null];
    return {
      claimId, revision: 1, payer: 'medicare', dos: '2026-03-03', codes: ['63047'], note: null,
      criteria: PASSAGES.slice(1, 3).map((passage, i) => ({ passage, answer: compare ? (answers[i] ?? null) : null })),
      checklist: '[x] “at least seven weeks”\n    The record: “Lumbar stenosis”\n', appeal: compare ? 'We ask you to look again.\n1. “at least seven weeks”' : null,
    };
  }
}
