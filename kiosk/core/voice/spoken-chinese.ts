/**
 * Figures as a person says them in Chinese. What is read is decided by what stands around a figure: a year digit by
 * digit, a count as a number, a telephone number digit by digit with 幺 for one (as on the telephone), money in
 * yuan, jiao and fen.
 */
export function spokenChinese(text: string): string {
  return rules.reduce(
    (spoken, [pattern, say]) => spoken.replace(pattern, (...found: string[]) => say(found)),
    text,
  );
}

const DIGITS = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
const PLACES = ['', '十', '百', '千'];
const GROUPS = ['', '万', '亿', '万亿'];
/** Longer ones are nobody's count. */
const LONGEST_NUMBER = 12;

/** Each digit by itself: `2026` is 二零二六. */
const digitByDigit = (digits: string): string =>
  digits.replace(/\d/g, (digit) => DIGITS[Number(digit)] ?? digit);

/** As on the telephone, where 一 and 七 sound alike. */
const dialled = (digits: string): string => digitByDigit(digits).replaceAll('一', '幺');

/** A whole number from 0 to 999,999,999,999, e.g. 10 is 十, 105 is 一百零五, 20,300 is 二万零三百. */
export function chineseNumber(value: number): string {
  if (!Number.isSafeInteger(value) || value < 0 || value >= 10 ** LONGEST_NUMBER)
    throw new RangeError(`no count: ${value}`);
  if (value === 0) return '零';
  let words = '';
  let gap = false;
  for (let index = GROUPS.length - 1; index >= 0; index--) {
    const group = Math.floor(value / 10 ** (4 * index)) % 10_000;
    if (group === 0) {
      gap = words !== '';
      continue;
    }
    if (words !== '' && (gap || group < 1000)) words += '零';
    words += `${fourDigits(group)}${GROUPS[index]}`;
    gap = false;
  }
  // 十二, not 一十二, at the beginning.
  return words.replace(/^一十/, '十');
}

/** 1 to 9999. */
function fourDigits(value: number): string {
  let words = '';
  let gap = false;
  for (let place = 3; place >= 0; place--) {
    const digit = Math.floor(value / 10 ** place) % 10;
    if (digit === 0) {
      gap = words !== '';
      continue;
    }
    if (gap) words += '零';
    words += `${DIGITS[digit]}${PLACES[place]}`;
    gap = false;
  }
  return words;
}

/** A count: two of something is 两. */
const count = (digits: string): string =>
  digits.length > LONGEST_NUMBER || /^0\d/.test(digits)
    ? dialled(digits)
    : digits === '2'
      ? '两'
      : chineseNumber(Number(digits));

const decimal = (digits: string): string => {
  const [whole = '', fraction = ''] = digits.split('.');
  return `${chineseNumber(Number(whole))}点${digitByDigit(fraction)}`;
};

/** `3.50` is 三元五角, `0.05` is 零元五分, `12` is 十二元. */
function money(yuan: string): string {
  const [whole = '0', fraction = ''] = yuan.replaceAll(',', '').split('.');
  const [jiao, fen] = [...fraction.padEnd(2, '0')].map(Number);
  const parts = [`${count(whole)}元`];
  if (jiao) parts.push(`${DIGITS[jiao]}角`);
  if (fen) parts.push(`${jiao ? '' : '零'}${DIGITS[fen]}分`);
  return parts.join('');
}

const time = (hours: string, minutes: string): string =>
  `${count(String(Number(hours)))}点${
    Number(minutes) === 0 ? '整' : `${minutes.startsWith('0') ? '零' : ''}${chineseNumber(Number(minutes))}分`
  }`;

const day = (month: string, date: string): string =>
  `${chineseNumber(Number(month))}月${chineseNumber(Number(date))}日`;

/** What is not a measure word after all: parts of a number, of a date, or of an order. */
const AMOUNT = String.raw`\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?|\d{1,12}(?:\.\d{1,2})?`;

/** In this order: what says most of itself first. */
const rules: readonly (readonly [RegExp, (found: readonly string[]) => string])[] = [
  [
    /(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)/g,
    ([, y = '', m = '', d = '']) => `${digitByDigit(y)}年${day(m, d)}`,
  ],
  [/(\d{4})(?=年)/g, ([, year = '']) => digitByDigit(year)],
  [/(\d{1,2})月(\d{1,2})(?=[日号])/g, ([, m = '', d = '']) => day(m, d).slice(0, -1)],
  [/(?<!\d)([01]?\d|2[0-4])[:：]([0-5]\d)(?![\d:：])/g, ([, h = '', m = '']) => time(h, m)],
  [new RegExp(`[¥￥](${AMOUNT})(?:元)?`, 'g'), ([, yuan = '']) => money(yuan)],
  [new RegExp(`(${AMOUNT})元`, 'g'), ([, yuan = '']) => money(yuan)],
  [/(\d+(?:\.\d+)?)%/g, ([, n = '']) => `百分之${n.includes('.') ? decimal(n) : chineseNumber(Number(n))}`],
  // A number that belongs to something: telephone, card, certificate, with its dashes left out.
  [
    /(?<![\dA-Za-z])(?=[A-Za-z-]*\d)[\dA-Za-z]+(?:-[\dA-Za-z]+)+/g,
    ([all = '']) => dialled(all.replaceAll('-', ' ')),
  ],
  [/\d{7,}[\dXx]?|(?<!\d)\d{5,6}(?=[，。、；！？\s]|$)/g, ([all = '']) => dialled(all)],
  [/(?<!\d)(\d{1,9}\.\d+)/g, ([, n = '']) => decimal(n)],
  [/第(\d+)/g, ([, n = '']) => `第${chineseNumber(Number(n))}`],
  [/(\d+)(?=[号月日楼层栋幢单室])/g, ([, n = '']) => (n.length > 4 ? dialled(n) : chineseNumber(Number(n)))],
  [/\d+/g, ([all = '']) => count(all)],
];
