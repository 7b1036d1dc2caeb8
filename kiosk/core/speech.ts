import en from '../../assets/texts/en.json' with { type: 'json' };
import zh from '../../assets/texts/zh-CN.json' with { type: 'json' };
import type { Language, LocalText, Spoken } from '../bridge/index.ts';

const catalogues: Readonly<Record<Language, Readonly<Record<string, string>>>> = { 'zh-CN': zh, en };

/** Puts a page's sentence together: its words in every language and the clip that says them. */
export function createSpeaker(clipFor: (language: Language, text: string) => string | null) {
  return (key: string, text: LocalText = sentence(key)): Spoken => ({
    key,
    text,
    clip: { 'zh-CN': clipFor('zh-CN', text['zh-CN']), en: clipFor('en', text.en) },
  });
}

/** Throws for a key that no catalogue has: a page without words is a programming error. */
function sentence(key: string): LocalText {
  const [chinese, english] = [catalogues['zh-CN'][key], catalogues.en[key]];
  if (chinese === undefined || english === undefined) throw new Error(`no catalogue has the text ${key}`);
  return { 'zh-CN': chinese, en: english };
}
