// What a coder types about a line or a diagnosis: checked in the page, and turned into the edits the engine makes. Pure.
import type { CodedLine, Edit, Laterality, Span } from '../lib/backend/types';
import { findWords } from '../lib/scalars';

/** The fields of an editor as typed; which of them count depends on what is edited. */
export interface Form {
  code: string;
  units: string;
  /** Modifiers and pointers, separated by anything. */
  modifiers: string;
  pointers: string;
  /** Interspaces, vertebrae or joints, separated by blanks or commas. */
  levels: string;
  /** `left`, `right`, `bilateral`, or empty. */
  side: string;
  /** Dollars; empty keeps what the fee schedule says. */
  charge: string;
  /** `yes`, or empty. */
  emergency: string;
  /** The words of the transcript that support an added code. */
  words: string;
}
export type Field = keyof Form;
export type Problems = Partial<Record<Field, string>>;

/** What the editor is open on. */
export type Target =
  | { kind: 'line' | 'diagnosis'; key: string; number: number; name: string }
  | { kind: 'add_line' | 'add_diagnosis'; /** The passage that was selected. */ span: Span | null };

export const FIELDS: Record<Target['kind'], readonly Field[]> = {
  line: ['code', 'units', 'modifiers', 'pointers', 'levels', 'side', 'charge', 'emergency'],
  diagnosis: ['code'],
  add_line: ['code', 'units', 'modifiers', 'pointers', 'levels', 'side', 'words'],
  add_diagnosis: ['code', 'words'],
};

const MOST_MODIFIERS = 4;
const MOST_POINTERS = 4;
const MOST_UNITS = 999;

/** A CPT or HCPCS code as typed, or null if it has not the form of one. */
export function procedureCode(typed: string): string | null {
  const code = typed.trim().toUpperCase();
  return /^[A-Z0-9]\d{3}[A-Z0-9]$/.test(code) ? code : null;
}

/** An ICD-10-CM code as typed, with or without its dot. */
export function diagnosisCode(typed: string): string | null {
  const bare = typed.trim().toUpperCase().replace('.', '');
  if (!/^[A-Z]\d[0-9A-Z]{1,5}$/.test(bare)) return null;
  return bare.length === 3 ? bare : `${bare.slice(0, 3)}.${bare.slice(3)}`;
}

/** Levels as the engine writes them, or null where one has not the form: `L4-5`, `l4/l5` and `L4-L5` are one. */
export function levelsOf(typed: string): string[] | null {
  const levels = typed.trim().split(/[\s,;]+/).filter(Boolean).map((part) => {
    if (/^si$/i.test(part)) return 'SI';
    if (/^pelvis$/i.test(part)) return 'pelvis';
    const single = /^([CTLS])(\d{1,2})$/i.exec(part);
    if (single) return part.toUpperCase();
    const space = /^([CTLS])(\d{1,2})[-–/]([CTLS]?)(\d{1,2})$/i.exec(part);
    if (!space) return null;
    const upper = (space[1] ?? '').toUpperCase();
    return `${upper}${space[2]}-${(space[3] ?? '').toUpperCase() || upper}${space[4]}`;
  });
  return levels.every((l) => l !== null) ? levels : null;
}

/** Dollars as a claim writes them; null for what is no amount, empty for nothing. */
export function chargeOf(typed: string): string | null {
  const plain = typed.replace(/[$,\s]/g, '');
  if (plain === '') return '';
  return /^\d{1,7}(\.\d{1,2})?$/.test(plain) ? Number(plain).toFixed(2) : null;
}

const isAboutLine = (kind: Target['kind']) => kind === 'line' || kind === 'add_line';
const parts = (typed: string) => typed.toUpperCase().split(/[^A-Z0-9]+/).filter(Boolean);
/** Pointers may be typed without a space: `AB`. */
const letters = (typed: string) => parts(typed).flatMap((p) => [...p]);
const same = (a: readonly string[], b: readonly string[]) => a.length === b.length && a.every((v, i) => v === b[i]);

/** The passage the words of the form stand for: what was selected, or where the typed words are found. */
export function passageOf(target: Target, form: Form, text: string): Span | null {
  const selected = 'span' in target ? target.span : null;
  return findWords(text, form.words, selected?.start ?? 0);
}

