import { expect, it } from 'vitest';
import { barsOf, barsPath } from './waveform';

it('draws one bar a peak, silence as a thin line', () => {
  expect(barsPath([0, 0.5, 2]).match(/M/g)).toHaveLength(3);
  expect(barsPath([0])).not.toContain('NaN');
  expect(barsPath([0.1, 0.2, 0.3], 1, 2).match(/M/g)).toHaveLength(1);
});
it.each([
  [160, 80_000, 0, 500, { from: 0, to: 1 }],
  [160, 80_000, 40_000, 41_000, { from: 80, to: 82 }],
  [160, 80_000, 79_999, 90_000, { from: 159, to: 160 }],
  [160, 0, 0, 500, { from: 0, to: 0 }],
])('covers the bars of a stretch', (count, audio, start, end, bars) => {
  expect(barsOf(count, audio, start, end)).toEqual(bars);
});
