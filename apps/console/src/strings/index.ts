import { kept, useStore } from '../store';
import { en } from './en';
import { ko } from './ko';

export type Key = keyof typeof en;
export type Language = 'en' | 'ko';

/** Each language has each key: the compiler checks it. */
const CATALOGUES: Readonly<Record<Language, Readonly<Record<Key, string>>>> = { en, ko };

export const language = kept<Language>('language', globalThis.navigator?.language?.startsWith('ko') ? 'ko' : 'en');

/** A text of the catalogue in the language of the reader; `{name}` stands for what is given. */
export function t(key: Key, values: Readonly<Record<string, string | number>> = {}): string {
  const text = (CATALOGUES[language.get()] ?? en)[key];
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** Renders again when the language changes. */
export function useLanguage(): Language {
  return useStore(language);
}
