// Times, dates and sizes as people read them. Dates of service are civil dates: never shifted by a time zone.

const MINUTE_MS = 60_000;

/** A place in audio, `m:ss` with a leading zero: `00:42`, `61:05`. */
export function clock(ms: number): string {
  const seconds = Math.floor(Math.max(0, ms) / 1000);
  return `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`;
}

/** A stretch of audio, `00:19–00:24`. */
export function stretch(startMs: number, endMs: number): string {
  return `${clock(startMs)}–${clock(endMs)}`;
}

/** A civil date from its parts, if there is such a day. */
function civil(year: number, month: number, day: number): string | null {
  const date = new Date(Date.UTC(year, month - 1, day));
  const exists = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  const two = (n: number) => String(n).padStart(2, '0');
  return exists && year >= 1880 && year <= 2199 ? `${year}-${two(month)}-${two(day)}` : null;
}

/** Today in the user's time zone, `YYYY-MM-DD`. */
export function today(now: Date): string {
  return civil(now.getFullYear(), now.getMonth() + 1, now.getDate()) ?? '';
}

/** A typed date as `YYYY-MM-DD`: reads `2026-03-02`, `3/2/2026`, `3/2/26`, `03022026`, `today`. */
export function parseDate(typed: string, now: Date): string | null {
  const text = typed.trim().toLowerCase();
  if (text === 'today') return today(now);
  const iso = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$/.exec(text);
  if (iso) return civil(Number(iso[1]), Number(iso[2]), Number(iso[3]));
  const us = /^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})$/.exec(text) ?? /^(\d{2})(\d{2})(\d{4})$/.exec(text);
  if (!us) return null;
  let year = Number(us[3]);
  // Two digits: the latest such year that has begun.
  if (String(us[3]).length === 2) year += year > now.getFullYear() % 100 ? 1900 : 2000;
  return civil(year, Number(us[1]), Number(us[2]));
}

/** A civil date in words: `Mon, Mar 2, 2026`. */
export function longDate(iso: string, locale?: string): string {
  const date = new Date(`${iso}T00:00:00Z`);
  if (Number.isNaN(date.getTime())) return iso;
  return date.toLocaleDateString(locale, {
    weekday: 'short', month: 'short', day: 'numeric', year: 'numeric', timeZone: 'UTC',
  });
}

/** A moment in local time, by its distance: `just now`, `12 min ago`, `14:03`, `Mar 2, 14:03`. */
export function moment(iso: string, now: Date, locale?: string): string {
  const then = new Date(iso);
  if (Number.isNaN(then.getTime())) return iso;
  const age = now.getTime() - then.getTime();
  // A clock read a moment ago is behind what happened since.
  if (Math.abs(age) < MINUTE_MS) return 'just now';
  if (age >= 0 && age < 60 * MINUTE_MS) return `${Math.floor(age / MINUTE_MS)} min ago`;
  const time = then.toLocaleTimeString(locale, { hour: '2-digit', minute: '2-digit', hour12: false });
  if (today(then) === today(now)) return time;
  const day = then.toLocaleDateString(locale, {
    month: 'short', day: 'numeric', ...(then.getFullYear() === now.getFullYear() ? {} : { year: 'numeric' }),
  });
  return `${day}, ${time}`;
}

/** Years of age on a day, both `YYYY-MM-DD`. */
export function ageOn(birth: string, day: string): number | null {
  const [by, bm, bd] = birth.split('-').map(Number);
  const [y, m, d] = day.split('-').map(Number);
  if (!by || !bm || !bd || !y || !m || !d) return null;
  const age = y - by - (m < bm || (m === bm && d < bd) ? 1 : 0);
  return age >= 0 && age < 150 ? age : null;
}

/** A size of a file: `148 MB`. */
export function bytes(n: number): string {
  if (n < 1_000_000) return `${Math.ceil(n / 1000)} kB`;
  return n < 1_000_000_000 ? `${Math.round(n / 1_000_000)} MB` : `${(n / 1_000_000_000).toFixed(1)} GB`;
}

/** The last part of a path, of either kind of slash. */
export function fileName(path: string): string {
  return path.split(/[\\/]/u).at(-1) || path;
}

/** Dollars from a decimal text: `$1,204.50`; a part of a cent never comes. */
export function dollars(amount: string): string {
  return Number(amount).toLocaleString('en-US', { style: 'currency', currency: 'USD' });
}

/** A change of dollars with its sign: `+$120.00`, `−$35.10`, `±$0.00`. */
export function gain(amount: string): string {
  const value = Number(amount);
  const sign = value > 0 ? '+' : value < 0 ? '−' : '±';
  return sign + dollars(String(Math.abs(value)));
}

/** Relative value units from ten-thousandths: `26.89`. */
export function relative(units: number): string {
  return (units / 10_000).toFixed(2);
}
