// A fictitious dictation and its draft, for tests and for looking at the screens in a plain browser.
import type {
  DictationView, DraftView, Evidence, Patient, PhraseRule, Segment, StageView, Transcript, Word,
} from './types';

const TEXT =
  'Preoperative diagnosis. Lumbar stenosis with neurogenic claudication at L3-L4 and L4-L5. Degenerative spondylolisthesis at L4-L5. ' +
  'Postoperative diagnosis. Same. ' +
  'Procedure performed. Transforaminal interbody fusion with posterolateral fusion at L4-L5. Pedicle screws at L4 and L5. Interbody cage at L4-L5. Local autograft. Laminectomy with foraminotomies at L3-L4. ' +
  'Description of the procedure. The patient was turned prone on a radiolucent table. Fluoroscopy confirmed the level. ' +
  'The L4 lamina was removed past the pedicles and both L5 roots were unroofed, well beyond what the cage needed. ' +
  'The disc space was cleared and a titanium cage packed with bone from the laminectomy was seated under the microscope. ' +
  'Screws were placed at L4 and L5 on both sides and joined with rods. ' +
  'At L3-L4 the inferior half of the lamina was taken and the foramina were opened until a ball probe passed. ' +
  'The transverse processes of L4 and L5 were decorticated and grafted. ' +
  'A small dural abrasion was seen and covered; no leak. Drain left deep to the fascia.';

const DOUBTFUL = new Set(['abrasion', 'unroofed,']);

function wordsOf(text: string): Word[] {
  const words: Word[] = [];
  let at = 600;
  for (const match of text.matchAll(/\S+/gu)) {
    const long = 150 + 42 * match[0].length;
    words.push({
      start_ms: at, end_ms: at + long, start: match.index, end: match.index + match[0].length,
      text: match[0], p: DOUBTFUL.has(match[0]) ? 0.38 : 0.93,
    });
    at += long + (/[.;,]$/u.test(match[0]) ? 420 : 60);
  }
  return words;
}

/** The sentence that ends so is one the recogniser may have made up. */
const DOUBTED = /^fascia\.$/u;

function segmentsOf(text: string): Segment[] {
  const segments: Segment[] = [];
  let words: Word[] = [];
  for (const word of wordsOf(text)) {
    words.push(word);
    if (!/\.$/u.test(word.text)) continue;
    const first = words[0];
    if (first) {
      segments.push({
        start_ms: first.start_ms, end_ms: word.end_ms, tentative: false, flags: DOUBTED.test(word.text) ? ['possible_hallucination'] : [],
        text: words.map((w) => w.text).join(' '), words,
      });
    }
    words = [];
  }
  return segments;
}

/** Evidence at the n-th occurrence of a quote in a text. */
export function cite(text: string, quote: string, nth = 0): Evidence {
  let at = -1;
  for (let i = 0; i <= nth; i += 1) at = text.indexOf(quote, at + 1);
  if (at < 0) throw new Error(`not in the text: ${quote}`);
  return { start: Array.from(text.slice(0, at)).length, end: Array.from(text.slice(0, at + quote.length)).length, quote };
}
const ev = (quote: string, nth = 0): Evidence => cite(TEXT, quote, nth);

const segments = segmentsOf(TEXT);
export const DEMO_AUDIO_MS = (segments.at(-1)?.end_ms ?? 0) + 700;

const transcript: Transcript = {
  text: TEXT, revision: 1, language: 'en', model: 'whisper-base.en', audio_ms: DEMO_AUDIO_MS, elapsed_ms: 21_400, segments,
  corrections: [
    { ...span(ev('Transforaminal')), original: 'Trans for aminal', rule: 'lexicon.transforaminal' },
    { ...span(ev('decorticated')), original: 'decorated', rule: 'lexicon.decorticated' },
    { ...span(ev('spondylolisthesis')), original: 'spondylo listesis', rule: 'lexicon.spondylolisthesis' },
  ],
};

function span({ start, end }: Evidence): { start: number; end: number } {
  return { start, end };
}

/** A provider of whom nothing is said. */
const NOBODY: DraftView['claim']['billing_provider'] = { npi: null };

