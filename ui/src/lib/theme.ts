// The look: follows the system until the user chooses; the choice is kept where the window may keep it.

export type Choice = 'system' | 'light' | 'dark' | 'contrast';
export type Theme = 'light' | 'dark' | 'contrast-light' | 'contrast-dark';

export const CHOICES: readonly Choice[] = ['system', 'light', 'dark', 'contrast'];

/** The theme for a choice and what the system prefers. */
export function themeOf(choice: Choice, prefersDark: boolean, prefersContrast: boolean): Theme {
  if (choice === 'light' || choice === 'dark') return choice;
  if (choice === 'contrast' || prefersContrast) return prefersDark ? 'contrast-dark' : 'contrast-light';
  return prefersDark ? 'dark' : 'light';
}

/** The choice after this one. */
export function nextChoice(choice: Choice): Choice {
  return CHOICES[(CHOICES.indexOf(choice) + 1) % CHOICES.length] ?? 'system';
}
