// The calls of people and safety to the Rust shell.
import { call } from '../lib/backend/call';
import type { PeopleBackend } from './types';

export const tauriPeople: PeopleBackend = {
  signIn: (name, passphrase, code) => call('unlock', { passphrase, name, code }),
  me: () => call('me'),
  activity: () => call('activity'),
  recordRunning: () => call('record_running'),
  recordStopLocked: async () => void (await call('record_stop')),

  list: () => call('people'),
  add: (name, roles, password) => call('person_add', { name, roles, password, secondFactor: false }),
  setRoles: (id, roles) => call('person_roles', { id, roles }),
  disable: (id) => call('person_disable', { id }),
  reset: (id, password) => call('person_reset', { id, password }),
  unlock: (id) => call('person_unlock', { id }),
  changePassword: (old, next) => call('password_change', { old, new: next }),
  drawFactor: (id) => call('factor_draw', { id }),
  keepFactor: (id, code) => call('factor_keep', { id, code }),
  removeFactor: (id) => call('factor_remove', { id }),

  guards: () => call('guards'),
  setGuards: (guards) => call('guards_set', { guards }),
  breakGlass: (reason) => call('glass_break', { reason }),
  glass: () => call('glass'),
  glassSeen: (id) => call('glass_seen', { id }),

  auditVerify: () => call('audit_verify'),
  auditExport: (json, patient, disclosures) => call('audit_export', { json, patient, disclosures }),
  auditLook: (passphrase, name, code) => call('audit_look', { passphrase, name, code }),
  auditAccept: () => call('audit_accept'),

  backupState: () => call('backup_state'),
  backupSchedule: (folder, hours, keepDays) => call('backup_schedule', { folder, hours, keepDays }),
  backupMake: (folder) => call('backup_make', { folder }),
  pickFolder: () => call('pick_folder'),

  erasePatient: (patient) => call('erase_patient', { patient }),
  holds: () => call('holds'),
  hold: (id, reason) => call('hold', { id, reason }),
  liftHold: (id) => call('hold_lift', { id }),

  kitMade: () => call('kit_made'),
  kitDraw: () => call('kit_draw'),
  kitKeep: (typed) => call('kit_keep', { typed }),
};
