// The keyboard map: one table from which both the handlers and the `?` sheet are made.

export type Place = 'everywhere' | 'dictate' | 'review' | 'queue' | 'insights' | 'rules' | 'clinic' | 'emr' | 'exchange' | 'library' | 'physician';

export type Action =
  | 'help' | 'lock' | 'safety' | 'theme' | 'new' | 'back' | 'health' | 'learned' | 'words'
  | 'record' | 'pause' | 'continue' | 'import' | 'note' | 'open'
  | 'next' | 'previous' | 'play' | 'next_passage' | 'next_doubt' | 'slower' | 'faster'
  | 'reword' | 'edit' | 'add_line' | 'add_diagnosis' | 'remove' | 'lead' | 'undo' | 'fix' | 'value'
  | 'submit' | 'approve' | 'reject' | 'reopen'
  | 'insights' | 'difference' | 'companion' | 'queue' | 'choose' | 'choose_all' | 'assign' | 'comment' | 'order' | 'turn'
  | 'records' | 'to_emr' | 'sync'
  | 'palette' | 'form' | 'missing' | 'clinic' | 'fourth' | 'fifth' | 'search'
  | 'rules' | 'editions' | 'payer_rules' | 'fees' | 'add_rule' | 'save' | 'try' | 'confirm' | 'retire'
  | 'home' | 'physician' | 'sign' | 'answer' | 'stands' | 'file' | 'talk' | 'dictate'
  | 'exchange' | 'send' | 'deliver' | 'answers' | 'library' | 'coverage';

export interface Binding {
  action: Action;
  place: Place;
  /** `KeyboardEvent.key` values, lower case for letters. */
  keys: readonly string[];
  ctrl?: boolean;
  /** As shown on a key cap. */
  cap: string;
  does: string;
}