export const DEMO_PATIENT: Patient = {
  id: 'F-2201', last: 'Fernworth', first: 'Odile', birth_date: '1957-08-14', sex: 'F', member_id: '1EG4-TE5-MK00', address: null,
};

export const DEMO_DRAFT: DraftView = {
  claimId: 'demo-claim-1', dictationId: 'demo-1', state: 'draft', revision: 1,
  draftedBy: ['rules', 'whisper-base.en'], transcript, audioMs: DEMO_AUDIO_MS, secondOpinion: 'pending',
  judgement: { by: 'today', new: 0, gone: 0, verdictToday: 'block' },
  related: [],
  answers: [],
  decided: null,
  editionNote: { short: '2 official tables not imported: judged by the program’s own.', details: ['NCCI medically unlikely edits 2026Q1: the program’s own was used.', 'NCCI add-on code edits 2026Q1: the program’s own was used.'] },
  labels: {
    '22633': 'Posterior interbody and posterolateral fusion, one lumbar interspace',
    '63047': 'Lumbar decompression for stenosis, one segment',
    '63052': 'Decompression beyond the interbody approach, one segment',
    '22840': 'Posterior fixation spanning one interspace',
    '22853': 'Interbody device',
    '20936': 'Bone graft from the same incision',
    '69990': 'Operating microscope',
    '77003': 'Fluoroscopic guidance, spine',
    '22630': 'Posterior interbody fusion, one lumbar interspace',
    '22612': 'Posterolateral fusion, one lumbar level',
  },
  titles: {
    'M48.062': 'Lumbar stenosis with neurogenic claudication',
    'M43.16': 'Spondylolisthesis, lumbar region',
  },
  coding: {
    dos: '2026-03-03', payer: 'medicare',
    diagnoses: [
      { code: 'M48.062', confidence: 0.95, source: 'rules', evidence: [ev('Lumbar stenosis with neurogenic claudication at L3-L4 and L4-L5')], why: 'icd.stenosis.claudication: claudication is stated, so the sixth character is 2.' },
      { code: 'M43.16', confidence: 0.9, source: 'rules', evidence: [ev('Degenerative spondylolisthesis at L4-L5')], why: 'icd.listhesis.region: L4-L5 counts to the lumbar region.' },
    ],
    lines: [
      { code: '22633', units: 1, modifiers: [], pointers: ['A', 'B'], levels: ['L4-L5'], laterality: null, confidence: 0.96, source: 'rules', evidence: [ev('Transforaminal interbody fusion with posterolateral fusion at L4-L5'), ev('The transverse processes of L4 and L5 were decorticated and grafted')], why: 'fusion.combined: both an interbody and a posterolateral graft at the same interspace.' },
      { code: '63047', units: 1, modifiers: [], pointers: ['A'], levels: ['L3-L4'], laterality: null, confidence: 0.88, source: 'rules', evidence: [ev('Laminectomy with foraminotomies at L3-L4'), ev('At L3-L4 the inferior half of the lamina was taken and the foramina were opened')], why: 'decompression.other_level: for stenosis, at an interspace that was not fused.' },
      { code: '63052', units: 1, modifiers: [], pointers: ['A'], levels: ['L4-L5'], laterality: null, confidence: 0.71, source: 'rules', evidence: [ev('both L5 roots were unroofed, well beyond what the cage needed')], why: 'decompression.beyond_cage: the note says the decompression went beyond the interbody exposure.' },
      { code: '22840', units: 1, modifiers: [], pointers: ['A', 'B'], levels: ['L4', 'L5'], laterality: null, confidence: 0.97, source: 'rules', evidence: [ev('Pedicle screws at L4 and L5'), ev('Screws were placed at L4 and L5 on both sides and joined with rods')], why: 'fixation.two_vertebrae: screws at two neighbouring vertebrae are non-segmental.' },
      { code: '22853', units: 1, modifiers: [], pointers: ['A', 'B'], levels: ['L4-L5'], laterality: null, confidence: 0.94, source: 'rules', evidence: [ev('Interbody cage at L4-L5'), ev('a titanium cage packed with bone from the laminectomy was seated')], why: 'device.interbody: one cage in one interspace.' },
      { code: '20936', units: 1, modifiers: [], pointers: ['A', 'B'], levels: [], laterality: null, confidence: 0.92, source: 'rules', evidence: [ev('Local autograft'), ev('bone from the laminectomy')], why: 'graft.same_incision: graft taken through the operative incision.' },
    ],
    not_billed: [
      { code: '69990', reason: 'The microscope is part of spine surgery for this payer.', rule: 'bundle.microscope', evidence: [ev('under the microscope')] },
      { code: '77003', reason: 'Fluoroscopy to find the level is part of the operation.', rule: 'bundle.fluoroscopy', evidence: [ev('Fluoroscopy confirmed the level')] },
    ],
    queries: [
      { question: 'Which roots were freed at L4-L5 beyond the cage corridor, and on which side?', affects: ['63052'], evidence: [ev('both L5 roots were unroofed')], risk: 'denial', stake: 3.2 },
    ],
    alternatives: [
      {
        lines: [
          { code: '22630', units: 1, modifiers: [], pointers: ['A'], levels: ['L4-L5'], laterality: null, confidence: 0.3, source: 'rules', evidence: [ev('Transforaminal interbody fusion')], why: '' },
        ],
        effect: { rvu: -5.1 }, why: 'If no posterolateral graft had been laid.', allowed_because: 'The note says one was; keep the combined code.',
      },
    ],
    made_by: {
      program: '0.1.0', reader: 'rules', catalogue: '0.1.0+1a2b3c4d', prompt: null, speech_model: 'whisper-base.en', language_model: null,
      phrase_rules: ['rule-2'], editions: ['NCCI practitioner PTP edits 2026 Q1', 'ICD-10-CM FY2026'],
    },
  },
  claim: {
    claim_id: 'demo-claim-1', payer: { id: 'medicare', type: 'medicare' }, patient: DEMO_PATIENT, facility: { npi: '1234567893', pos: '21' },
    billing_provider: NOBODY, rendering_provider: NOBODY, prior_auth_number: null, received_date: null,
    diagnoses: ['M48.062', 'M43.16'],
    lines: ['22633', '63047', '63052', '22840', '22853', '20936'].map((code, i) => ({
      number: i + 1, code, modifiers: [], pointers: ['A'], units: 1, charge: '2870.50', charge_source: '200.0 % of Medicare’s national fee (RVU24C), the default', dos: '2026-03-03', pos: '21', levels: [], laterality: null, documented: [],
    })),
  },
  findings: {
    verdict: 'block',
    findings: [
      { kind: 'ptp', rule: 'ncci.ptp.22633.63047', severity: 'block', lines: [2, 1], codes: ['63047', '22633'], message: 'The decompression bundles into the fusion unless the claim says it was at another interspace. The note puts it at L3-L4.', source: { title: 'NCCI practitioner PTP edits', version: '2026 Q1', effective_from: '2026-01-01', effective_to: '2026-03-31', locator: 'column 1 22633, column 2 63047, indicator 1' }, fix: { description: 'Add XS to line 2', patch: [{ op: 'test', path: '/lines/1/code', value: '63047' }, { op: 'add', path: '/lines/1/modifiers/-', value: 'XS' }] } },
      { kind: 'documentation_gap', rule: 'doc.63052.roots', severity: 'warn', lines: [3], codes: ['63052'], message: 'Name the roots freed beyond the cage corridor, or a reviewer may take this line away.', source: { title: 'NCCI policy manual', version: '2026', effective_from: '2026-01-01', effective_to: null, locator: 'chapter 8, section F' }, fix: null },
      { kind: 'edition_stale', rule: 'edition.ncci', severity: 'info', lines: [], codes: [], message: 'The newest edition of the edits ends on 31 March. It covers this date of service.', source: { title: 'Rule book', version: '2026 Q1', effective_from: '2026-01-01', effective_to: '2026-03-31', locator: 'editions' }, fix: null },
    ],
  },
};

