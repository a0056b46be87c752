// Master data as the engine gives and takes it (docs/master-data.md).
export type MasterKind = 'clinic' | 'provider' | 'facility' | 'payer' | 'patient';

export interface MasterRecord {
  id: string;
  kind: MasterKind;
  /** A change names the version it was made on. */
  version: number;
  label: string;
  state: 'current' | 'retired' | 'merged';
  mergedInto: string | null;
  /** Taken where nothing else is said. */
  default: boolean;
  /** Typed by its kind, like the part of a claim it goes into. */
  data: Record<string, unknown>;
}

export interface SavedMaster {
  record: MasterRecord;
  /** Others that may be the same. */
  doubles: MasterRecord[];
}

export interface MasterDouble {
  one: MasterRecord;
  other: MasterRecord;
  /** What they share, e.g. `npi`. */
  shared: string;
}
