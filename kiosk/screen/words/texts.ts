import en from '../../../assets/texts/en.json' with { type: 'json' };
import zh from '../../../assets/texts/zh-CN.json' with { type: 'json' };
import type { Language, LocalText } from '../../bridge/index.ts';

type ScreenKey<K> = K extends `screen.${infer Rest}` ? Rest : never;

/** A text of the screen's own, named without its `screen.` prefix. */
export type TextKey = ScreenKey<keyof typeof zh>;

const catalogues: Readonly<Record<Language, Readonly<Record<keyof typeof zh, string>>>> = { 'zh-CN': zh, en };

/** The words of one language. */
export interface Words {
  readonly language: Language;
  /** The text of a key; `{name}` is replaced by what is given for it. */
  t(key: TextKey, fill?: Readonly<Record<string, string | number>>): string;
  /** The core's own words in this language. */
  local(text: LocalText): string;
}

function wordsOf(language: Language): Words {
  const catalogue = catalogues[language];
  return {
    language,
    t(key, fill) {
      const text = catalogue[`screen.${key}`];
      return fill === undefined ? text : text.replace(/\{(\w+)\}/g, (_, name) => String(fill[name] ?? ''));
    },
    local: (text) => text[language],
  };
}

export const words: Readonly<Record<Language, Words>> = { 'zh-CN': wordsOf('zh-CN'), en: wordsOf('en') };
