import type { Language, LocalText, Spoken } from '../bridge/index.ts';
import { textOf } from './texts.ts';

/** Puts a page's sentence together: its words in every language and the clip that says them. */
export function createSpeaker(clipFor: (language: Language, text: string) => string | null) {
  return (key: string, text: LocalText = textOf(key)): Spoken => ({
    key,
    text,
    clip: { 'zh-CN': clipFor('zh-CN', text['zh-CN']), en: clipFor('en', text.en) },
  });
}
