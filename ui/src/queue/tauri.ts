// The calls of the queue to the Rust shell.
import { call } from '../lib/backend/call';
import type { QueueBackend } from './types';

export const tauriQueue: QueueBackend = {
  page: (query) => call('queue', { query }),
  size: (filter) => call('queue_size', { filter }),
  choices: () => call('queue_choices'),
  views: () => call('queue_views'),
  saveView: (view) => call('queue_view_save', { view }),
  removeView: (name) => call('queue_view_remove', { name }),
  chosen: (query) => call('queue_chosen', { query }),
  bulk: (chosen, step, preview) => call('bulk', { chosen, step, preview }),
  comments: (claimId) => call('comments', { claimId }),
  comment: (claimId, text) => call('comment', { claimId, text }),
};
