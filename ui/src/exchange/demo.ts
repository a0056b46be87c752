// The exchange of the test double: a file delivered, one that waits, answers, a denial and an underpayment.
import type { AnswerView, DenialView, ExchangeBackend, ExchangeFile, Imported, PaperForm, Underpayment } from './types';

const file = (control: number, more: Partial<ExchangeFile>): ExchangeFile => ({
  control, correspondent: 'house', file: `sftp://clinic@sftp.example.org:22/inbound/${control}.837`, bytes: 2_134, sha256: 'ab'.repeat(32),
  delivered: true, attempts: 1, createdAt: '2026-03-03T09:00:00Z', deliveredAt: '2026-03-03T09:00:02Z', claims: [], ...more,
});
const WHY = { code: 'sftp_host_key_changed', kind: 'input' as const, message: 'The file was not delivered: the server’s key is SHA256:9f… and not the pinned one.', advice: 'Nothing was sent. Ask the clearinghouse by telephone whether its key has changed.' };
const ANSWERS: AnswerView[] = [
  { kind: '999', status: 'accepted', at: '2026-03-03T10:00:00Z', says: ['The file could be read and went on.'], paid: null, charge: null, lines: [], detail: {} },
  { kind: '277ca', status: 'accepted', at: '2026-03-03T12:00:00Z', says: ['Taken on for decision (A2:20).'], paid: null, charge: null, lines: [], detail: {} },
  {
    kind: '835', status: 'partly_paid', at: '2026-03-20T08:00:00Z', says: ['Paid 1500.50 of 3000.00.'], paid: '1500.50', charge: '3000.00',
    lines: [
      { line: 1, code: '22633', charge: '2000.00', paid: '1500.50', outcome: 'underpaid', says: ['400.00 not paid, CO-45: Above what the payer allows.'] },
      { line: 2, code: '22842', charge: '1000.00', paid: '0.00', outcome: 'denied', says: ['1000.00 not paid, CO-97: Paid as part of another service.'] },
    ],
    detail: {},
  },
];
const DENIAL: DenialView = {
  id: 'denial-1', claimId: 'claim-1', line: 2, code: '22842', reason: '97', concern: 'bundled', says: 'Paid as part of another service.', advice: 'See whether the services were distinct, and say so with a modifier where they were.',
  amount: '1000.00', rule: 'MEDICARE-DENIED-22842-97', openedAt: '2026-03-20T08:00:00Z', closedAt: null,
};
const LOW: Underpayment = { claimId: 'claim-1', at: '2026-03-20T08:00:00Z', line: 1, code: '22633', allowed: '1600.00', expected: '1712.44', by: 'the contract from 2026-01-01' };
const PAPER: PaperForm = {
  pages: [{ items: [
    { item: '2', key: '2', name: 'patient', text: 'EXAMPLEBY, ADA', x: 24.9, y: 653.8, width: 198.4 },
    { item: '21', key: '21.A', name: 'A', text: 'M4316', x: 33.8, y: 315, width: 51 },
    { item: '24D', key: '24D', name: 'code', row: 1, text: '22633', x: 194.4, y: 242.9, width: 46.5 },
    { item: '28', key: '28', name: 'total charge', text: '3000 00', x: 380.1, y: 101.2, width: 67.6 },
  ] }],
  unfit: [],
};

export class DemoExchange implements ExchangeBackend {
  waiting: string[] = ['claim-1'];
  sent: ExchangeFile[] = [
    file(202_000_002, { delivered: false, deliveredAt: null, attempts: 2 }),
    file(202_000_001, { claims: [{ claimId: 'claim-9', revision: 3, control: 'ABCDEFGHJKMNP01', answered: 'accepted' }] }),
  ];
  open: DenialView[] = [DENIAL];
  readonly calls: [string, ...unknown[]][] = [];

  async approved() {
    return this.waiting;
  }
  async send(claims: string[]) {
    this.calls.push(['send', claims]);
    const made = file(202_000_003, { claims: claims.map((claimId) => ({ claimId, revision: 2, control: 'ABCDEFGHJKMNP02' })) });
    this.waiting = this.waiting.filter((id) => !claims.includes(id));
    this.sent = [made, ...this.sent];
    return [made];
  }
  async files() {
    return this.sent;
  }
  async deliver() {
    this.calls.push(['deliver']);
    return this.sent.map((f) => (f.delivered ? f : { ...f, attempts: f.attempts + 1, fault: WHY }));
  }
  async pick() {
    return ['/incoming/march.835'];
  }
  async take(path: string): Promise<Imported> {
    this.calls.push(['take', path]);
    if (path.endsWith('.pdf')) throw { code: 'x12_invalid', kind: 'input', message: 'The file was refused at segment 1 (byte 0): it does not begin with an interchange header (ISA).', advice: 'Ask the sender for the file again; nothing of it was taken.' };
    return { matched: 1, unmatched: 1, unmatchedList: [{ control: 'SOMEBODY', why: 'no claim of ours has this number' }], statuses: { partly_paid: 1 }, paid: '1500.50', denials: 1, underpaid: 1, proposedRules: ['MEDICARE-DENIED-22842-97'], unbalanced: 0 };
  }
  async answers() {
    return ANSWERS;
  }
  async denials(all: boolean) {
    return all ? this.open : this.open.filter((d) => d.closedAt === null);
  }
  async closeDenial(id: string) {
    this.calls.push(['close', id]);
    this.open = this.open.map((d) => (d.id === id ? { ...d, closedAt: '2026-03-21T08:00:00Z' } : d));
  }
  async underpayments() {
    return [LOW];
  }
  async paper() {
    return PAPER;
  }
  async savePaper(claimId: string, preprinted: boolean, right: number, up: number) {
    this.calls.push(['paper', claimId, preprinted, right, up]);
    return '/home/clinic/cms1500.pdf';
  }
}
