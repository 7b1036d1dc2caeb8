import fc from 'fast-check';
import { expect, test } from 'vitest';
import { systemClock } from '../../device.ts';
import { isBlack, paint } from '../document/bitmap.ts';
import type { ReceiptDocument, ReceiptElement } from '../document/index.ts';
import { type PrintedReceipt, receiptText } from '../document/index.ts';
import { wrap } from '../document/layout.ts';
import { simulateReceiptPrinter } from '../simulator/index.ts';
import { blockFont } from '../testing/block-font.ts';
import { sampleReceipt } from '../testing/sample-receipt.ts';
import { encodeReceipt } from './encode.ts';

const encode = (document: ReceiptDocument, rasterise?: ReturnType<typeof blockFont>): Uint8Array => {
  const encoded = encodeReceipt(document, { columns: 48, ...(rasterise ? { rasterise } : {}) });
  if (!encoded.ok) throw new Error(encoded.error.reason);
  return encoded.value;
};

/** What the printer makes of the bytes, cut into chunks of the given sizes. */
const print = (bytes: Uint8Array, sizes: readonly number[] = []) => {
  const receipts: PrintedReceipt[] = [];
  const answers: number[] = [];
  const printer = simulateReceiptPrinter({ clock: systemClock, columns: 48, speedMmPerSecond: 0 });
  printer.answerTo((answer) => answers.push(...answer));
  printer.onReceipt((receipt) => receipts.push(receipt));
  let at = 0;
  for (const size of sizes) {
    printer.receive(bytes.subarray(at, at + size));
    at += size;
  }
  printer.receive(bytes.subarray(Math.min(at, bytes.length)));
  return { receipts, answers };
};

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const cut: ReceiptElement = { kind: 'cut' };

test('begins with initialisation and Chinese mode, ends with the barrier', () => {
  expect(hex(encode({ lines: [] }))).toBe('1b401b74001c261d7201');
});

test('text is style, GB18030 bytes, line feed', () => {
  const bytes = encode({ lines: [{ kind: 'text', text: '中A', align: 'center', bold: true, size: 2 }] });
  expect(hex(bytes)).toContain('1b61011b45011b2d001d42001d2111d6d0410a');
});

test('QR and CODE128 are the bytes of the command tables', () => {
  const bytes = hex(
    encode({
      lines: [
        { kind: 'qr', data: 'AB', size: 4 },
        { kind: 'code128', data: 'a{b' },
      ],
    }),
  );
  expect(bytes).toContain(
    '1d286b0400314132001d286b03003143041d286b03003145311d286b050031503041421d286b0300315130',
  );
  expect(bytes).toContain('1d6b49067b42617b7b62');
});

test('characters no printer font has: a value without a rasteriser, dots with one', () => {
  for (const [text, codePoint] of [
    ['王𠮷', 0x20bb7],
    ['\ue123', 0xe123],
    ['a\ud800', 0xfffd],
  ] as const) {
    const document: ReceiptDocument = { lines: [{ kind: 'text', text }, cut] };
    expect(encodeReceipt(document, { columns: 48 })).toEqual({
      ok: false,
      error: { reason: 'missing-glyph', codePoint },
    });
    const drawn = print(encode(document, blockFont())).receipts[0]?.lines[0];
    expect(drawn?.kind).toBe('raster');
  }
  const half = encodeReceipt(
    { lines: [{ kind: 'text', text: '王𠮷' }] },
    { columns: 48, rasterise: blockFont('王') },
  );
  expect(half).toEqual({ ok: false, error: { reason: 'missing-glyph', codePoint: '王'.codePointAt(0) } });
});

test('what cannot be printed is an error value', () => {
  const reason = (item: ReceiptElement) => {
    const encoded = encodeReceipt({ lines: [item] }, { columns: 48 });
    return encoded.ok ? 'ok' : encoded.error.reason;
  };
  expect(reason({ kind: 'qr', data: '' })).toBe('invalid-qr');
  expect(reason({ kind: 'qr', data: 'a\u0010\u0004\u0001' })).toBe('invalid-qr');
  expect(reason({ kind: 'qr', data: 'x'.repeat(2332) })).toBe('invalid-qr');
  expect(reason({ kind: 'qr', data: 'x'.repeat(2331) })).toBe('ok');
  expect(reason({ kind: 'code128', data: '中' })).toBe('invalid-code128');
  expect(reason({ kind: 'image', image: { width: 8, height: 2, data: new Uint8Array(1) } })).toBe(
    'invalid-image',
  );
  expect(reason({ kind: 'image', image: paint(577, 1, () => true) })).toBe('invalid-image');
});

test('an image arrives dot by dot, its tall ones in strips', () => {
  const image = paint(40, 300, (x, y) => ((x >> 1) + y) % 2 === 0 || y % 7 === 0);
  const slip = print(encode({ lines: [{ kind: 'image', image, align: 'right' }, cut] })).receipts[0];
  const strips = slip?.lines.flatMap((element) => (element.kind === 'raster' ? [element.image] : [])) ?? [];
  expect(strips.reduce((sum, strip) => sum + strip.height, 0)).toBe(300);
  let top = 0;
  for (const strip of strips) {
    for (let y = 0; y < strip.height; y += 1) {
      for (let x = 0; x < 40; x += 1) expect(isBlack(strip, x, y)).toBe(isBlack(image, x, top + y));
    }
    top += strip.height;
  }
});

test('no text and no image can make the printer carry out a command', () => {
  const hostile = fc.array(
    fc.constantFrom(
      '\u0010',
      '\u0004',
      '\u0005',
      '\u0001',
      '\u0002',
      '\u001b',
      '\u001d',
      '@',
      'V',
      'r',
      '中',
      'a',
    ),
    { maxLength: 40 },
  );
  const dots = fc.array(fc.constantFrom(0x10, 0x04, 0x05, 0x01, 0x02, 0x14, 0x1d, 0x72), {
    minLength: 30,
    maxLength: 30,
  });
  fc.assert(
    fc.property(hostile, dots, (text, data) => {
      const image = { width: 40, height: 6, data: Uint8Array.from(data) };
      const bytes = encode({ lines: [{ kind: 'text', text: text.join('') }, { kind: 'image', image }, cut] });
      const { receipts, answers } = print(bytes);
      expect(receipts).toHaveLength(1);
      expect(answers).toEqual([0x00]);
    }),
  );
});

test('any text comes out of an independent decoder as it was laid out', () => {
  const text = fc.string({
    unit: fc.constantFrom(...'惠民服务终端居住证明，。（）ABC abc 123 éЖα①'),
    maxLength: 120,
  });
  fc.assert(
    fc.property(text, (words) => {
      const slip = print(encode({ lines: [{ kind: 'text', text: `x${words}` }, cut] })).receipts[0];
      expect(slip && receiptText(slip)).toBe(wrap(`x${words}`, 48).join('\n'));
    }),
  );
});

test('a receipt is the same however its bytes are split', () => {
  const bytes = encode(sampleReceipt(['𠮷']), blockFont());
  const whole = print(bytes).receipts.map((receipt) => receipt.lines);
  expect(whole).toHaveLength(1);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 60 }), (sizes) => {
      expect(print(bytes, sizes).receipts.map((receipt) => receipt.lines)).toEqual(whole);
    }),
    { numRuns: 30 },
  );
});

test('the simulated printer survives any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
      expect(print(noise).receipts.length).toBeLessThanOrEqual(300);
    }),
  );
});
