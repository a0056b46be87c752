// The calls of the physician's side to the Rust shell.
import { call } from '../lib/backend/call';
import type { PhysicianBackend } from './types';

export const tauriPhysician: PhysicianBackend = {
  note: (dictationId, template) => call('note', { dictationId, template }),
  write: (dictationId, revision, place, title, words) => call('note_write', { dictationId, revision, place, title, words }),
  sign: (dictationId, revision, template, despite) => call('note_sign', { dictationId, revision, template, despite }),
  addend: (dictationId, words) => call('note_addend', { dictationId, words }),
  queries: () => call('queries'),
  answer: (claimId, revision, question, words) => call('query_answer', { claimId, revision, question, words }),
  file: (dictationId, filing) => call('dictation_file', { dictationId, filing }),
  day: (day) => call('day', { day }),
  plan: (plan) => call('case_plan', { case: plan }),
  drop: (id) => call('case_drop', { id }),
  history: (words, unfiled, after) => call('dictation_history', { words, unfiled, after }),
  templates: () => call('templates'),
  saveTemplate: (template) => call('template_save', { template }),
  removeTemplate: (name) => call('template_remove', { name }),
  typed: (place) => call('typed', { place }),
  keepTyped: (place, text) => call('typed_keep', { place, text }),
  sample: (spoken, dos) => call('sample_begin', { spoken, dos }),
};
