import { computed, effect, signal } from '@preact/signals';
import { keep, kept } from './kept.ts';

const LANGUAGES = ['en', 'pt-BR'] as const;
export type Language = (typeof LANGUAGES)[number];

export const isLanguage = (text: string | null): text is Language => LANGUAGES.some((one) => one === text);

function first(): Language {
  const chosen = kept('language');
  if (isLanguage(chosen)) return chosen;
  return navigator.language.toLowerCase().startsWith('pt') ? 'pt-BR' : 'en';
}

/** What the console speaks; whoever reads it while drawing is drawn again when it changes. */
export const language = signal<Language>(first());

export function speak(chosen: Language): void {
  keep('language', chosen);
  language.value = chosen;
}

/** Numbers and dates follow the reader's own English, or Brazilian Portuguese. */
export const locale = computed(() => {
  if (language.value === 'pt-BR') return 'pt-BR';
  return navigator.language.startsWith('en') ? navigator.language : 'en';
});

effect(() => {
  document.documentElement.lang = locale.value;
});

type Values = Readonly<Record<string, string | number>>;
const numbers = computed(() => new Intl.NumberFormat(locale.value));
const plurals = computed(() => new Intl.PluralRules(locale.value));

function part(values: Values, name: string, one?: string, other?: string): string {
  const value = values[name] ?? '';
  if (one === undefined || other === undefined)
    return typeof value === 'number' ? numbers.value.format(value) : value;
  return plurals.value.select(Number(value)) === 'one' ? one : other;
}

const HOLE = /\{(\w+)(?:\|([^|}]*)\|([^|}]*))?\}/g;
const fill = (text: string, values: Values): string =>
  text.replace(HOLE, (_, name: string, one?: string, other?: string) => part(values, name, one, other));

export type Pair = readonly [english: string, portuguese: string];

/**
 * A page's words, each in both languages: `{n}` stands for a value of that name, numbers in their local form, and
 * `{n|site|sites}` for one of two words by the language's rule of plurals.
 */
export const vocabulary =
  <Word extends string>(words: Readonly<Record<Word, Pair>>) =>
  (word: Word, values?: Values): string => {
    const text = words[word][LANGUAGES.indexOf(language.value)] ?? words[word][0];
    return values === undefined ? text : fill(text, values);
  };
