import { convert, customPinyin, pinyin } from 'pinyin-pro';
import type { Lexicon } from './lexicon.ts';
import { spokenChinese } from './spoken-chinese.ts';

/** The marks at which the voice pauses, as espeak-ng knows them. */
const pauses: Readonly<Record<string, string>> = {
  '。': '.',
  '！': '!',
  '？': '?',
  '；': ';',
  '：': ':',
  '，': ',',
  '、': ',',
};

/** A surname, which many characters are read differently as, stands before these. */
const NAMED = /\p{Script=Han}{1,2}(?=女士|先生|老师|师傅|阿姨|大爷|大妈|奶奶|爷爷|叔叔|同志|主任|医生)/gu;

/**
 * Turns Chinese sentences into numbered pinyin: espeak-ng reads characters wrongly where they have several readings,
 * and pinyin-pro knows them by the word. The light tone is 5; figures are said as people say them. The lexicon comes
 * before what pinyin-pro knows, for the whole process.
 */
export function createReader(lexicon: Lexicon): (text: string) => string {
  customPinyin(
    Object.fromEntries(
      Array.from(lexicon, ([word, reading]) => [
        word,
        convert(reading.replaceAll('5', '0'), { format: 'numToSymbol' }),
      ]),
    ),
  );
  return (text) => {
    const spoken = spokenChinese(text);
    let read = '';
    let from = 0;
    for (const { 0: surname, index } of spoken.matchAll(NAMED)) {
      const [before, name] = nameIn(spoken.slice(from, index), surname);
      read += numbered(before) + numbered(name, 'head');
      from = index + surname.length;
    }
    read += numbered(spoken.slice(from));
    return read
      .replace(/\s+/g, ' ')
      .replace(/ (?=[.,;:!?])/g, '')
      .trim();
  };
}

/** Before a title stands a surname of one character, or one of two that is known as such. */
function nameIn(before: string, characters: string): readonly [before: string, name: string] {
  if (characters.length < 2 || COMPOUND.has(characters)) return [before, characters];
  return [before + characters.slice(0, 1), characters.slice(1)];
}

/** Surnames of two characters that are borne today. */
const COMPOUND = new Set(
  '欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 濮阳 公冶 太叔 申屠 公孙 慕容 仲孙 钟离 长孙 宇文 司徒 鲜于 司空 令狐'.split(
    ' ',
  ),
);

function numbered(text: string, surname: 'off' | 'head' = 'off'): string {
  if (text === '') return '';
  const syllables = pinyin(text, { toneType: 'num', type: 'array', nonZh: 'consecutive', v: true, surname });
  return syllables
    .map((part) => {
      if (/^[a-zü]+[0-5]$/.test(part)) return ` ${part.replace(/0$/, '5')}`;
      return [...part]
        .map((letter) => pauses[letter] ?? (/[\p{L}\p{N} ]/u.test(letter) ? letter : ' '))
        .join('');
    })
    .join('');
}
