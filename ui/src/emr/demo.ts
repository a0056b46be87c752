// Record systems of the test double: one Epic and one CureMD, with an outbox that shows every state.
import type { Fault } from '../lib/backend/types';
import type { Candidate, Capability, Connection, ConnectionConfig, Decision, Delivery, DeliveryState, EmrBackend, Encounter, Looked, Plan, Probe, RemotePatient, Support, Vendor, WriteKind } from './types';

const NAMES: Record<Vendor, string> = { epic: 'Epic', athena_one: 'athenaOne', athena_practice: 'athenaPractice / athenaFlow', cure_md: 'CureMD', fhir_r4: 'FHIR R4 server' };

function connection(id: string, name: string, config: ConnectionConfig): Connection {
  const writes = config.vendor === 'epic';
  const can = (capability: Capability, words: string, support: Support) => ({ capability, name: words, support });
  return {
    id, name, config, vendorName: NAMES[config.vendor], hasSecret: false, signedIn: false,
    keyId: config.sign_in.startsWith('backend') ? 'qT3kZ0w5mJ8' : null,
    capabilities: [
      can('patient_search', 'search patients', 'yes'), can('encounters', 'read encounters', 'yes'), can('note_write', 'write the operative note', writes ? 'yes' : 'no'),
      can('problem_write', 'write provisional problems', writes ? 'yes' : 'no'), can('claim_create', 'create a claim', config.vendor === 'athena_one' ? 'yes' : 'by_837p'),
    ],
  };
}

const PATIENTS: RemotePatient[] = [
  { id: 'eAB-1', recordNumber: 'M10041', last: 'Fernworth', first: 'Odile', birthDate: '1958-03-12', sex: 'F', phone: '217-555-0100', place: 'Springfield, IL', inactive: false },
  { id: 'eAB-2', recordNumber: 'M10977', last: 'Fernworth', first: 'Odile', birthDate: '1958-03-12', sex: 'F', phone: null, place: 'Decatur, IL', inactive: false },
  { id: 'eAB-3', recordNumber: 'M00412', last: 'Quillfeather', first: 'Bram', birthDate: '1971-11-02', sex: 'M', phone: null, place: null, inactive: true },
];

const TROUBLE = {
  unknown: { code: 'emr_timed_out', message: 'The EMR did not answer in time.', advice: 'Look for it in the EMR, then say whether it is there.' },
  rejected: { code: 'emr_content_refused', message: 'The EMR refuses the content (its code 59108, status 422).', advice: 'Correct what its code names, or send the claim by 837P.' },
  queued: { code: 'emr_unreachable', message: 'The EMR could not be reached; nothing was sent.', advice: 'Check the network and the proxy; what waits is sent when the network is back.' },
};

export class DemoEmr implements EmrBackend {
  known: Connection[] = [
    connection('demo-epic', 'Mercy Hospital', { vendor: 'epic', base_url: 'https://fhir.example.org/api/FHIR/R4', sign_in: 'backend_rs384', client_id: '3f1c', note_signed: false, modifiers: 'refuse' }),
    connection('demo-curemd', 'Downtown clinic', { vendor: 'cure_md', base_url: 'https://curemd.example.org/fhir', sign_in: 'launch', client_id: 'iambilly', note_signed: false, modifiers: 'refuse' }),
  ];
  sent: Delivery[] = [];
  linked = new Map<string, string>();
  /** The network is gone. */
  away = false;
  /** The next write's answer is lost. */
  loses = 0;
  #next = 1;

  constructor(full = false) {
    if (!full) return;
    const states: [DeliveryState, WriteKind, string][] = [
      ['delivered', 'note', 'Operative note with the coded summary'], ['unknown', 'problem', 'Provisional problem M48.062'], ['rejected', 'note', 'Operative note with the coded summary'],
      ['queued', 'problem', 'Provisional problem M43.16'], ['delivered', 'problem', 'Provisional problem M54.16'],
    ];
    for (const [state, kind, says] of states) this.#add('demo-epic', 'demo-claim', kind, says, state);
  }

