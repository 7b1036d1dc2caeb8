import type { Language } from '../../bridge/index.ts';

const phrase = /[^，。；：！？]+[，。；：！？]*[”’」』）]*/g;

/** A Chinese sentence in its phrases, whose borders are the places where a line would rather end. */
export function phrasesOf(text: string): readonly string[] {
  return text.match(phrase) ?? [text];
}

/** Text that is broken between phrases where it can be; other languages break between words anyway. */
export function Phrases({ text, language }: { text: string; language: Language }) {
  if (language !== 'zh-CN') return text;
  return phrasesOf(text).map((part, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the phrases of one sentence do not move
    <span className="phrase" key={index}>
      {part}
    </span>
  ));
}
