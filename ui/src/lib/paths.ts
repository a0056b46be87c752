// Nested records as flat forms: one text for each place like `patient.address.zip`. Pure.

/** What a form holds: a text for each place; yes and no as `yes` and `no`. */
export type Flat = Record<string, string>;
type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/** What stands at a place; an empty text where nothing does. */
export function textAt(record: unknown, place: string): string {
  let value: unknown = record;
  for (const part of place.split('.')) {
    if (Array.isArray(value)) value = value[Number(part)];
    else value = isObject(value) ? value[part] : undefined;
  }
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** A form of some places of a record. */
export function flatOf(record: unknown, places: readonly string[]): Flat {
  return Object.fromEntries(places.map((place) => [place, textAt(record, place)]));
}

/** The record with the form's texts in their places; what the form does not know stays. Emptied parts are gone. */
export function withFlat<T extends object>(record: T, form: Flat, yesNo: ReadonlySet<string> = new Set()): T {
  const next = structuredClone(record) as Json;
  for (const [place, typed] of Object.entries(form)) {
    const text = typed.trim();
    if (text === textAt(next, place)) continue;
    put(next, place.split('.'), text === '' ? null : yesNo.has(place) ? text === 'yes' : text);
  }
  return next as T;
}

function put(into: Json, [part = '', ...rest]: string[], value: string | boolean | null): void {
  if (rest.length === 0) {
    if (value === null) delete into[part];
    else into[part] = value;
    return;
  }
  const before = into[part];
  const below: Json | unknown[] = isObject(before) || Array.isArray(before) ? before : /^\d+$/.test(rest[0] ?? '') ? [] : {};
  if (Array.isArray(below)) {
    const at = Number(rest[0]);
    const entry: Json = isObject(below[at]) ? below[at] : {};
    put({ entry }, ['entry', ...rest.slice(1)], value);
    if (Object.keys(entry).length > 0 || at < below.length) below[at] = entry;
    into[part] = below;
    return;
  }
  put(below, rest, value);
  if (Object.keys(below).length === 0) delete into[part];
  else into[part] = below;
}

/** Ten digits whose check digit agrees: an NPI (45 CFR 162.406). */
export function isNpi(text: string): boolean {
  if (!/^[0-9]{10}$/.test(text)) return false;
  const sum = [...text].reduce((all, c, i) => {
    const digit = Number(c);
    return all + (i % 2 === 0 ? Math.floor((digit * 2) / 10) + ((digit * 2) % 10) : digit);
  }, 24);
  return sum % 10 === 0;
}