  #add(at: string, claimId: string, kind: WriteKind, says: string, state: DeliveryState): Delivery {
    const time = new Date(Date.now() - 90_000).toISOString();
    const n = this.#next++;
    const delivery: Delivery = {
      id: `delivery-${n}`, connection: at, connectionName: this.known.find((c) => c.id === at)?.name ?? '', claimId, revision: 2, kind, says, state,
      remoteId: state === 'delivered' ? `eDoc-${n}` : null, readBack: state === 'delivered' ? 'confirmed' : null,
      trouble: state === 'unknown' || state === 'rejected' ? TROUBLE[state] : null, attempts: 1, notBefore: time, createdAt: time, changedAt: time,
    };
    this.sent.push(delivery);
    return delivery;
  }
  #fault(of: keyof typeof TROUBLE): Fault {
    return { ...TROUBLE[of], kind: 'missing' } as Fault;
  }
  #reach(): void {
    if (this.away) throw this.#fault('queued');
  }

  async connections(): Promise<Connection[]> {
    return this.known;
  }
  async keep({ id, name, config }: { id: string | null; name: string; config: ConnectionConfig }): Promise<Connection> {
    if (!config.base_url.startsWith('https://')) throw { code: 'emr_address_invalid', message: 'The address of the EMR is not a valid https address.', advice: 'Ask the hospital for the base address of its FHIR or REST interface and enter it again.' } as Fault;
    const made = connection(id ?? `demo-${this.#next++}`, name, config);
    this.known = [...this.known.filter((c) => c.id !== made.id), made];
    return made;
  }
  async remove(id: string): Promise<void> {
    this.known = this.known.filter((c) => c.id !== id);
  }
  async test(id: string): Promise<Probe[]> {
    this.#reach();
    const good = (check: string, says: string): Probe => ({ check, state: 'good', says, forward: '' });
    const note = (check: string, says: string): Probe => ({ check, state: 'note', says, forward: '' });
    const all = [good('discovery', 'The server says where tokens are to be had.'), good('clock', 'This computer’s clock differs by 1 s.'), good('token', 'The server gave a token.')];
    if (id !== 'demo-epic') return [...all, note('create a claim', 'Claims go by 837P.')];
    return [...all, good('search patients', 'A search was answered.'),
      { check: 'write the operative note', state: 'bad', says: 'The server’s statement does not offer it.', forward: 'Please switch on “create” of DocumentReference for IamBilly’s client id.' },
      note('create a claim', 'Claims go by 837P.')];
  }
  async jwks(): Promise<unknown> {
    return { keys: [{ kty: 'RSA', alg: 'RS384', use: 'sig', kid: 'qT3kZ0w5mJ8', n: '…', e: 'AQAB' }] };
  }
  async signIn(id: string): Promise<void> {
    this.known = this.known.map((c) => (c.id === id ? { ...c, signedIn: true } : c));
  }
  #found(typed: string, fresh: boolean): Looked {
    const words = typed.toLowerCase().split(/[\s,]+/).filter(Boolean);
    const has = (p: RemotePatient) => words.every((w) => [p.last, p.first, p.birthDate, p.recordNumber].some((t) => (t ?? '').toLowerCase().startsWith(w)));
    const patients = PATIENTS.filter(has);
    const key = (p: RemotePatient) => `${p.last} ${p.first} ${p.birthDate}`;
    const double = (p: RemotePatient) => patients.filter((q) => key(q) === key(p)).length > 1;
    return { fresh, patients: patients.map((patient) => ({ patient, double: double(patient), ageSeconds: fresh ? 0 : 7_200, seenAt: new Date().toISOString() })) };
  }
  async seen(_id: string, typed: string): Promise<Looked> {
    return this.#found(typed, false);
  }
  async search(_id: string, typed: string): Promise<Looked> {
    this.#reach();
    return this.#found(typed, true);
  }
  async encounters(_id: string, patient: string): Promise<Encounter[]> {
    this.#reach();
    return [
      { id: 'enc-1', patient, from: '2026-02-02', to: '2026-02-04', kind: 'inpatient', status: 'finished' },
      { id: 'enc-2', patient, from: '2026-01-15', to: '2026-01-15', kind: 'office visit', status: 'finished' },
    ];
  }
  async link(id: string, claimId: string, patient: string, sure: boolean): Promise<void> {
    if (PATIENTS.find((p) => p.id === patient)?.inactive && !sure) throw { code: 'emr_patient_unsure', message: 'It may be somebody else: the EMR says that this record is no longer used.', advice: 'Compare record number, address and telephone; then say that it is the same person, or choose another.', kind: 'input' } as Fault;
    this.linked.set(`${id} ${claimId}`, patient);
  }
  async plan(id: string, claimId: string): Promise<Plan> {
    const at = this.known.find((c) => c.id === id);
    const epic = at?.config.vendor === 'epic';
    const already = (says: string) => this.sent.findLast((d) => d.connection === id && d.claimId === claimId && d.says === says && d.state !== 'cancelled')?.state ?? null;
    const goes = (kind: WriteKind, says: string, text = '') => ({ kind, says, text, already: already(says) });
    const none = `${at?.vendorName} does not take this from other programs.`;
    const remote = this.linked.get(`${id} ${claimId}`) ?? null;
    const patient = PATIENTS.find((p) => p.id === remote);
    return {
      chosen: patient ? { patient, seenAt: '2026-02-03T09:00:00Z', ageSeconds: 60, double: false } : null,
      connection: id, name: at?.name ?? '', vendor: at?.vendorName ?? '', patient: remote, needsEncounter: epic,
      goes: epic ? [goes('note', 'Operative note with the coded summary', 'Preoperative diagnosis: lumbar stenosis.\n\nCODED SUMMARY\nDate of service: 2026-02-02\nDiagnoses:\n  A  M48.062\nServices:\n  1  22633  units 1  diagnoses A'), goes('problem', 'Provisional problem M48.062')] : [],
      stays: [...(epic ? [] : [{ what: 'The operative note', why: none, instead: 'Copy it into the EMR yourself.' }]), { what: 'The claim', why: none, instead: 'It goes by 837P through the clearinghouse.' }],
    };
  }
  async send(id: string, claimId: string, _encounter: string | null = null, kinds: WriteKind[] | null = null): Promise<number> {
    const fresh = (await this.plan(id, claimId)).goes.filter((g) => g.already === null && (kinds?.includes(g.kind) ?? true));
    for (const write of fresh) this.#add(id, claimId, write.kind, write.says, 'queued');
    return fresh.length;
  }
  async outbox(claimId: string | null): Promise<Delivery[]> {
    return this.sent.filter((d) => claimId === null || d.claimId === claimId).reverse();
  }
  async sync(): Promise<unknown> {
    let held = false;
    this.sent = this.sent.map((d): Delivery => {
      if (d.state === 'unknown' || d.state === 'rejected') held = true;
      if (d.state !== 'queued' || held) return d;
      if (this.away) return { ...d, trouble: TROUBLE.queued };
      if (this.loses > 0) {
        this.loses -= 1;
        held = true;
        return { ...d, state: 'unknown', trouble: TROUBLE.unknown };
      }
      return { ...d, state: 'delivered', remoteId: `eDoc-${d.id}`, readBack: 'confirmed', trouble: null };
    });
    return {};
  }
  async look(): Promise<Candidate[]> {
    this.#reach();
    return [{ id: 'eDoc-77', made: '2026-02-03T08:00:00Z', says: 'A document of this patient', same: true }];
  }
  async decide(id: string, decision: Decision): Promise<Delivery> {
    const after = (d: Delivery): Delivery => {
      if (decision.decision === 'arrived') return { ...d, state: 'delivered', remoteId: decision.remoteId, trouble: null };
      return { ...d, state: decision.decision === 'again' ? 'queued' : 'cancelled', trouble: null };
    };
    this.sent = this.sent.map((d) => (d.id === id ? after(d) : d));
    return this.sent.find((d) => d.id === id) as Delivery;
  }
}
