// Electronic medical records as the page sees them; the shapes are those of `iambilly_app::emr`.

export type Vendor = 'fhir_r4' | 'epic' | 'athena_one' | 'athena_practice' | 'cure_md';
export type SignIn = 'backend_rs384' | 'backend_es384' | 'client_secret' | 'launch' | 'open';
export type Support = 'yes' | 'no' | 'by_837p';
export type WriteKind = 'note' | 'problem' | 'claim';
export type DeliveryState = 'queued' | 'sending' | 'delivered' | 'rejected' | 'unknown' | 'cancelled';

/** A connection's settings, as docs/emr.md names them. */
export interface ConnectionConfig {
  vendor: Vendor;
  base_url: string;
  sign_in: SignIn;
  client_id: string;
  token_url?: string;
  scopes?: string;
  proxy?: string;
  root_certificate?: string;
  requests_per_minute?: number;
  timeout_seconds?: number;
  department_id?: string;
  provider_id?: string;
  /** athenaOne: provider ids of several surgeons by NPI. */
  providers?: Record<string, string>;
  note_type?: string;
  note_signed: boolean;
  modifiers: 'refuse' | 'after_code';
}

export interface Connection {
  id: string;
  name: string;
  vendorName: string;
  config: ConnectionConfig;
  hasSecret: boolean;
  signedIn: boolean;
  keyId: string | null;
  capabilities: { capability: string; name: string; support: Support }[];
}

export interface Probe {
  check: string;
  state: 'good' | 'note' | 'bad' | 'skipped';
  says: string;
  /** What the hospital's administrator must do; empty where nothing. */
  forward: string;
}

export interface RemotePatient {
  id: string;
  recordNumber: string | null;
  last: string | null;
  first: string | null;
  birthDate: string | null;
  sex: string | null;
  phone: string | null;
  place: string | null;
  inactive: boolean;
}

export interface FoundPatient {
  patient: RemotePatient;
  seenAt: string;
  ageSeconds: number;
  /** Another that was found has the same name and date of birth. */
  double: boolean;
}

export interface Looked {
  patients: FoundPatient[];
  /** The EMR answered; else it is what was seen before. */
  fresh: boolean;
}

export interface Encounter {
  id: string;
  patient: string;
  from: string | null;
  to: string | null;
  kind: string | null;
  status: string | null;
}

export interface Plan {
  connection: string;
  name: string;
  vendor: string;
  /** The EMR's id of the claim's patient; none until it is chosen. */
  patient: string | null;
  needsEncounter: boolean;
  goes: { kind: WriteKind; says: string; text: string; already: DeliveryState | null }[];
  stays: { what: string; why: string; instead: string }[];
}

export interface Delivery {
  id: string;
  connection: string;
  connectionName: string;
  claimId: string;
  revision: number;
  kind: WriteKind;
  says: string;
  state: DeliveryState;
  remoteId: string | null;
  readBack: 'confirmed' | 'differs' | 'unreadable' | null;
  trouble: { code: string; message: string; advice: string } | null;
  attempts: number;
  notBefore: string;
  createdAt: string;
  changedAt: string;
}

export interface Candidate {
  id: string;
  made: string | null;
  says: string;
  same: boolean;
}

export type Decision = { decision: 'arrived'; remoteId: string } | { decision: 'again' } | { decision: 'cancel' };

export interface EmrBackend {
  connections(): Promise<Connection[]>;
  /** New without an id; an empty secret leaves the one that is kept. */
  keep(connection: { id: string | null; name: string; config: ConnectionConfig; clientSecret: string | null }): Promise<Connection>;
  remove(id: string): Promise<void>;
  test(id: string): Promise<Probe[]>;
  jwks(id: string): Promise<unknown>;
  /** Opens the system's browser and waits until it has come back. */
  signIn(id: string): Promise<void>;
  /** What was seen before, at once. */
  seen(id: string, typed: string): Promise<Looked>;
  search(id: string, typed: string): Promise<Looked>;
  encounters(id: string, patient: string): Promise<Encounter[]>;
  /** `sure`: it is the same person although something differs (`emr_patient_unsure`). */
  link(id: string, claimId: string, patient: string, sure: boolean): Promise<void>;
  plan(id: string, claimId: string, encounter: string | null): Promise<Plan>;
  /** Queues what goes; how many. */
  send(id: string, claimId: string, encounter: string | null, kinds: WriteKind[] | null): Promise<number>;
  outbox(claimId: string | null): Promise<Delivery[]>;
  sync(): Promise<unknown>;
  look(delivery: string): Promise<Candidate[]>;
  decide(delivery: string, decision: Decision): Promise<Delivery>;
}
