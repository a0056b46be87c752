// The shapes of people, safety settings, audit and backups, and the calls that bring them.
import type { Fault, SessionStatus } from '../lib/backend/types';
import type * as B from '../lib/backend/bindings';

export type Role = B.Role;
export type Me = B.ActorView;
/** Something a person may do. */
export type ActionName = B.ActionName;
export type Person = B.PersonView;
export type NewSecondFactor = B.NewSecondFactor;
export type Guards = B.Guards;
export type Glass = B.GlassView;
export type BreakKind = B.BreakKind;
export type AuditState = B.AuditState;
export type BackupState = B.BackupState;
export type Erased = B.Erased;
export type Hold = B.HoldView;

export const ROLES: readonly Role[] = ['physician', 'coder', 'biller', 'auditor', 'administrator'];

export interface PeopleBackend {
  signIn(name: string, password: string, code: string | null): Promise<SessionStatus>;
  me(): Promise<Me>;
  /** Somebody uses the window. */
  activity(): Promise<void>;
  /** The microphone of a recording that runs, locked or not. */
  recordRunning(): Promise<string | null>;
  /** Ends a recording while the window is locked; the next unlock sends it on its way. */
  recordStopLocked(): Promise<void>;

  list(): Promise<Person[]>;
  add(name: string, roles: Role[], password: string): Promise<Person>;
  setRoles(id: string, roles: Role[]): Promise<Person>;
  disable(id: string): Promise<Person>;
  reset(id: string, password: string): Promise<Person>;
  unlock(id: string): Promise<Person>;
  changePassword(old: string, next: string): Promise<void>;
  /** For oneself with `null`. It guards nothing until its code was typed. */
  drawFactor(id: string | null): Promise<NewSecondFactor>;
  keepFactor(id: string | null, code: string): Promise<Person>;
  removeFactor(id: string): Promise<Person>;

  guards(): Promise<Guards>;
  setGuards(guards: Guards): Promise<Guards>;
  breakGlass(reason: string): Promise<Glass>;
  glass(): Promise<Glass[]>;
  glassSeen(id: string): Promise<Glass[]>;

  auditVerify(): Promise<AuditState>;
  /** Asks for a file; `null` when that is closed without a choice. */
  auditExport(json: boolean, patient: string | null, disclosures: boolean): Promise<{ events: number } | null>;
  /** What happened to records that were refused; `audit accept` goes on with them. */
  auditLook(passphrase: string | null, name: string | null, code: string | null): Promise<AuditState>;
  auditAccept(): Promise<void>;

  backupState(): Promise<BackupState>;
  /** `keepDays`: after so many days one is deleted, once there is a newer; `null` keeps them for good. */
  backupSchedule(folder: string | null, hours: number, keepDays: number | null): Promise<BackupState>;
  backupMake(folder: string): Promise<{ folder: string; claims: number }>;
  pickFolder(): Promise<string | null>;

  /** `patient`: the clinic's number, or the id of the record. */
  erasePatient(patient: string): Promise<Erased>;
  holds(): Promise<Hold[]>;
  hold(dictation: string, reason: string): Promise<Hold[]>;
  liftHold(dictation: string): Promise<Hold[]>;

  kitMade(): Promise<boolean>;
  kitDraw(): Promise<string[]>;
  kitKeep(typed: string): Promise<void>;
}

/** Faults of opening that an administrator can look into and decide about. */
export const ANCHOR_FAULTS: readonly string[] = ['records_rolled_back', 'audit_truncated', 'audit_rewritten', 'audit_anchor_missing', 'audit_anchor_forged'];
export const isAnchorFault = (fault: Fault | null): boolean => fault !== null && ANCHOR_FAULTS.includes(fault.code);

/** An erasure in a sentence, with the end of the backups that hold it. */
export function erasedWords({ recordings, records, backups }: Erased): string {
  const many = (n: number, one: string) => `${n} ${one}${n === 1 ? '' : 's'}`;
  const held =
    backups.until !== null
      ? `${many(backups.there, 'backup')} still hold${backups.there === 1 ? 's' : ''} it, the last until ${backups.until.slice(0, 10)}.`
      : backups.there > 0
        ? `${many(backups.there, 'backup')} in the scheduled folder hold${backups.there === 1 ? 's' : ''} it until somebody deletes ${backups.there === 1 ? 'it' : 'them'}.`
        : 'Backups made before hold it until they are deleted.';
  return `Erased: ${many(recordings.length, 'recording')}, ${many(records.length, 'record')} of the master data. ${held}`;
}

/** What the audit's check came to, in words. */
export function verdictOf({ sound, broken }: AuditState): string {
  if (broken === null) return `The audit holds: ${sound} events.`;
  const place = broken.until > broken.seq ? `Events ${broken.seq} to ${broken.until}` : `Event ${broken.seq}`;
  const were = broken.until > broken.seq ? 'were' : 'was';
  const words: Record<BreakKind, string> = {
    edited: `${place} ${were} changed after it was written.`,
    deleted: `${place} ${were} deleted.`,
    inserted: `${place} ${were} not written by this program.`,
    reordered: `Something else stands in the place of ${place.toLowerCase()}.`,
    truncated: `The newest events were cut off, from number ${broken.seq}.`,
    rolled_back: `The records are an older copy, without what came from event ${broken.seq} on.`,
    anchor_missing: 'The mark that proves the newest event is gone.',
    anchor_forged: 'The mark that proves the newest event is not this clinic’s own.',
  };
  return `${words[broken.kind]} ${sound} events before hold.`;
}
