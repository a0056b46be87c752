// The exchange's calls over Tauri.
import { invoke } from '@tauri-apps/api/core';
import type { ExchangeBackend } from './types';

export const tauriExchange: ExchangeBackend = {
  approved: () => invoke('exchange_approved'),
  send: (claims) => invoke('exchange_send', { claims }),
  files: () => invoke('exchange_files'),
  deliver: () => invoke('exchange_deliver'),
  pick: () => invoke('pick_answers'),
  take: (file) => invoke('exchange_take', { file }),
  answers: (claimId) => invoke('exchange_answers', { claimId }),
  denials: (all) => invoke('exchange_denials', { all }),
  closeDenial: (id) => invoke('exchange_close_denial', { id }),
  underpayments: () => invoke('exchange_underpayments'),
  paper: (claimId) => invoke('claim_paper', { claimId }),
  savePaper: (claimId, preprinted, right, up) => invoke('claim_paper_save', { claimId, preprinted, right, up }),
};