export const BINDINGS: readonly Binding[] = [
  { action: 'next', place: 'everywhere', keys: ['j', 'ArrowDown'], cap: 'J', does: 'next item' },
  { action: 'previous', place: 'everywhere', keys: ['k', 'ArrowUp'], cap: 'K', does: 'previous item' },
  { action: 'new', place: 'everywhere', keys: ['n'], cap: 'N', does: 'new dictation' },
  { action: 'health', place: 'everywhere', keys: ['h'], cap: 'H', does: 'engines and health' },
  { action: 'learned', place: 'everywhere', keys: ['l'], cap: 'L', does: 'learned phrase rules' },
  { action: 'words', place: 'everywhere', keys: ['g'], cap: 'G', does: 'your dictionary; selected words go into it' },
  { action: 'rules', place: 'everywhere', keys: ['b'], cap: 'B', does: 'rules: editions and payer rules' },
  { action: 'physician', place: 'everywhere', keys: ['7'], cap: '7', does: 'my notes: today, queries, history, templates' },
  { action: 'queue', place: 'everywhere', keys: ['z'], cap: 'Z', does: 'claims: the queue of work' },
  { action: 'insights', place: 'everywhere', keys: [';'], cap: ';', does: 'insights: how claims fare' },
  { action: 'clinic', place: 'everywhere', keys: [','], cap: ',', does: 'the clinic, people, facilities, payers, patients' },
  { action: 'library', place: 'everywhere', keys: ['9'], cap: '9', does: 'library: the payers’ own policies' },
  { action: 'exchange', place: 'everywhere', keys: ['8'], cap: '8', does: 'exchange: claims out, answers in, denials' },
  { action: 'records', place: 'everywhere', keys: ['0'], cap: '0', does: 'record systems: outbox and connections' },
  { action: 'safety', place: 'everywhere', keys: ['.'], cap: '.', does: 'people and safety: accounts, audit, backups' },
  { action: 'theme', place: 'everywhere', keys: ['t'], cap: 'T', does: 'light, dark, high contrast' },
  { action: 'lock', place: 'everywhere', keys: ['l'], ctrl: true, cap: 'Ctrl L', does: 'lock' },
  { action: 'palette', place: 'everywhere', keys: ['k'], ctrl: true, cap: 'Ctrl K', does: 'find a command by its words' },
  { action: 'help', place: 'everywhere', keys: ['?'], cap: '?', does: 'this sheet' },
  { action: 'record', place: 'dictate', keys: ['r'], cap: 'R', does: 'record, stop' },
  { action: 'pause', place: 'dictate', keys: ['p'], cap: 'P', does: 'pause the recording, go on' },
  { action: 'continue', place: 'dictate', keys: ['c'], cap: 'C', does: 'go on with the dictation chosen in the list' },
  { action: 'import', place: 'dictate', keys: ['i'], cap: 'I', does: 'import a WAV file' },
  { action: 'note', place: 'dictate', keys: ['w'], cap: 'W', does: 'write a note' },
  { action: 'open', place: 'dictate', keys: ['Enter'], cap: 'Enter', does: 'open the draft' },
  { action: 'play', place: 'review', keys: [' '], cap: 'Space', does: 'play the words behind the item, stop' },
  { action: 'next_passage', place: 'review', keys: ['p'], cap: 'P', does: 'next passage of the item' },
  { action: 'next_doubt', place: 'review', keys: ['q'], cap: 'Q', does: 'play the next words that may be made up' },
  { action: 'slower', place: 'review', keys: ['-'], cap: '−', does: 'play slower' },
  { action: 'faster', place: 'review', keys: ['+', '='], cap: '+', does: 'play faster' },
  { action: 'edit', place: 'review', keys: ['e'], cap: 'E', does: 'edit the line or diagnosis' },
  { action: 'add_line', place: 'review', keys: ['a'], cap: 'A', does: 'add a line from the selected words' },
  { action: 'add_diagnosis', place: 'review', keys: ['d'], cap: 'D', does: 'add a diagnosis from them' },
  { action: 'reword', place: 'review', keys: ['w'], cap: 'W', does: 'write over the selected words' },
  { action: 'remove', place: 'review', keys: ['Delete'], cap: 'Del', does: 'remove the line or diagnosis' },
  { action: 'lead', place: 'review', keys: ['m'], cap: 'M', does: 'make the diagnosis first-listed' },
  { action: 'fix', place: 'review', keys: ['f'], cap: 'F', does: 'apply the finding’s fix' },
  { action: 'form', place: 'review', keys: ['c'], cap: 'C', does: 'the claim form CMS-1500, or the codes' },
  { action: 'missing', place: 'review', keys: ['i'], cap: 'I', does: 'next item of the form to fill in' },
  { action: 'missing', place: 'review', keys: ['i'], ctrl: true, cap: 'Ctrl I', does: 'the same from within a field' },
  { action: 'save', place: 'review', keys: ['s'], ctrl: true, cap: 'Ctrl S', does: 'save the form' },
  { action: 'value', place: 'review', keys: ['v'], cap: 'V', does: 'findings, or what the claim is worth' },
  { action: 'coverage', place: 'review', keys: ['4'], cap: '4', does: 'what the payer’s policies ask of the claim' },
  { action: 'answers', place: 'review', keys: ['3'], cap: '3', does: 'what was answered of the claim, and the claim on paper' },
  { action: 'answer', place: 'review', keys: ['5'], cap: '5', does: 'answer the query: the words become part of the note' },
  { action: 'undo', place: 'review', keys: ['u'], cap: 'U', does: 'take the last edit back' },
  { action: 'submit', place: 'review', keys: ['s'], cap: 'S', does: 'submit for review' },
  { action: 'approve', place: 'review', keys: ['y'], cap: 'Y', does: 'approve' },
  { action: 'reject', place: 'review', keys: ['x'], cap: 'X', does: 'reject, with a reason; void what was sent' },
  { action: 'reopen', place: 'review', keys: ['o'], cap: 'O', does: 'reopen, with a reason; correct what was sent' },
  { action: 'difference', place: 'review', keys: ['r'], cap: 'R', does: 'revisions, and what is different' },
  { action: 'companion', place: 'review', keys: ['2'], cap: '2', does: 'bill for an assistant or co-surgeon named in the selected words' },
  { action: 'to_emr', place: 'review', keys: ['>'], cap: '>', does: 'send the approved claim to a record system' },
  { action: 'back', place: 'review', keys: ['Escape'], cap: 'Esc', does: 'close the editor, back to the list' },
  { action: 'open', place: 'queue', keys: ['Enter'], cap: 'Enter', does: 'open the claim' },
  { action: 'search', place: 'queue', keys: ['/'], cap: '/', does: 'find claims by words' },
  { action: 'choose', place: 'queue', keys: [' '], cap: 'Space', does: 'choose the claim, or not' },
  { action: 'choose_all', place: 'queue', keys: ['a'], ctrl: true, cap: 'Ctrl A', does: 'choose all that the filter leaves, or none' },
  { action: 'assign', place: 'queue', keys: ['a'], cap: 'A', does: 'give the chosen claims to somebody' },
  { action: 'submit', place: 'queue', keys: ['s'], cap: 'S', does: 'submit the chosen drafts, after a preview' },
  { action: 'approve', place: 'queue', keys: ['y'], cap: 'Y', does: 'approve those of them that are clean, after a preview' },
  { action: 'reject', place: 'queue', keys: ['x'], cap: 'X', does: 'reject the chosen claims, with a reason' },
  { action: 'comment', place: 'queue', keys: ['m'], cap: 'M', does: 'comments on the claim' },
  { action: 'order', place: 'queue', keys: ['o'], cap: 'O', does: 'order by the next: risk, money, age, payer, service' },
  { action: 'turn', place: 'queue', keys: ['r'], cap: 'R', does: 'the other way round' },
  { action: 'save', place: 'queue', keys: ['s'], ctrl: true, cap: 'Ctrl S', does: 'save filter and order as a view' },
  { action: 'back', place: 'queue', keys: ['Escape'], cap: 'Esc', does: 'out of the field, back' },
  { action: 'editions', place: 'physician', keys: ['1'], cap: '1', does: 'today’s cases' },
  { action: 'payer_rules', place: 'physician', keys: ['2'], cap: '2', does: 'queries to answer' },
  { action: 'fees', place: 'physician', keys: ['3'], cap: '3', does: 'history of dictations' },
  { action: 'fourth', place: 'physician', keys: ['4'], cap: '4', does: 'templates of notes' },
  { action: 'open', place: 'physician', keys: ['Enter'], cap: 'Enter', does: 'open the note' },
  { action: 'dictate', place: 'physician', keys: ['d'], cap: 'D', does: 'dictate for the case' },
  { action: 'answer', place: 'physician', keys: ['a'], cap: 'A', does: 'answer the query; add to a signed note' },
  { action: 'talk', place: 'physician', keys: ['v'], cap: 'V', does: 'speak the answer, stop' },
  { action: 'stands', place: 'physician', keys: ['x'], cap: 'X', does: 'nothing to add: the note stands as it is' },
  { action: 'edit', place: 'physician', keys: ['e'], cap: 'E', does: 'change the section' },
  { action: 'sign', place: 'physician', keys: ['s'], cap: 'S', does: 'sign the note' },
  { action: 'file', place: 'physician', keys: ['f'], cap: 'F', does: 'file under a patient' },
  { action: 'play', place: 'physician', keys: [' '], cap: 'Space', does: 'play the words, stop' },
  { action: 'form', place: 'physician', keys: ['c'], cap: 'C', does: 'open the claim' },
  { action: 'search', place: 'physician', keys: ['/'], cap: '/', does: 'find a dictation' },
  { action: 'add_rule', place: 'physician', keys: ['+', '='], cap: '+', does: 'plan a case; a new template' },
  { action: 'back', place: 'physician', keys: ['Escape'], cap: 'Esc', does: 'out of the note, back' },
  { action: 'editions', place: 'insights', keys: ['1'], cap: '1', does: 'the last 4 weeks' },
  { action: 'payer_rules', place: 'insights', keys: ['2'], cap: '2', does: 'the last 13 weeks' },
  { action: 'fees', place: 'insights', keys: ['3'], cap: '3', does: 'the last 26 weeks' },
  { action: 'fourth', place: 'insights', keys: ['4'], cap: '4', does: 'the last 12 months' },
  { action: 'back', place: 'insights', keys: ['Escape'], cap: 'Esc', does: 'back' },
  { action: 'editions', place: 'clinic', keys: ['1'], cap: '1', does: 'the clinic' },
  { action: 'payer_rules', place: 'clinic', keys: ['2'], cap: '2', does: 'people' },
  { action: 'fees', place: 'clinic', keys: ['3'], cap: '3', does: 'facilities' },
  { action: 'fourth', place: 'clinic', keys: ['4'], cap: '4', does: 'payers' },
  { action: 'fifth', place: 'clinic', keys: ['5'], cap: '5', does: 'patients' },
  { action: 'search', place: 'clinic', keys: ['/'], cap: '/', does: 'find a record' },
  { action: 'add_rule', place: 'clinic', keys: ['a'], cap: 'A', does: 'a new record' },
  { action: 'edit', place: 'clinic', keys: ['e', 'Enter'], cap: 'E', does: 'open the record' },
  { action: 'save', place: 'clinic', keys: ['s'], ctrl: true, cap: 'Ctrl S', does: 'save the record' },
  { action: 'back', place: 'clinic', keys: ['Escape'], cap: 'Esc', does: 'out of the record, back' },
  { action: 'search', place: 'library', keys: ['/'], cap: '/', does: 'ask the policies' },
  { action: 'import', place: 'library', keys: ['i'], cap: 'I', does: 'add policies' },
  { action: 'back', place: 'library', keys: ['Escape'], cap: 'Esc', does: 'out of the question, back' },
  { action: 'editions', place: 'exchange', keys: ['1'], cap: '1', does: 'what is sent and what waits' },
  { action: 'payer_rules', place: 'exchange', keys: ['2'], cap: '2', does: 'answers' },
  { action: 'fees', place: 'exchange', keys: ['3'], cap: '3', does: 'denials' },
  { action: 'send', place: 'exchange', keys: ['s'], cap: 'S', does: 'send every approved claim' },
  { action: 'deliver', place: 'exchange', keys: ['d'], cap: 'D', does: 'deliver what waits' },
  { action: 'import', place: 'exchange', keys: ['i'], cap: 'I', does: 'take files of answers in' },
  { action: 'reopen', place: 'exchange', keys: ['o'], cap: 'O', does: 'correct the claim that was denied' },
  { action: 'open', place: 'exchange', keys: ['Enter'], cap: 'Enter', does: 'open the claim that was denied' },
  { action: 'back', place: 'exchange', keys: ['Escape'], cap: 'Esc', does: 'back' },
  { action: 'editions', place: 'emr', keys: ['1'], cap: '1', does: 'what was sent, and where it is' },
  { action: 'payer_rules', place: 'emr', keys: ['2'], cap: '2', does: 'connections' },
  { action: 'sync', place: 'emr', keys: ['s'], cap: 'S', does: 'send what waits now' },
  { action: 'add_rule', place: 'emr', keys: ['a'], cap: 'A', does: 'a new connection' },
  { action: 'try', place: 'emr', keys: ['Enter'], ctrl: true, cap: 'Ctrl Enter', does: 'test the connection' },
  { action: 'back', place: 'emr', keys: ['Escape'], cap: 'Esc', does: 'back' },
  { action: 'editions', place: 'rules', keys: ['1'], cap: '1', does: 'official editions' },
  { action: 'payer_rules', place: 'rules', keys: ['2'], cap: '2', does: 'payer rules' },
  { action: 'fees', place: 'rules', keys: ['3'], cap: '3', does: 'what the clinic charges' },
  { action: 'import', place: 'rules', keys: ['i'], cap: 'I', does: 'import files of the table' },
  { action: 'add_rule', place: 'rules', keys: ['a'], cap: 'A', does: 'write a new payer rule' },
  { action: 'edit', place: 'rules', keys: ['e', 'Enter'], cap: 'E', does: 'open the rule' },
  { action: 'save', place: 'rules', keys: ['s'], ctrl: true, cap: 'Ctrl S', does: 'save the rule as draft' },
  { action: 'try', place: 'rules', keys: ['Enter'], ctrl: true, cap: 'Ctrl Enter', does: 'dry run on stored claims' },
  { action: 'confirm', place: 'rules', keys: ['y'], cap: 'Y', does: 'confirm the draft' },
  { action: 'retire', place: 'rules', keys: ['x'], cap: 'X', does: 'retire the rule' },
  { action: 'undo', place: 'rules', keys: ['u'], cap: 'U', does: 'take the rule’s last step back' },
  { action: 'back', place: 'rules', keys: ['Escape'], cap: 'Esc', does: 'out of the editor, back' },
];