/** One rule of each kind the list can hold. */
export const DEMO_RULES: PhraseRule[] = [
  { id: 'rule-1', state: 'offered', subject: 'line', phrase: '<side> <level> microdiscectomy through a tubular retractor', was: '63030', now: '62380', seen: 3, says: 'Where “<side> <level> microdiscectomy through a tubular retractor” supports 63030, code 62380 instead.' },
  { id: 'rule-2', state: 'accepted', subject: 'line', phrase: 'under the microscope', was: '69990', now: null, seen: 5, says: 'Where “under the microscope” supports 69990, leave it off.' },
];

/** The draft after the language model has read the note too: it agrees on five lines of six. */
export function withSecondOpinion(draft: DraftView): DraftView {
  const agrees = (code: string) => code !== '63052';
  return {
    ...draft,
    revision: draft.revision + 1,
    secondOpinion: 'merged',
    draftedBy: [...draft.draftedBy, 'qwen2.5-1.5b'],
    coding: {
      ...draft.coding,
      lines: draft.coding.lines.map((line) => ({
        ...line,
        source: agrees(line.code) ? 'both' : 'rules',
        confidence: agrees(line.code) ? Math.min(0.99, line.confidence + 0.03) : line.confidence - 0.12,
      })),
    },
  };
}

const stage = (name: StageView['stage'], state: StageView['state'], progress: number | null = null): StageView => ({
  stage: name, state, progress, note: null, fault: null,
});

