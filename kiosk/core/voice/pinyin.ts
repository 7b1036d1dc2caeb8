import { customPinyin, pinyin } from 'pinyin-pro';

/** Readings that pinyin-pro takes for another word: 得 and 一 between a verb and what follows are light. */
customPinyin({ 开得: 'kāi de', 办得: 'bàn de', 等一等: 'děng yi děng' });

const digits = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九'];

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

/**
 * A Chinese sentence as numbered pinyin: espeak-ng reads characters wrongly where they have several readings, and
 * pinyin-pro knows them by the word. The light tone is 5; digits are said one by one.
 */
export function numberedPinyin(text: string): string {
  const spelled = text.replace(/[0-9]/g, (digit) => digits[Number(digit)] ?? digit);
  const syllables = pinyin(spelled, { toneType: 'num', type: 'array', nonZh: 'consecutive', v: true });
  return syllables
    .map((part) => {
      if (/^[a-zü]+[0-5]$/.test(part)) return ` ${part.replace(/0$/, '5')}`;
      return [...part]
        .map((letter) => pauses[letter] ?? (/[\p{L}\p{N} ]/u.test(letter) ? letter : ' '))
        .join('');
    })
    .join('')
    .replace(/\s+/g, ' ')
    .replace(/ (?=[.,;:!?])/g, '')
    .trim();
}
