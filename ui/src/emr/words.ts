// What the states of an EMR's deliveries and checks are called.
import type { Connection, Delivery, DeliveryState, FoundPatient, Probe, SignIn, Vendor } from './types';

export const VENDORS: readonly [Vendor, string][] = [
  ['epic', 'Epic'], ['athena_one', 'athenaOne'], ['athena_practice', 'athenaPractice / athenaFlow'], ['cure_md', 'CureMD'], ['fhir_r4', 'another FHIR R4 server'],
];

export const SIGN_INS: readonly [SignIn, string][] = [
  ['backend_es384', 'the program’s own key (ES384)'], ['backend_rs384', 'the program’s own key (RS384)'], ['client_secret', 'client id and secret'],
  ['launch', 'a person, in the browser'], ['open', 'nobody: a server for tests'],
];

/** How a vendor is signed in to where nothing else is said. */
export const usual: Record<Vendor, SignIn> = { epic: 'backend_rs384', athena_one: 'client_secret', athena_practice: 'client_secret', cure_md: 'launch', fhir_r4: 'backend_es384' };

/** A state's word, its mark and its colour. */
export const STATES: Record<DeliveryState, { word: string; mark: string; tone: 'clean' | 'warn' | 'block' | 'info' | 'none' }> = {
  queued: { word: 'Waits', mark: '◷', tone: 'info' },
  sending: { word: 'On its way', mark: '→', tone: 'info' },
  delivered: { word: 'Delivered', mark: '✓', tone: 'clean' },
  rejected: { word: 'Rejected', mark: '■', tone: 'block' },
  unknown: { word: 'Unknown', mark: '▲', tone: 'warn' },
  cancelled: { word: 'Cancelled', mark: '–', tone: 'none' },
};

export const CHECKS: Record<Probe['state'], { word: string; mark: string; tone: 'clean' | 'warn' | 'block' | 'none' }> = {
  good: { word: 'works', mark: '✓', tone: 'clean' },
  note: { word: 'to know', mark: '·', tone: 'none' },
  bad: { word: 'fails', mark: '■', tone: 'block' },
  skipped: { word: 'not checked', mark: '–', tone: 'none' },
};

export function readBack(delivery: Delivery): string {
  if (delivery.state !== 'delivered') return '';
  if (delivery.readBack === 'confirmed') return 'read back, the same';
  if (delivery.readBack === 'differs') return 'read back, and it differs: look into the EMR';
  return 'not read back';
}

/** How long ago an EMR showed something. */
export function age(seconds: number): string {
  if (seconds < 60) return 'just now';
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3_600)} h ago`;
  return `${Math.floor(seconds / 86_400)} days ago`;
}

export function nameOf({ patient }: FoundPatient): string {
  return [patient.last, patient.first].filter(Boolean).join(', ') || 'No name';
}

/** What the administrator must do, to be forwarded. */
export function forwarded(connection: Connection, probes: readonly Probe[]): string {
  const asked = probes.filter((p) => p.forward !== '').map((p) => `- ${p.check}: ${p.forward}`);
  if (asked.length === 0) return '';
  return [`IamBilly, connection “${connection.name}” (${connection.vendorName}), client id ${connection.config.client_id}`, connection.keyId ? `Key id: ${connection.keyId}` : '', '', ...asked]
    .filter((line, i) => line !== '' || i > 1).join('\n');
}
