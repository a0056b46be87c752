// A waveform as SVG paths: one bar per peak, mirrored about the middle, in a box of `peaks.length` by 2. Pure.

/** Bars narrower than their slot leave air between them. */
const BAR = 0.62;
const QUIET = 0.03;

/** The path of the bars from index `from` up to `to`. */
export function barsPath(peaks: readonly number[], from = 0, to = peaks.length): string {
  let path = '';
  for (let i = Math.max(0, from); i < Math.min(peaks.length, to); i += 1) {
    const height = Math.min(1, Math.max(QUIET, peaks[i] ?? 0));
    const x = i + (1 - BAR) / 2;
    path += `M${x.toFixed(2)} ${(1 - height).toFixed(3)}h${BAR}v${(2 * height).toFixed(3)}h-${BAR}z`;
  }
  return path;
}

/** The bars that a stretch of audio covers, at least one. */
export function barsOf(count: number, audioMs: number, startMs: number, endMs: number): { from: number; to: number } {
  if (audioMs <= 0 || count <= 0) return { from: 0, to: 0 };
  const from = Math.min(count - 1, Math.max(0, Math.floor((startMs / audioMs) * count)));
  return { from, to: Math.min(count, Math.max(from + 1, Math.ceil((endMs / audioMs) * count))) };
}
