// A phrase rule in plain words. Pure.
import type { PhraseRule } from './backend/types';

const ANY: Record<string, string> = { '<level>': 'any level', '<side>': 'any side', '<number>': 'any number' };

/** The words of a phrase, its gaps named: `<level>` stands for any level. */
export function phraseParts(phrase: string): { text: string; any: boolean }[] {
  return phrase
    .split(/(<level>|<side>|<number>)/)
    .filter((part) => part !== '')
    .map((part) => ({ text: ANY[part] ?? part, any: part in ANY }));
}

/** What the rule does. */
export function ruleEffect({ was, now }: Pick<PhraseRule, 'was' | 'now'>): string {
  if (was && now) return `code ${now} instead of ${was}`;
  if (was) return `leave ${was} off`;
  return now ? `add ${now}` : 'change nothing';
}

/** The rule in a sentence, its gaps named. */
export function plainly(rule: Pick<PhraseRule, 'phrase' | 'was' | 'now'>): string {
  const words = phraseParts(rule.phrase).map((p) => (p.any ? `[${p.text}]` : p.text)).join('');
  return `Where the note says “${words}”: ${ruleEffect(rule)}.`;
}
