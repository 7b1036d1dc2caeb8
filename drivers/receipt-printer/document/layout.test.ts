import fc from 'fast-check';
import { expect, test } from 'vitest';
import { layoutColumns, textWidth, withoutControls, wrap } from './layout.ts';

const words = fc.string({ unit: fc.constantFrom(...'中文字，。（A b1-é\u0007\n'), maxLength: 200 });

test('no wrapped line is wider than the paper', () => {
  fc.assert(
    fc.property(words, fc.integer({ min: 2, max: 48 }), (text, width) => {
      for (const line of wrap(text, width)) expect(textWidth(line)).toBeLessThanOrEqual(width);
    }),
  );
});

test('wrapping loses nothing but spaces and line ends', () => {
  const bare = (text: string) => withoutControls(text.replaceAll('\n', '')).replaceAll(' ', '');
  fc.assert(
    fc.property(words, fc.integer({ min: 2, max: 48 }), (text, width) => {
      expect(bare(wrap(text, width).join(''))).toBe(bare(text));
    }),
  );
});

test('words stay whole and closing marks do not begin a line', () => {
  expect(wrap('residence permit', 10)).toEqual(['residence', 'permit']);
  expect(wrap('现住地址，浙江', 8)).toEqual(['现住地', '址，浙江']);
});

test('cells keep to their columns, wide characters counted twice', () => {
  const lines = layoutColumns(
    {
      kind: 'columns',
      cells: [
        { text: '居住证明', width: 6 },
        { text: 'ok', align: 'right' },
      ],
    },
    16,
  );
  expect(lines.map((line) => line.text)).toEqual(['居住证        ok', '明']);
});

test('a row of cells is never wider than the paper when the widths asked for fit', () => {
  const cell = fc.record({ text: words, align: fc.constantFrom('left' as const, 'right' as const) });
  fc.assert(
    fc.property(fc.array(cell, { minLength: 1, maxLength: 5 }), (cells) => {
      for (const line of layoutColumns({ kind: 'columns', cells }, 32)) {
        expect(textWidth(line.text)).toBeLessThanOrEqual(32);
      }
    }),
  );
});
