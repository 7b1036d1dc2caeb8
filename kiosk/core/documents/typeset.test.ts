import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bundledFonts, openFontChain } from './fonts.ts';
import { setLine, setParagraph } from './typeset.ts';

const fonts = openFontChain(bundledFonts);
const style = { size: 10, weight: 'regular' as const };
const textOf = (line: { runs: readonly { text: string }[] }): string =>
  line.runs.map(({ text }) => text).join('');
const set = (text: string, width: number, indent = 0) => {
  const lines = setParagraph(text, style, fonts, width, indent);
  if (!lines.ok) throw new Error('missing glyph');
  return lines.value;
};

describe('setting paragraphs', () => {
  test('nothing is lost or added, no line is too wide, no line begins with a mark', () => {
    const words = fc.array(
      fc.constantFrom('证', '明，', '地。', '（荷花）', '荷花', ' ', '12', '幢', 'DUPONT', 'a'),
    );
    fc.assert(
      fc.property(words, fc.integer({ min: 60, max: 200 }), (parts, width) => {
        const text = parts.join('');
        const lines = set(text, width, 20);
        expect(lines.map(textOf).join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
        for (const [index, line] of lines.entries()) {
          expect(textOf(line)).not.toMatch(/^[，。）]|（$/);
          expect(line.width).toBeLessThanOrEqual(width - (index === 0 ? 20 : 0) + 1e-6);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('marks stay with what they belong to', () => {
    expect(set('证DUPONT12地。', 65).map(textOf)).toEqual(['证', 'DUPONT12', '地。']);
    expect(set('荷花社区，特此证明。', 40).map(textOf)).toEqual(['荷花社', '区，特此', '证明。']);
  });

  test('numbers and dates stay together, and a number too long for a line is broken', () => {
    expect(set('兹自1999年1月1日起', 65).map(textOf)).toEqual(['兹自', '1999年1月1日', '起']);
    expect(set('号码 999901196012300378', 100).map(textOf)).toEqual(['号码', '999901196012300378']);
    expect(set('999901196012300378', 40).map(textOf)).toEqual(['99990119', '60123003', '78']);
  });

  test('all digits are half an em wide', () => {
    for (const digits of ['11111111', '40807695']) {
      expect(setLine(digits, style, fonts)).toMatchObject({ value: { width: 40 } });
    }
  });

  test('a character no font has is told by its code point alone', () => {
    expect(setLine('陈\u{E123}', style, fonts)).toEqual({
      ok: false,
      error: { reason: 'missing-glyph', codePoint: 0xe123 },
    });
  });
});
