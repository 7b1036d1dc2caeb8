import { createContext, useContext } from 'react';
import english from './texts/en.json' with { type: 'json' };
import chinese from './texts/zh-CN.json' with { type: 'json' };

export type Language = 'zh-CN' | 'en';
export type TextKey = keyof typeof chinese;

/** Typed so that a key missing from either catalogue does not compile. */
const CATALOGUES: Readonly<Record<Language, Readonly<Record<TextKey, string>>>> = {
  'zh-CN': chinese,
  en: english,
};

export interface Words {
  readonly language: Language;
  /** The sentence of a key, its `{names}` filled in. */
  t(key: TextKey, values?: Readonly<Record<string, string | number>>): string;
  /** The words for a fault; its own name when nobody has found words yet. */
  fault(name: string): string;
}

export function wordsIn(language: Language): Words {
  const catalogue = CATALOGUES[language];
  return {
    language,
    t: (key, values = {}) =>
      catalogue[key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole)),
    fault: (name) => (`fault.${name}` in catalogue ? catalogue[`fault.${name}` as TextKey] : name),
  };
}

export const WordsContext = createContext<Words>(wordsIn('zh-CN'));
export const useWords = (): Words => useContext(WordsContext);