/** The list on the home screen, one of each kind of state. */
export function demoDictations(now: Date): DictationView[] {
  const ago = (minutes: number) => new Date(now.getTime() - minutes * 60_000).toISOString();
  const unreadable = {
    code: 'wav_truncated', kind: 'input' as const,
    message: 'The file ends in the middle of a sample, so the last part of the recording is missing.',
    advice: 'Copy it again from the recorder and import it once more. Nothing of it was kept.',
  };
  const base = { payer: 'medicare', claimState: null, claimId: null, fault: null } as const;
  return [
    { ...base, id: 'demo-2', name: 'room4-0312.wav', kind: 'audio', createdAt: ago(0.3), dos: '2026-03-03', durationMs: 214_000, recovered: false, canContinue: false, patientLabel: 'Quillfeather, Bram', state: 'running', stages: [stage('import', 'done'), stage('transcribe', 'running', 0.42), stage('draft', 'queued'), stage('second_opinion', 'queued')] },
    { ...base, id: 'demo-1', name: 'room2-0307.wav', kind: 'audio', createdAt: ago(3), dos: '2026-03-03', durationMs: DEMO_AUDIO_MS, recovered: false, canContinue: true, patientLabel: 'Fernworth, Odile', claimId: 'demo-claim-1', claimState: 'draft', state: 'running', stages: [stage('import', 'done'), stage('transcribe', 'done'), stage('draft', 'done'), stage('second_opinion', 'running', 0.2)] },
    { ...base, id: 'demo-3', name: 'Typed note', kind: 'note', createdAt: ago(64), dos: '2026-03-02', payer: 'cedar', durationMs: null, recovered: false, canContinue: false, patientLabel: 'Ostrander, Pell', claimId: 'demo-claim-1', claimState: 'draft', state: 'done', stages: [stage('import', 'done'), stage('transcribe', 'skipped'), stage('draft', 'done'), stage('second_opinion', 'done')] },
    { ...base, id: 'demo-4', name: 'old-recorder-118.wav', kind: 'audio', createdAt: ago(95), dos: '2026-02-27', durationMs: null, recovered: false, canContinue: false, patientLabel: null, state: 'failed', fault: unreadable, stages: [{ ...stage('import', 'failed'), fault: unreadable }, stage('transcribe', 'queued'), stage('draft', 'queued'), stage('second_opinion', 'queued')] },
    { ...base, id: 'demo-5', name: 'room1-0298.wav', kind: 'audio', createdAt: ago(1500), dos: '2026-02-26', durationMs: 96_000, recovered: false, canContinue: false, patientLabel: 'Tamsin, Wren', state: 'cancelled', stages: [stage('import', 'done'), stage('transcribe', 'cancelled'), stage('draft', 'cancelled'), stage('second_opinion', 'cancelled')] },
  ];
}
