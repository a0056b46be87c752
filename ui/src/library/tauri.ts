// The library's calls over Tauri.
import { invoke } from '@tauri-apps/api/core';
import type { LibraryBackend } from './types';

export const tauriLibrary: LibraryBackend = {
  policies: () => invoke('library_policies'),
  pick: () => invoke('pick_policies'),
  add: (file, payer, effective) => invoke('library_add', { file, payer, effective }),
  remove: (id) => invoke('library_remove', { id }),
  open: (id) => invoke('library_open', { id }),
  ask: (payer, dos, text) => invoke('library_ask', { payer, dos, text }),
  watched: () => invoke('library_watched'),
  pickFolder: () => invoke('pick_folder'),
  watch: (folder, payer) => invoke('library_watch', { folder, payer }),
  unwatch: (folder) => invoke('library_unwatch', { folder }),
  look: () => invoke('library_look'),
  sourced: () => invoke('library_sourced'),
  source: (rule) => invoke('library_source', { rule }),
  check: (claimId, compare) => invoke('library_check', { claimId, compare }),
};