/** What is wrong with the form, by field; nothing when it can be saved. */
export function problemsOf(target: Target, form: Form, diagnoses: number, text: string): Problems {
  const problems: Problems = {};
  const fields = FIELDS[target.kind];
  if (isAboutLine(target.kind) && procedureCode(form.code) === null) problems.code = 'Five characters, such as 63047 or C1889.';
  if (!isAboutLine(target.kind) && diagnosisCode(form.code) === null) problems.code = 'An ICD-10-CM code, such as M48.062.';
  const units = Number(form.units);
  if (fields.includes('units') && !(Number.isInteger(units) && units >= 1 && units <= MOST_UNITS)) problems.units = 'A whole number from 1.';
  if (fields.includes('modifiers')) {
    const mods = parts(form.modifiers);
    if (mods.some((m) => m.length !== 2)) problems.modifiers = 'Two characters each, such as 59 or LT.';
    else if (new Set(mods).size < mods.length) problems.modifiers = 'Each modifier once.';
    else if (mods.length > MOST_MODIFIERS) problems.modifiers = 'A line holds four.';
  }
  if (fields.includes('pointers')) {
    const pointers = letters(form.pointers);
    const last = String.fromCharCode(64 + diagnoses);
    if (diagnoses > 0 && pointers.some((p) => p < 'A' || p > last)) problems.pointers = diagnoses === 1 ? 'Only A is there.' : `A letter from A to ${last}.`;
    else if (diagnoses === 0 && pointers.length > 0) problems.pointers = 'There is no diagnosis to point to.';
    else if (new Set(pointers).size < pointers.length) problems.pointers = 'Each letter once.';
    else if (pointers.length > MOST_POINTERS) problems.pointers = 'A line points to four at most.';
    else if (diagnoses > 0 && pointers.length === 0 && target.kind === 'line') problems.pointers = 'Name at least one diagnosis.';
  }
  if (fields.includes('levels')) {
    const levels = levelsOf(form.levels);
    if (levels === null) problems.levels = 'Such as L4-L5, T12 or SI.';
    else if (new Set(levels).size < levels.length) problems.levels = 'Each level once.';
  }
  if (fields.includes('charge') && chargeOf(form.charge) === null) problems.charge = 'Dollars, as 8200.00.';
  if (fields.includes('words') && passageOf(target, form, text) === null) {
    problems.words = form.words.trim() === '' ? 'A code needs words: select them in the transcript, or type them.' : 'The transcript does not say these words in this order.';
  }
  return problems;
}

/** What of a line the claim holds beside its coding. */
export interface LineFacts {
  charge?: string | null;
  emergency?: boolean | null;
}

/** Charge and emergency as the form changes them; null when it leaves them. */
export function factsOf(form: Form, billed: LineFacts): LineFacts | null {
  const charge = chargeOf(form.charge);
  const emergency = form.emergency === 'yes';
  const facts: LineFacts = {
    ...(charge === null || charge === '' || charge === (billed.charge ?? '') ? {} : { charge }),
    ...(emergency === (billed.emergency ?? false) ? {} : { emergency }),
  };
  return Object.keys(facts).length > 0 ? facts : null;
}

/** The form of a line as it stands. */
export function formOf(line: Pick<CodedLine, 'code' | 'units' | 'modifiers' | 'pointers'> & Partial<Pick<CodedLine, 'levels' | 'laterality'>>, billed: LineFacts | null = null): Form {
  return {
    code: line.code, units: String(line.units), modifiers: line.modifiers.join(' '), pointers: line.pointers.join(' '),
    levels: (line.levels ?? []).join(' '), side: line.laterality ?? '', charge: billed?.charge ?? '', emergency: billed?.emergency ? 'yes' : '', words: '',
  };
}

/** The edit a form amounts to; null when nothing was changed. The form has no problems. */
export function editOf(target: Target, form: Form, before: { code: string } | CodedLine | null, text: string): Edit | null {
  const evidence = 'span' in target ? passageOf(target, form, text) : null;
  const line = procedureCode(form.code);
  const levels = levelsOf(form.levels) ?? [];
  const side = form.side === '' ? null : (form.side as Laterality);
  const [units, modifiers, pointers] = [Number(form.units), parts(form.modifiers), letters(form.pointers)];
  switch (target.kind) {
    case 'add_line':
      return line && evidence ? { op: 'add_line', code: line, units, modifiers, pointers, ...(levels.length > 0 ? { levels } : {}), ...(side ? { laterality: side } : {}), evidence } : null;
    case 'add_diagnosis': {
      const code = diagnosisCode(form.code);
      return code && evidence ? { op: 'add_diagnosis', code, evidence } : null;
    }
    case 'diagnosis': {
      const code = diagnosisCode(form.code);
      return code && code !== before?.code ? { op: 'set_diagnosis', diagnosis: target.number, code } : null;
    }
    case 'line': {
      if (!line || !before || !('units' in before)) return null;
      const edit: Edit = {
        op: 'set_line', line: target.number,
        ...(line === before.code ? {} : { code: line }),
        ...(units === before.units ? {} : { units }),
        ...(same(modifiers, before.modifiers) ? {} : { modifiers }),
        ...(same(pointers, before.pointers) ? {} : { pointers }),
        ...(same(levels, before.levels.map(String)) ? {} : { levels }),
        ...(side === (before.laterality ?? null) ? {} : { laterality: side }),
      };
      return Object.keys(edit).length > 2 ? edit : null;
    }
  }
}

const LETTER = (n: number) => String.fromCharCode(64 + n);

/** An edit in a few words, for the undo button and for screen readers. */
export function saysEdit(edit: Edit): string {
  switch (edit.op) {
    case 'set_line':
      return edit.code ? `line ${edit.line} is now ${edit.code}` : `line ${edit.line} changed`;
    case 'remove_line':
      return `line ${edit.line} removed`;
    case 'add_line':
      return `${edit.code} added`;
    case 'set_diagnosis':
      return `diagnosis ${LETTER(edit.diagnosis)} is now ${edit.code}`;
    case 'remove_diagnosis':
      return `diagnosis ${LETTER(edit.diagnosis)} removed`;
    case 'add_diagnosis':
      return `${edit.code} added`;
    case 'lead_with':
      return `diagnosis ${LETTER(edit.diagnosis)} is first-listed now`;
  }
}
