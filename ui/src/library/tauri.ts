// The library's calls over Tauri.
import { call } from '../lib/backend/call';
import type { LibraryBackend } from './types';

export const tauriLibrary: LibraryBackend = {
  policies: () => call('library_policies'),
  pick: () => call('pick_policies'),
  add: (file, payer, effective) => call('library_add', { file, payer, effective }),
  remove: (id) => call('library_remove', { id }),
  open: (id) => call('library_open', { id }),
  ask: (payer, dos, text) => call('library_ask', { payer, dos, text }),
  watched: () => call('library_watched'),
  pickFolder: () => call('pick_folder'),
  watch: (folder, payer) => call('library_watch', { folder, payer }),
  unwatch: (folder) => call('library_unwatch', { folder }),
  look: () => call('library_look'),
  sourced: () => call('library_sourced'),
  source: (rule) => call('library_source', { rule }),
  check: (claimId, compare) => call('library_check', { claimId, compare }),
};
