// The calls of people and safety to the Rust shell.
import { invoke } from '@tauri-apps/api/core';
import type { PeopleBackend } from './types';

export const tauriPeople: PeopleBackend = {
  signIn: (name, passphrase, code) => invoke('unlock', { passphrase, name, code }),
  me: () => invoke('me'),
  activity: () => invoke('activity'),
  recordRunning: () => invoke('record_running'),
  recordStopLocked: () => invoke('record_stop'),

  list: () => invoke('people'),
  add: (name, roles, password) => invoke('person_add', { name, roles, password, secondFactor: false }),
  setRoles: (id, roles) => invoke('person_roles', { id, roles }),
  disable: (id) => invoke('person_disable', { id }),
  reset: (id, password) => invoke('person_reset', { id, password }),
  unlock: (id) => invoke('person_unlock', { id }),
  changePassword: (old, next) => invoke('password_change', { old, new: next }),
  drawFactor: (id) => invoke('factor_draw', { id }),
  keepFactor: (id, code) => invoke('factor_keep', { id, code }),
  removeFactor: (id) => invoke('factor_remove', { id }),

  guards: () => invoke('guards'),
  setGuards: (guards) => invoke('guards_set', { guards }),
  breakGlass: (reason) => invoke('glass_break', { reason }),
  glass: () => invoke('glass'),
  glassSeen: (id) => invoke('glass_seen', { id }),

  auditVerify: () => invoke('audit_verify'),
  auditExport: (json, patient, disclosures) => invoke('audit_export', { json, patient, disclosures }),
  auditLook: (passphrase, name, code) => invoke('audit_look', { passphrase, name, code }),
  auditAccept: () => invoke('audit_accept'),

  backupState: () => invoke('backup_state'),
  backupSchedule: (folder, hours, keepDays) => invoke('backup_schedule', { folder, hours, keepDays }),
  backupMake: (folder) => invoke('backup_make', { folder }),
  pickFolder: () => invoke('pick_folder'),

  erasePatient: (patient) => invoke('erase_patient', { patient }),
  holds: () => invoke('holds'),
  hold: (id, reason) => invoke('hold', { id, reason }),
  liftHold: (id) => invoke('hold_lift', { id }),

  kitMade: () => invoke('kit_made'),
  kitDraw: () => invoke('kit_draw'),
  kitKeep: (typed) => invoke('kit_keep', { typed }),
};
