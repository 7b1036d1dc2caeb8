import en from '../../assets/texts/en.json' with { type: 'json' };
import zh from '../../assets/texts/zh-CN.json' with { type: 'json' };
import type { Language, LocalText } from '../bridge/index.ts';

const catalogues: Readonly<Record<Language, Readonly<Record<string, string>>>> = { 'zh-CN': zh, en };

/** The words for a key, in every language. Throws for a key that no catalogue has: that is a programming error. */
export function textOf(key: string): LocalText {
  const [chinese, english] = [catalogues['zh-CN'][key], catalogues.en[key]];
  if (chinese === undefined || english === undefined) throw new Error(`no catalogue has the text ${key}`);
  return { 'zh-CN': chinese, en: english };
}
