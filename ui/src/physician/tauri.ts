// The calls of the physician's side to the Rust shell.
import { invoke } from '@tauri-apps/api/core';
import type { PhysicianBackend } from './types';

export const tauriPhysician: PhysicianBackend = {
  note: (dictationId, template) => invoke('note', { dictationId, template }),
  write: (dictationId, revision, place, title, words) => invoke('note_write', { dictationId, revision, place, title, words }),
  sign: (dictationId, revision, template, despite) => invoke('note_sign', { dictationId, revision, template, despite }),
  addend: (dictationId, words) => invoke('note_addend', { dictationId, words }),
  queries: () => invoke('queries'),
  answer: (claimId, revision, question, words) => invoke('query_answer', { claimId, revision, question, words }),
  file: (dictationId, filing) => invoke('dictation_file', { dictationId, filing }),
  day: (day) => invoke('day', { day }),
  plan: (plan) => invoke('case_plan', { case: plan }),
  drop: (id) => invoke('case_drop', { id }),
  history: (words, unfiled, after) => invoke('dictation_history', { words, unfiled, after }),
  templates: () => invoke('templates'),
  saveTemplate: (template) => invoke('template_save', { template }),
  removeTemplate: (name) => invoke('template_remove', { name }),
  typed: (place) => invoke('typed', { place }),
  keepTyped: (place, text) => invoke('typed_keep', { place, text }),
  sample: (spoken, dos) => invoke('sample_begin', { spoken, dos }),
};
