// The calls of the queue to the Rust shell.
import { invoke } from '@tauri-apps/api/core';
import type { QueueBackend } from './types';

export const tauriQueue: QueueBackend = {
  page: (query) => invoke('queue', { query }),
  size: (filter) => invoke('queue_size', { filter }),
  choices: () => invoke('queue_choices'),
  views: () => invoke('queue_views'),
  saveView: (view) => invoke('queue_view_save', { view }),
  removeView: (name) => invoke('queue_view_remove', { name }),
  chosen: (query) => invoke('queue_chosen', { query }),
  bulk: (chosen, step, preview) => invoke('bulk', { chosen, step, preview }),
  comments: (claimId) => invoke('comments', { claimId }),
  comment: (claimId, text) => invoke('comment', { claimId, text }),
};
