// The backend of the product: Tauri commands and events of the Rust shell.
import { call, hear } from './call';
import { getCurrentWebview } from '@tauri-apps/api/webview';
import { tauriExchange } from '../../exchange/tauri';
import { tauriLibrary } from '../../library/tauri';
import { tauriPeople } from '../../people/tauri';
import { tauriEmr } from '../../emr/tauri';
import { tauriPhysician } from '../../physician/tauri';
import { tauriQueue } from '../../queue/tauri';
import type { Backend, FileDrag } from './backend';

export const tauriBackend: Backend = {
  people: tauriPeople,
  queue: tauriQueue,
  physician: tauriPhysician,
  exchange: tauriExchange,
  library: tauriLibrary,
  emr: tauriEmr,
  sessionStatus: () => call('session_status'),
  unlock: (passphrase) => call('unlock', { passphrase, name: null, code: null }),
  lock: () => call('lock'),

  dictationsList: () => call('dictations_list'),
  dictationImport: (path, header) => call('dictation_import', { path, ...header }),
  dictationAddNote: (text, header) => call('dictation_add_note', { text, ...header }),
  dictationCancel: (id) => call('dictation_cancel', { id }),
  dictationRetry: (id) => call('dictation_retry', { id }),
  draftGet: (claimId) => call('draft_get', { claimId }),

  claimCorrect: (claimId, revision, edits) => call('claim_correct', { claimId, revision, edits }),
  claimReword: (claimId, revision, changes) => call('claim_reword', { claimId, revision, changes }),
  claimReread: (claimId, revision) => call('claim_reread', { claimId, revision }),
  claimRestore: (claimId, revision, to) => call('claim_restore', { claimId, revision, to }),
  claimDecide: (claimId, revision, step, reason) => call('claim_decide', { claimId, revision, step, reason }),
  insights: (from, to) => call('insights', { from, to }),
  claimAmend: (claimId, revision, how, reason) => call('claim_amend', { claimId, revision, how, reason }),
  claimCompanion: (claimId, revision, asked) => call('claim_companion', { claimId, revision, asked }),
  claimRevisions: (claimId) => call('claim_revisions', { claimId }),
  claimDifference: (claimId, older, from, to) => call('claim_difference', { claimId, older, from, to }),
  claimHeader: (claimId, revision, header) => call('claim_header', { claimId, revision, header }),
  claimValue: (claimId, setting) => call('claim_value', { claimId, setting }),
  procedureSearch: (query) => call('procedure_search', { query }),
  diagnosisSearch: (query, dos) => call('diagnosis_search', { query, dos }),

  phraseRules: () => call('phrase_rules'),
  phraseRuleDecide: (id, to) => call('phrase_rule_decide', { id, to }),

  dictionary: () => call('dictionary'),
  dictionaryAdd: (meant, heard) => call('dictionary_add', { meant, heard }),
  dictionaryRemove: (id) => call('dictionary_remove', { id }),

  audioPeaks: (dictationId, buckets) => call('audio_peaks', { dictationId, buckets }),
  audioPlay: (dictationId, startMs, endMs, speedPercent) => call('audio_play', { dictationId, startMs, endMs, speedPercent }),
  audioStop: () => call('audio_stop'),

  rulesShelf: () => call('rules_shelf'),
  pickTables: () => call('pick_tables'),
  rulesImport: (table, files, edition, acceptFewerRows) => call('rules_import', { table, files, edition, acceptFewerRows }),
  rulesImportCancel: () => call('rules_import_cancel'),

  fees: () => call('fees'),
  pickFees: () => call('pick_fees'),
  feesImport: (path, schedule) => call('fees_import', { path, schedule }),
  feesPercent: (percent, schedule) => call('fees_percent', { percent, schedule }),
  feesRetire: (id) => call('fees_retire', { id }),

  payerRules: () => call('payer_rules'),
  payerRuleMembers: () => call('payer_rule_members'),
  payerRuleBlank: () => call('payer_rule_blank'),
  payerRuleSheet: (text) => call('payer_rule_sheet', { text }),
  payerRuleSheetOf: (text, fields) => call('payer_rule_sheet_of', { text, fields }),
  payerRuleTry: (text) => call('payer_rule_try', { text }),
  payerRuleSave: (text) => call('payer_rule_save', { text }),
  payerRuleConfirm: (id, revision) => call('payer_rule_confirm', { id, revision }),
  payerRuleRetire: (id) => call('payer_rule_retire', { id }),
  payerRuleUndo: (id) => call('payer_rule_undo', { id }),

  masterList: (kind, query, all) => call('master_list', { kind, query, all }),
  masterSave: (kind, id, version, data) => call('master_save', { kind, id, version, data }),
  masterDoubles: (kind) => call('master_doubles', { kind }),
  masterMerge: (away, into) => call('master_merge', { away, into }),
  masterDefault: (id) => call('master_default', { id }),
  masterRetire: (id, retired) => call('master_retire', { id, retired }),

  payersList: () => call('payers_list'),
  doctor: () => call('doctor'),
  modelsList: () => call('models_list'),
  modelsMeasure: () => call('models_measure'),
  modelsUse: (id) => call('models_use', { id }),
  modelsFetch: (id) => call('models_fetch', { id }),
  modelsImport: (from) => call('models_import', { from }),
  modelsRemove: (id) => call('models_remove', { id }),
  modelsStop: () => call('models_stop'),
  pickModel: () => call('pick_model'),
  modelsFinalPass: (id) => call('models_final_pass', { id }),

  pickWav: () => call('pick_wav'),
  openedFile: () => call('opened_file'),

  microphones: () => call('microphones'),
  microphoneChoose: (id) => call('microphone_choose', { id }),
  microphoneReady: (ready) => call('microphone_ready', { ready }),
  recordStart: (header) => call('record_start', { ...header }),
  recordContinue: (dictationId) => call('record_continue', { dictationId }),
  recordPause: (paused) => call('record_pause', { paused }),
  recordStop: () => call('record_stop'),
  recordDiscard: () => call('record_discard'),
  recordWords: () => call('record_words'),

  keysBound: () => call('keys_bound'),
  keysBind: (bindings) => call('keys_bind', { bindings }),

  on: hear,
  onFileDrag: (handler: (drag: FileDrag) => void) =>
    getCurrentWebview().onDragDropEvent(({ payload }) => {
      if (payload.type === 'drop') handler({ kind: 'drop', paths: payload.paths });
      else if (payload.type === 'leave') handler({ kind: 'leave' });
      else handler({ kind: 'over' });
    }),
};
