import fc from 'fast-check';
import { expect, test } from 'vitest';
import { systemClock } from '../../device.ts';
import { arrangeReceipt, type DrawnElement, type PrintedReceipt } from '../document/index.ts';
import { simulateReceiptPrinter } from '../simulator/index.ts';
import { anyDocument } from '../testing/any-document.ts';
import { blockFont } from '../testing/block-font.ts';
import { createCommandParser, type PrinterCommand } from './command-parser.ts';
import { encodeReceipt } from './encode.ts';

const options = { columns: 48, rasterise: blockFont() };

/** Where the bytes hold what a printer would carry out as a real-time command. */
const realTimeCommands = (bytes: Uint8Array): number[] =>
  [...bytes.keys()].filter((at) => bytes[at] === 0x10 && [0x04, 0x05, 0x14].includes(bytes[at + 1] ?? 0));

/** What each element may make the printer do; settings aside, which only an arrangement's own elements change. */
const ACTIONS: Record<string, string> = {
  line: 'line-feed',
  feed: 'feed',
  qr: 'qr-print',
  barcode: 'barcode',
  raster: 'raster',
  cut: 'cut',
};
const SETTINGS = new Set([
  'character',
  'align',
  'bold',
  'underline',
  'invert',
  'size',
  'qr-size',
  'qr-store',
  'barcode-height',
  'barcode-width',
]);

test('whatever a document says, the printer carries out only what the document asks for', () => {
  fc.assert(
    fc.property(anyDocument, (document) => {
      const arranged = arrangeReceipt(document, options);
      const encoded = encodeReceipt(document, options);
      if (!arranged.ok || !encoded.ok) throw new Error('the block font has every character');
      expect(realTimeCommands(encoded.value)).toEqual([]);
      const parser = createCommandParser();
      const commands: PrinterCommand[] = [];
      for (const byte of encoded.value) {
        const command = parser.feed(byte);
        if (command) commands.push(command);
      }
      const actions = commands.map(({ kind }) => kind).filter((kind) => !SETTINGS.has(kind));
      expect(actions).toEqual([
        'initialise',
        ...arranged.value.map(({ kind }) => ACTIONS[kind]),
        'paper-status',
      ]);
    }),
    { numRuns: 150 },
  );
});

test('the preview is what comes out: the printer draws from the bytes what was laid out', () => {
  fc.assert(
    fc.property(anyDocument, (document) => {
      const arranged = arrangeReceipt(document, options);
      const encoded = encodeReceipt({ lines: [...document.lines, { kind: 'cut' }] }, options);
      if (!arranged.ok || !encoded.ok) throw new Error('the block font has every character');
      const slips: PrintedReceipt[] = [];
      const printer = simulateReceiptPrinter({ clock: systemClock, columns: 48, speedMmPerSecond: 0 });
      printer.onReceipt((slip) => slips.push(slip));
      printer.receive(encoded.value);
      const pieces: DrawnElement[][] = [[]];
      for (const element of arranged.value) {
        if (element.kind === 'cut') pieces.push([]);
        else pieces.at(-1)?.push(element);
      }
      const blank = (piece: DrawnElement[]): boolean =>
        piece.every(({ kind, ...rest }) => kind === 'feed' || ('runs' in rest && rest.runs.length === 0));
      expect(slips.map(({ lines }) => lines)).toEqual(pieces.filter((piece) => !blank(piece)));
    }),
    { numRuns: 150 },
  );
});

test('a QR code of a length whose two bytes read like DLE EOT or DLE ENQ asks for what no printer knows', () => {
  for (const [length, next] of [
    [1037, 0x04],
    [1293, 0x05],
  ] as const) {
    const encoded = encodeReceipt({ lines: [{ kind: 'qr', data: 'x'.repeat(length) }] }, options);
    if (!encoded.ok) throw new Error(encoded.error.reason);
    const at = realTimeCommands(encoded.value);
    expect(at).toHaveLength(1);
    expect([...encoded.value.subarray(at[0], (at[0] ?? 0) + 3)]).toEqual([0x10, next, 0x31]);
    const said: Uint8Array[] = [];
    const printer = simulateReceiptPrinter({ clock: systemClock, columns: 48, speedMmPerSecond: 0 });
    printer.answerTo((bytes) => said.push(bytes));
    printer.receive(encoded.value);
    expect(said).toEqual([Uint8Array.of(0x00)]);
  }
});
