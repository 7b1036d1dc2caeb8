import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyDocument } from '../testing/any-document.ts';
import { blockFont } from '../testing/block-font.ts';
import { createCommandParser, type PrinterCommand } from './command-parser.ts';
import { encodeReceipt } from './encode.ts';
import { receiptRedaction } from './redaction.ts';
import { askStatus, RECOVER_AND_CLEAR } from './status.ts';

const options = { columns: 48, rasterise: blockFont() };

const redact = (bytes: Uint8Array, sizes: readonly number[] = []): Uint8Array => {
  const { output } = receiptRedaction();
  const out: number[] = [];
  let at = 0;
  for (const size of [...sizes, bytes.length]) {
    for (const chunk of output.push(bytes.subarray(at, at + size))) out.push(...chunk);
    at += size;
  }
  for (const chunk of output.end()) out.push(...chunk);
  return Uint8Array.from(out);
};

const commandsOf = (bytes: Uint8Array): PrinterCommand[] => {
  const parser = createCommandParser();
  return [...bytes].map((byte) => parser.feed(byte)).filter((command) => command !== null);
};

/** What is left of a command when nobody may know what it says. */
const shapeOf = (command: PrinterCommand): unknown => {
  switch (command.kind) {
    case 'character':
      return [command.kind, command.columns];
    case 'barcode':
      return [command.kind];
    case 'qr-store':
      return [command.kind, new TextEncoder().encode(command.data).length];
    case 'raster':
      return [command.kind, command.image.width, command.image.height];
    default:
      return command;
  }
};

test('the session keeps its length and its commands, however it is split, and loses what it said', () => {
  fc.assert(
    fc.property(
      anyDocument,
      fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 30 }),
      (document, sizes) => {
        const encoded = encodeReceipt(document, options);
        if (!encoded.ok) throw new Error(encoded.error.reason);
        const bytes = Uint8Array.of(...askStatus(1), ...encoded.value, ...RECOVER_AND_CLEAR);
        const redacted = redact(bytes);
        expect(redacted.length).toBe(bytes.length);
        expect(redact(bytes, sizes)).toEqual(redacted);
        expect(redact(redacted)).toEqual(redacted);
        expect(commandsOf(redacted).map(shapeOf)).toEqual(commandsOf(bytes).map(shapeOf));
        const left = { text: '', codes: '', barcodes: '', dots: 0 };
        for (const command of commandsOf(redacted)) {
          if (command.kind === 'character') left.text += command.text;
          if (command.kind === 'qr-store') left.codes += command.data;
          if (command.kind === 'barcode') left.barcodes += command.data;
          if (command.kind === 'raster') left.dots += command.image.data.filter((byte) => byte !== 0).length;
        }
        expect(left.text).toMatch(/^[x0□\x20-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e]*$/);
        expect(left.codes).toMatch(/^x*$/);
        expect(left.barcodes).toMatch(/^[x0{]*$/);
        expect(left.dots).toBe(0);
      },
    ),
    { numRuns: 50 },
  );
});

test('a name, a number and a code are gone', () => {
  const encoded = encodeReceipt(
    {
      lines: [
        { kind: 'text', text: '持证人 周敏 999901196012300378' },
        { kind: 'qr', data: 'HM1:secret' },
        { kind: 'code128', data: 'R-42' },
      ],
    },
    options,
  );
  if (!encoded.ok) throw new Error(encoded.error.reason);
  const said = commandsOf(redact(encoded.value)).flatMap((command) =>
    command.kind === 'character' ? [command.text] : 'data' in command ? [command.data] : [],
  );
  expect(said.join('')).toBe('□□□ □□ 000000000000000000xxxxxxxxxxxx00');
});

test('any bytes keep their length, and what is unknown is taken for text', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(redact(bytes).length).toBe(bytes.length);
    }),
  );
  expect(Buffer.from(redact(Buffer.from('Zhou Min 42'))).toString()).toBe('xxxx xxx 00');
});

test('what the printer says stays', () => {
  const { input } = receiptRedaction();
  const said = Uint8Array.of(0x12, 0x5f, 0x54, 0x00, 0x10, 0x00, 0x0c, 0x00);
  expect(input.push(said)).toEqual([said]);
  expect(input.end()).toEqual([]);
});
