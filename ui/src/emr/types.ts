// Electronic medical records as the page sees them; the shapes are those of `iambilly_app::emr`.
import type * as B from '../lib/backend/bindings';

export type Vendor = B.Vendor;
export type SignIn = B.SignIn;
export type Support = B.Support;
export type WriteKind = B.WriteKind;
export type DeliveryState = B.EmrState;
export type Capability = B.Capability;
export type ConnectionConfig = B.ConnectionConfig;
export type Connection = B.ConnectionView;
export type Probe = B.Probe;
export type RemotePatient = B.RemotePatient;
export type FoundPatient = B.FoundPatient;
export type Looked = B.EmrLooked;
export type Encounter = B.RemoteEncounter;
export type Plan = B.PlanView;
export type Delivery = B.DeliveryView;
export type Candidate = B.Candidate;
export type Decision = B.Decision;

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