/** The places of the window in their order: Alt and a digit lead there. */
export const PLACES: readonly { place: Place; name: string; says: string; action: Action | null; group: 'voice' | 'claims' | 'kept' }[] = [
  { place: 'dictate', name: 'Dictate', says: 'Dictate, import, write; what is on its way', action: null, group: 'voice' },
  { place: 'physician', name: 'Notes', says: 'The physician’s notes: today, queries, history, templates', action: 'physician', group: 'voice' },
  { place: 'queue', name: 'Claims', says: 'The queue of claims to review', action: 'queue', group: 'claims' },
  { place: 'exchange', name: 'Exchange', says: 'Claims out, answers in, denials', action: 'exchange', group: 'claims' },
  { place: 'insights', name: 'Insights', says: 'How claims fare', action: 'insights', group: 'claims' },
  { place: 'clinic', name: 'Clinic', says: 'The clinic, people, facilities, payers, patients', action: 'clinic', group: 'kept' },
  { place: 'rules', name: 'Rules', says: 'Official editions, payer rules, charges', action: 'rules', group: 'kept' },
  { place: 'library', name: 'Library', says: 'The payers’ own policies', action: 'library', group: 'kept' },
  { place: 'emr', name: 'Records', says: 'Record systems: outbox and connections', action: 'records', group: 'kept' },
];

