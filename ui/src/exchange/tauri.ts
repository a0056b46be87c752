// The exchange's calls over Tauri.
import { call } from '../lib/backend/call';
import type { ExchangeBackend } from './types';

export const tauriExchange: ExchangeBackend = {
  approved: () => call('exchange_approved'),
  send: (claims) => call('exchange_send', { claims }),
  files: () => call('exchange_files'),
  deliver: () => call('exchange_deliver'),
  pick: () => call('pick_answers'),
  take: (file) => call('exchange_take', { file }),
  answers: (claimId) => call('exchange_answers', { claimId }),
  denials: (all) => call('exchange_denials', { all }),
  closeDenial: (id) => call('exchange_close_denial', { id }),
  underpayments: () => call('exchange_underpayments'),
  paper: (claimId) => call('claim_paper', { claimId }),
  savePaper: (claimId, preprinted, right, up) => call('claim_paper_save', { claimId, preprinted, right, up }),
};
