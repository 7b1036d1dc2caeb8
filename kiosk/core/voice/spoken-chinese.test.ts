import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chineseNumber, spokenChinese } from './spoken-chinese.ts';

/** Reads a Chinese number, as a listener would. */
function heard(words: string): number {
  const digits = '零一二三四五六七八九';
  const places: Readonly<Record<string, number>> = { 十: 10, 百: 100, 千: 1000 };
  const groups: Readonly<Record<string, number>> = { 万: 1e4, 亿: 1e8 };
  let total = 0;
  let group = 0;
  let digit = 0;
  for (const word of words) {
    const place = places[word];
    const unit = groups[word];
    if (place !== undefined) {
      group += (digit || 1) * place;
      digit = 0;
    } else if (unit !== undefined) {
      total += (group + digit) * unit;
      group = 0;
      digit = 0;
    } else digit = digits.indexOf(word);
  }
  return total + group + digit;
}

test('a listener hears the number that was meant', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.nat(99_999),
        fc.maxSafeNat().map((n) => n % 1e12),
      ),
      (value) => {
        expect(heard(chineseNumber(value))).toBe(value);
      },
    ),
  );
});

test.each([
  [0, '零'],
  [10, '十'],
  [12, '十二'],
  [105, '一百零五'],
  [110, '一百一十'],
  [2026, '二千零二十六'],
  [20_300, '二万零三百'],
  [100_010, '十万零一十'],
  [100_000_001, '一亿零一'],
])('%d is %s', (value, words) => expect(chineseNumber(value)).toBe(words));

test.each([
  ['2026年11月22日', '二零二六年十一月二十二日'],
  ['2026-11-02', '二零二六年十一月二日'],
  ['11月22号上午9:05', '十一月二十二号上午九点零五分'],
  ['14:00', '十四点整'],
  ['3.50元', '三元五角'],
  ['￥1,200.05', '一千二百元零五分'],
  ['12元', '十二元'],
  ['要2份，等10分钟', '要两份，等十分钟'],
  ['第2步', '第二步'],
  ['2号楼3单元1202室', '二号楼三单元一千二百零二室'],
  ['电话010-12345', '电话零幺零 幺二三四五'],
  ['请打12345。', '请打幺二三四五。'],
  ['证件号999901194803120243', '证件号九九九九零幺幺九四八零三幺二零二四三'],
  ['编号JZ-0001-000123', '编号JZ 零零零幺 零零零幺二三'],
  ['3.14', '三点一四'],
  ['满意率98.5%', '满意率百分之九十八点五'],
  ['没有数字', '没有数字'],
])('%s is said as %s', (text, said) => expect(spokenChinese(text)).toBe(said));

test('no figure is left, whatever is written', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...'0123456789.-:,元年月日号份第%￥ 。甲A'), maxLength: 30 }),
      (text) => {
        expect(spokenChinese(text)).not.toMatch(/\d/);
      },
    ),
  );
});