/** The place that Alt and a digit lead to. */
export function placeFor(press: Press): Place | null {
  if (!press.altKey || press.ctrlKey || press.metaKey || !/^[1-9]$/.test(press.key)) return null;
  return PLACES[Number(press.key) - 1]?.place ?? null;
}

/** What a key press looked like, taken from a `KeyboardEvent`. */
export interface Press {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  /** The press landed in a field that takes text. */
  typing: boolean;
  /** The press landed on a control that uses Enter or Space itself. */
  onControl: boolean;
}

/** The action of a key press in a place, if any. Plain letters never fire while typing. */
export function actionFor(press: Press, place: Place): Action | null {
  if (press.altKey) return null;
  const ctrl = press.ctrlKey || press.metaKey;
  if (press.typing && !ctrl && press.key !== 'Escape') return null;
  if (press.onControl && !ctrl && (press.key === 'Enter' || press.key === ' ')) return null;
  const key = press.key.length === 1 ? press.key.toLowerCase() : press.key;
  const binding = BINDINGS.find(
    (b) => (b.place === 'everywhere' || b.place === place) && (b.ctrl ?? false) === ctrl && b.keys.includes(key),
  );
  return binding?.action ?? null;
}

/** Reads a press from the browser's event. */
export function pressOf(event: KeyboardEvent): Press {
  const target = event.target instanceof HTMLElement ? event.target : null;
  const { key, ctrlKey, metaKey, altKey } = event;
  return {
    key, ctrlKey, metaKey, altKey,
    typing: target?.matches('input:not([type=radio],[type=checkbox]), textarea, select, [contenteditable]') ?? false,
    onControl: target?.matches('button, a, summary, [role=radio], input') ?? false,
  };
}

/** What can be done in a place, each once, in the order of the sheet; with words typed only those that have all of them. */
export function commandsIn(place: Place, typed = ''): Binding[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const seen = new Set<Action>();
  const here = [...BINDINGS.filter((b) => b.place === place), ...BINDINGS.filter((b) => b.place === 'everywhere')];
  return here.filter((b) => {
    const said = `${b.does} ${b.cap}`.toLowerCase();
    if (b.action === 'palette' || seen.has(b.action) || !words.every((w) => said.includes(w))) return false;
    seen.add(b.action);
    return true;
  });
}

/** The cap shown for an action. */
export function capOf(action: Action): string {
  return BINDINGS.find((b) => b.action === action)?.cap ?? '';
}
