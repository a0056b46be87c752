// Contrast of every pair of tokens that meet on the screen, in all four looks; and that literals live in one file only.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const css = readFileSync('src/styles/tokens.css', 'utf8');
const THEMES = ['light', 'dark', 'contrast-light', 'contrast-dark'] as const;

function tokens(theme: string): Map<string, string> {
  const block = css.slice(css.indexOf(`[data-theme='${theme}']`));
  const body = block.slice(block.indexOf('{') + 1, block.indexOf('}'));
  return new Map([...body.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})\b/g)].map((m) => [m[1] ?? '', m[2] ?? '']));
}

/** Relative luminance and ratio by WCAG 2.2. */
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((i) => {
    const c = parseInt(hex.slice(i, i + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * (r ?? 0) + 0.7152 * (g ?? 0) + 0.0722 * (b ?? 0);
}
function ratio(a: string, b: string): number {
  const [hi, lo] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return ((hi ?? 0) + 0.05) / ((lo ?? 0) + 0.05);
}

const surfaces = ['surface', 'surface-sunk', 'surface-raised', 'surface-hover', 'surface-selected'];
const TEXT: [string, string[]][] = [
  ['ink', [...surfaces, 'accent-wash', 'block-wash', 'warn-wash', 'info-wash', 'clean-wash']],
  ['ink-quiet', [...surfaces, 'block-wash']],
  ['block', [...surfaces, 'block-wash']],
  ['warn', [...surfaces, 'warn-wash']],
  ['info', [...surfaces, 'info-wash']],
  ['clean', [...surfaces, 'clean-wash']],
  ['accent-ink', ['accent']],
  ['evidence-ink', ['evidence']],
];
const SHAPES: [string, string[]][] = [
  ['accent', ['surface', 'surface-sunk', 'surface-raised', 'surface-selected', 'track']],
  ['line-strong', ['surface', 'surface-sunk', 'surface-raised']],
  ['evidence-edge', ['surface']],
  ['trace', ['surface']],
  ['block', ['track']],
];

describe.each(THEMES)('%s', (theme) => {
  const of = tokens(theme);
  const least = theme.startsWith('contrast') ? 7 : 4.5;
  const meet = (pairs: [string, string[]][]) => pairs.flatMap(([a, all]) => all.map((b) => [a, b] as const));
  const measured = (a: string, b: string) => ratio(of.get(a) ?? '', of.get(b) ?? '');

  it.each(meet(TEXT))('%s on %s can be read', (a, b) => expect(measured(a, b)).toBeGreaterThanOrEqual(least));
  it.each(meet(SHAPES))('%s on %s can be seen', (a, b) => expect(measured(a, b)).toBeGreaterThanOrEqual(3));
  it('tells evidence from selection', () => expect(of.get('evidence')).not.toBe(of.get('surface-selected')));
});

it('keeps colours and sizes in one file', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((f) => /\.(svelte|css)$/.test(f) && !f.endsWith('tokens.css'));
  expect(files.length).toBeGreaterThan(10);
  for (const file of files) {
    const text = readFileSync(join('src', file), 'utf8');
    const style = file.endsWith('.css') ? text : (/<style>([\s\S]*?)<\/style>/.exec(text)?.[1] ?? '');
    const literals = style.match(/#[0-9a-f]{3,8}\b|\b(?:rgba?|hsla?|oklch)\(|\b\d*\.?\d+(?:px|rem|pt)\b/gi) ?? [];
    expect(literals, file).toEqual([]);
  }
});
