// The backend of the product: Tauri commands and events of the Rust shell.
import { invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';
import { getCurrentWebview } from '@tauri-apps/api/webview';
import { tauriExchange } from '../../exchange/tauri';
import { tauriLibrary } from '../../library/tauri';
import { tauriPeople } from '../../people/tauri';
import { tauriEmr } from '../../emr/tauri';
import { tauriPhysician } from '../../physician/tauri';
import { tauriQueue } from '../../queue/tauri';
import type { Backend, BackendEvents, FileDrag } from './backend';

export const tauriBackend: Backend = {
  people: tauriPeople,
  queue: tauriQueue,
  physician: tauriPhysician,
  exchange: tauriExchange,
  library: tauriLibrary,
  emr: tauriEmr,
  sessionStatus: () => invoke('session_status'),
  unlock: (passphrase) => invoke('unlock', { passphrase, name: null, code: null }),
  lock: () => invoke('lock'),

  dictationsList: () => invoke('dictations_list'),
  dictationImport: (path, header) => invoke('dictation_import', { path, ...header }),
  dictationAddNote: (text, header) => invoke('dictation_add_note', { text, ...header }),
  dictationCancel: (id) => invoke('dictation_cancel', { id }),
  dictationRetry: (id) => invoke('dictation_retry', { id }),
  draftGet: (claimId) => invoke('draft_get', { claimId }),

  claimCorrect: (claimId, revision, edits) => invoke('claim_correct', { claimId, revision, edits }),
  claimReword: (claimId, revision, changes) => invoke('claim_reword', { claimId, revision, changes }),
  claimReread: (claimId, revision) => invoke('claim_reread', { claimId, revision }),
  claimRestore: (claimId, revision, to) => invoke('claim_restore', { claimId, revision, to }),
  claimDecide: (claimId, revision, step, reason) => invoke('claim_decide', { claimId, revision, step, reason }),
  insights: (from, to) => invoke('insights', { from, to }),
  claimAmend: (claimId, revision, how, reason) => invoke('claim_amend', { claimId, revision, how, reason }),
  claimCompanion: (claimId, revision, asked) => invoke('claim_companion', { claimId, revision, asked }),
  claimRevisions: (claimId) => invoke('claim_revisions', { claimId }),
  claimDifference: (claimId, older, from, to) => invoke('claim_difference', { claimId, older, from, to }),
  claimHeader: (claimId, revision, header) => invoke('claim_header', { claimId, revision, header }),
  claimValue: (claimId, setting) => invoke('claim_value', { claimId, setting }),
  procedureSearch: (query) => invoke('procedure_search', { query }),
  diagnosisSearch: (query, dos) => invoke('diagnosis_search', { query, dos }),

  phraseRules: () => invoke('phrase_rules'),
  phraseRuleDecide: (id, to) => invoke('phrase_rule_decide', { id, to }),

  dictionary: () => invoke('dictionary'),
  dictionaryAdd: (meant, heard) => invoke('dictionary_add', { meant, heard }),
  dictionaryRemove: (id) => invoke('dictionary_remove', { id }),

  audioPeaks: (dictationId, buckets) => invoke('audio_peaks', { dictationId, buckets }),
  audioPlay: (dictationId, startMs, endMs, speedPercent) => invoke('audio_play', { dictationId, startMs, endMs, speedPercent }),
  audioStop: () => invoke('audio_stop'),

  rulesShelf: () => invoke('rules_shelf'),
  pickTables: () => invoke('pick_tables'),
  rulesImport: (table, files, edition, acceptFewerRows) => invoke('rules_import', { table, files, edition, acceptFewerRows }),
  rulesImportCancel: () => invoke('rules_import_cancel'),

  fees: () => invoke('fees'),
  pickFees: () => invoke('pick_fees'),
  feesImport: (path, schedule) => invoke('fees_import', { path, schedule }),
  feesPercent: (percent, schedule) => invoke('fees_percent', { percent, schedule }),
  feesRetire: (id) => invoke('fees_retire', { id }),

  payerRules: () => invoke('payer_rules'),
  payerRuleMembers: () => invoke('payer_rule_members'),
  payerRuleBlank: () => invoke('payer_rule_blank'),
  payerRuleSheet: (text) => invoke('payer_rule_sheet', { text }),
  payerRuleSheetOf: (text, fields) => invoke('payer_rule_sheet_of', { text, fields }),
  payerRuleTry: (text) => invoke('payer_rule_try', { text }),
  payerRuleSave: (text) => invoke('payer_rule_save', { text }),
  payerRuleConfirm: (id, revision) => invoke('payer_rule_confirm', { id, revision }),
  payerRuleRetire: (id) => invoke('payer_rule_retire', { id }),
  payerRuleUndo: (id) => invoke('payer_rule_undo', { id }),

  masterList: (kind, query, all) => invoke('master_list', { kind, query, all }),
  masterSave: (kind, id, version, data) => invoke('master_save', { kind, id, version, data }),
  masterDoubles: (kind) => invoke('master_doubles', { kind }),
  masterMerge: (away, into) => invoke('master_merge', { away, into }),
  masterDefault: (id) => invoke('master_default', { id }),
  masterRetire: (id, retired) => invoke('master_retire', { id, retired }),

  payersList: () => invoke('payers_list'),
  doctor: () => invoke('doctor'),
  modelsList: () => invoke('models_list'),
  modelsMeasure: () => invoke('models_measure'),
  modelsUse: (id) => invoke('models_use', { id }),
  modelsFetch: (id) => invoke('models_fetch', { id }),
  modelsImport: (from) => invoke('models_import', { from }),
  modelsRemove: (id) => invoke('models_remove', { id }),
  modelsStop: () => invoke('models_stop'),
  pickModel: () => invoke('pick_model'),
  modelsFinalPass: (id) => invoke('models_final_pass', { id }),

  pickWav: () => invoke('pick_wav'),
  openedFile: () => invoke('opened_file'),

  microphones: () => invoke('microphones'),
  microphoneChoose: (id) => invoke('microphone_choose', { id }),
  microphoneReady: (ready) => invoke('microphone_ready', { ready }),
  recordStart: (header) => invoke('record_start', { ...header }),
  recordContinue: (dictationId) => invoke('record_continue', { dictationId }),
  recordPause: (paused) => invoke('record_pause', { paused }),
  recordStop: () => invoke('record_stop'),
  recordDiscard: () => invoke('record_discard'),

  keysBound: () => invoke('keys_bound'),
  keysBind: (bindings) => invoke('keys_bind', { bindings }),

  on: <E extends keyof BackendEvents>(event: E, handler: (payload: BackendEvents[E]) => void) =>
    listen<BackendEvents[E]>(event, ({ payload }) => handler(payload)),
  onFileDrag: (handler: (drag: FileDrag) => void) =>
    getCurrentWebview().onDragDropEvent(({ payload }) => {
      if (payload.type === 'drop') handler({ kind: 'drop', paths: payload.paths });
      else if (payload.type === 'leave') handler({ kind: 'leave' });
      else handler({ kind: 'over' });
    }),
};
