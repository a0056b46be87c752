// The calls of electronic medical records to the Rust shell.
import { call } from '../lib/backend/call';
import type { EmrBackend } from './types';

export const tauriEmr: EmrBackend = {
  connections: () => call('emr_connections'),
  keep: (connection) => call('emr_keep', { connection }),
  remove: (id) => call('emr_remove', { id }),
  test: (id) => call('emr_test', { id }),
  jwks: (id) => call('emr_jwks', { id }),
  signIn: (id) => call('emr_sign_in', { id }),
  seen: (id, typed) => call('emr_seen', { id, typed }),
  search: (id, typed) => call('emr_search', { id, typed }),
  encounters: (id, patient) => call('emr_encounters', { id, patient }),
  link: (id, claimId, patient, sure) => call('emr_link', { id, claimId, patient, sure }),
  plan: (id, claimId, encounter) => call('emr_plan', { id, claimId, encounter }),
  send: (id, claimId, encounter, kinds) => call('emr_send', { id, claimId, encounter, kinds }),
  outbox: (claimId) => call('emr_outbox', { claimId }),
  sync: () => call('emr_sync'),
  look: (delivery) => call('emr_look', { delivery }),
  decide: (delivery, decision) => call('emr_decide', { delivery, decision }),
};
