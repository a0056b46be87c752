// Insights of the test double: a quarter with a little of everything.
import type { Insights } from './types';

const weeks = (from: string, to: string): string[] => {
  const all = [from];
  for (let day = Date.parse(from) + 86_400_000; day <= Date.parse(to); day += 86_400_000) {
    if (new Date(day).getUTCDay() === 1) all.push(new Date(day).toISOString().slice(0, 10));
  }
  return all;
};

export function demoInsights(from: string, to: string, empty: boolean): Insights {
  const begins = weeks(from, to);
  const share = (best: number) => {
    const stretches = begins.map((begin, i) => {
      const of = empty ? 0 : 14 + ((i * 7) % 9);
      return { from: begin, of, are: Math.round(of * Math.min(1, best + 0.02 * (i % 4))) };
    });
    return { of: stretches.reduce((n, s) => n + s.of, 0), are: stretches.reduce((n, s) => n + s.are, 0), stretches };
  };
  const clean = share(0.88);
  const agreement = share(0.8);
  const stretches = begins.map((begin, i) => ({ from: begin, approved: empty ? 0 : 14 + ((i * 7) % 9), medianMinutes: empty ? null : 340 - i * 17 + (i % 3) * 40 }));
  return {
    from, to, by: 'week', sent: empty ? 0 : clean.of + 12, clean, agreement, corrections: empty ? 0 : 61,
    denials: empty ? [] : [
      { reason: '50', says: 'Not held to be medically necessary.', concern: 'necessity', count: 6, amount: '24180.00' },
      { reason: '197', says: 'No authorisation, or not the one that was given.', concern: 'authorisation', count: 4, amount: '18960.50' },
      { reason: '97', says: 'Part of another service that was paid.', concern: 'bundled', count: 9, amount: '7215.00' },
      { reason: '16', says: 'Something is missing from the claim.', concern: 'documentation', count: 3, amount: '5100.00' },
    ],
    waiting: { approved: agreement.of, medianMinutes: empty ? null : 260, mostMinutes: empty ? null : 1810, stretches },
    atRisk: empty ? [] : [
      { risk: 3, count: 14, charge: '182400.00' }, { risk: 2, count: 22, charge: '204110.50' }, { risk: 1, count: 9, charge: '61200.00' }, { risk: 0, count: 31, charge: '388015.00' },
    ],
    openDenials: empty ? [0, '0.00'] : [8, '31240.00'],
  };
}
