/** Documents of every kind, with whatever a resident's data may hold. */

import fc from 'fast-check';
import type { ReceiptDocument, ReceiptElement, TextStyle } from '../document/index.ts';

const HOSTILE = [
  '\u0010\u0004\u0001',
  '\u0010\u0005\u0002',
  '\u0010\u0014\u0001',
  '\u001b@',
  '\u001dV\u0000',
  '\u001dr\u0001',
  '\n',
  '\r\n',
  '中',
  '居住证明',
  '，',
  'a word',
  '{B{C{{',
  '1604160516201004',
  '123456',
  'é',
  '\u9fb4',
  '\ue000',
  '𠮷',
  '\ud800',
];
const text = fc
  .oneof(
    fc.array(fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary', maxLength: 6 })), {
      maxLength: 8,
    }),
  )
  .map((parts) => parts.join(''));
const ascii = fc
  .array(
    fc.oneof(
      fc.constantFrom('1604160516201004', '123456', '{', '}'),
      fc.string({ unit: 'grapheme-ascii', maxLength: 4 }),
    ),
    {
      minLength: 1,
      maxLength: 6,
    },
  )
  .map((parts) => parts.join('').slice(0, 18))
  .filter((data) => data.length > 0);

const align = fc.constantFrom('left' as const, 'center' as const, 'right' as const);
const style: fc.Arbitrary<TextStyle> = fc.record({
  bold: fc.boolean(),
  underline: fc.boolean(),
  inverted: fc.boolean(),
  size: fc.constantFrom(1 as const, 2 as const, 'wide' as const, 'tall' as const),
});
const image = fc
  .tuple(fc.integer({ min: 1, max: 90 }), fc.integer({ min: 1, max: 40 }))
  .chain(([width, height]) => {
    const length = Math.ceil(width / 8) * height;
    return fc
      .array(fc.constantFrom(0x10, 0x04, 0x05, 0x14, 0x01, 0x1d, 0x72, 0xff, 0x00), {
        minLength: length,
        maxLength: length,
      })
      .map((data) => ({ width, height, data: Uint8Array.from(data) }));
  });

const withoutControls = text.map(
  (value) =>
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a QR code takes everything but these.
    `x${value.toWellFormed().replace(/[\u0000-\u001f\u007f-\u009f]/g, '')}`,
);

const element: fc.Arbitrary<ReceiptElement> = fc.oneof(
  fc
    .tuple(text, align, style)
    .map(([value, at, look]) => ({ kind: 'text' as const, text: value, align: at, ...look })),
  fc.tuple(fc.array(fc.record({ text }), { minLength: 1, maxLength: 3 }), style).map(([cells, look]) => ({
    kind: 'columns' as const,
    cells,
    ...look,
  })),
  fc.constant({ kind: 'rule' as const }),
  fc.integer({ min: 0, max: 300 }).map((lines) => ({ kind: 'feed' as const, lines })),
  fc.tuple(withoutControls, align, fc.integer({ min: 1, max: 16 })).map(([data, at, size]) => ({
    kind: 'qr' as const,
    data,
    size,
    align: at,
  })),
  fc.tuple(ascii, align).map(([data, at]) => ({ kind: 'code128' as const, data, align: at })),
  fc.tuple(image, align).map(([bitmap, at]) => ({ kind: 'image' as const, image: bitmap, align: at })),
  fc.constantFrom('partial' as const, 'full' as const).map((mode) => ({ kind: 'cut' as const, mode })),
);

export const anyDocument: fc.Arbitrary<ReceiptDocument> = fc
  .array(element, { maxLength: 8 })
  .map((lines) => ({ lines }));
