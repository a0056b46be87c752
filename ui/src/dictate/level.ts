// What the level meter says in words. Pure.
import type { RecordLevelEvent } from '../lib/backend/types';

/** Quieter than this, the recogniser starts to guess. */
const QUIET_RMS = 0.02;
/** Readings looked at, about one second. */
const RECENT = 12;

export interface LevelWord {
  tone: 'clean' | 'warn' | 'block';
  shape: string;
  text: string;
}

/** The word for the last second of readings. */
export function levelWord(levels: readonly RecordLevelEvent[]): LevelWord {
  const recent = levels.slice(-RECENT);
  if (levels.at(-1)?.device === null) return { tone: 'block', shape: '■', text: 'microphone lost: plug it in again; what was said is kept' };
  if (recent.length === 0) return { tone: 'clean', shape: '○', text: 'listening' };
  if (recent.every((l) => l.silent)) return { tone: 'block', shape: '■', text: 'no sound: is the microphone on?' };
  if (recent.some((l) => l.clipped)) return { tone: 'warn', shape: '▲', text: 'too loud: move back a little' };
  if (Math.max(...recent.map((l) => l.rms)) < QUIET_RMS) return { tone: 'warn', shape: '▲', text: 'very quiet: move closer' };
  return { tone: 'clean', shape: '●', text: 'level ok' };
}

/** Time left below which it is said: ten minutes. */
const SOON_MS = 600_000;

/** Says that the longest recording is near, or nothing. */
export function ending(remainingMs: number | undefined): string | null {
  if (remainingMs === undefined || remainingMs > SOON_MS) return null;
  if (remainingMs === 0) return 'This is the longest recording: it was ended and everything is kept.';
  return `The recording ends by itself in ${Math.ceil(remainingMs / 60_000)} min; everything is kept.`;
}

/** Height of a meter bar, 0 to 1, on a decibel scale from -54 dB to 0. */
export function meterHeight(rms: number): number {
  if (rms <= 0) return 0;
  return Math.min(1, Math.max(0, 1 + (20 * Math.log10(rms)) / 54));
}
