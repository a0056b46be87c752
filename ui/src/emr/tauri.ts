// The calls of electronic medical records to the Rust shell.
import { invoke } from '@tauri-apps/api/core';
import type { EmrBackend } from './types';

export const tauriEmr: EmrBackend = {
  connections: () => invoke('emr_connections'),
  keep: (connection) => invoke('emr_keep', { connection }),
  remove: (id) => invoke('emr_remove', { id }),
  test: (id) => invoke('emr_test', { id }),
  jwks: (id) => invoke('emr_jwks', { id }),
  signIn: (id) => invoke('emr_sign_in', { id }),
  seen: (id, typed) => invoke('emr_seen', { id, typed }),
  search: (id, typed) => invoke('emr_search', { id, typed }),
  encounters: (id, patient) => invoke('emr_encounters', { id, patient }),
  link: (id, claimId, patient, sure) => invoke('emr_link', { id, claimId, patient, sure }),
  plan: (id, claimId, encounter) => invoke('emr_plan', { id, claimId, encounter }),
  send: (id, claimId, encounter, kinds) => invoke('emr_send', { id, claimId, encounter, kinds }),
  outbox: (claimId) => invoke('emr_outbox', { claimId }),
  sync: () => invoke('emr_sync'),
  look: (delivery) => invoke('emr_look', { delivery }),
  decide: (delivery, decision) => invoke('emr_decide', { delivery, decision }),
};
