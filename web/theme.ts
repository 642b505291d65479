import { effect, signal } from '@preact/signals';
import { keep, kept } from './kept.ts';

const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

export const isTheme = (text: string | null): text is Theme => THEMES.some((one) => one === text);

const chosen = kept('theme');
export const theme = signal<Theme>(isTheme(chosen) ? chosen : 'system');

export function wear(choice: Theme): void {
  keep('theme', choice);
  theme.value = choice;
}

effect(() => {
  document.documentElement.dataset['theme'] = theme.value;
});
