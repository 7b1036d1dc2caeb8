/**
 * Receipts as ESC/POS bytes, the printer command set introduced by Epson and spoken by most receipt printers. Pure.
 */

import { ok, type Result } from '../../device.ts';
import {
  type Align,
  type ArrangedElement,
  arrangeReceipt,
  type Bitmap,
  type CutMode,
  code128Segments,
  code128Values,
  type EncodeError,
  type EncodeOptions,
  LINE_DOTS,
  printerCode,
  type ReceiptDocument,
  type TextRun,
} from '../document/index.ts';

const ALIGN: Record<Align, number> = { left: 0, center: 1, right: 2 };

/** ESC @: settings as at power-on. Every receipt begins with it. */
export const INITIALISE = Uint8Array.of(0x1b, 0x40);
/** Then code page 0 and Chinese mode on. */
const PROLOGUE = [...INITIALISE, 0x1b, 0x74, 0x00, 0x1c, 0x26];

/** GS r 1: the printer answers with one byte once it has worked through everything before it. */
export const BARRIER = Uint8Array.of(0x1d, 0x72, 0x01);

/** Feed to the cutter and cut, leaving one point standing, or none. */
export const CUT: Readonly<Record<CutMode, Uint8Array>> = {
  partial: Uint8Array.of(0x1d, 0x56, 0x42, 0x00),
  full: Uint8Array.of(0x1d, 0x56, 0x41, 0x00),
};

/** Collects bytes; commands are written whole. */
class Output {
  #bytes: number[] = [];

  add(...bytes: number[]): void {
    this.#bytes.push(...bytes);
  }

  addAll(bytes: Iterable<number>): void {
    for (const byte of bytes) this.#bytes.push(byte);
  }

  take(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}

const run = (out: Output, { text, bold, underline, inverted, width, height }: TextRun): void => {
  out.add(0x1b, 0x45, bold ? 1 : 0, 0x1b, 0x2d, underline ? 1 : 0, 0x1d, 0x42, inverted ? 1 : 0);
  out.add(0x1d, 0x21, ((width - 1) << 4) | (height - 1));
  for (const character of text) {
    const code = printerCode(character);
    if (code > 0xff) out.add(code >> 8);
    out.add(code & 0xff);
  }
};

/**
 * The two length bytes may read 10 04 or 10 05 (1037 or 1293 bytes of data): as a real-time command that would ask
 * for status 31 or recovery 31, which no printer knows and which therefore does nothing.
 */
const qr = (out: Output, data: string, moduleDots: number): void => {
  const bytes = new TextEncoder().encode(data);
  const length = bytes.length + 3;
  out.add(0x1d, 0x28, 0x6b, 0x04, 0x00, 0x31, 0x41, 0x32, 0x00);
  out.add(0x1d, 0x28, 0x6b, 0x03, 0x00, 0x31, 0x43, moduleDots);
  out.add(0x1d, 0x28, 0x6b, 0x03, 0x00, 0x31, 0x45, 0x31);
  out.add(0x1d, 0x28, 0x6b, length & 0xff, length >> 8, 0x31, 0x50, 0x30);
  out.addAll(bytes);
  out.add(0x1d, 0x28, 0x6b, 0x03, 0x00, 0x31, 0x51, 0x30);
};

/** `{B` and `{C` choose the code set; in set B a brace is written twice. */
const barcode = (out: Output, data: string, moduleDots: number, dots: number): void => {
  const bytes = code128Segments(data).flatMap((segment) =>
    segment.set === 'C'
      ? [0x7b, 0x43, ...code128Values(segment)]
      : [0x7b, 0x42, ...new TextEncoder().encode(segment.text.replaceAll('{', '{{'))],
  );
  out.add(0x1d, 0x68, dots, 0x1d, 0x77, moduleDots, 0x1d, 0x48, 0x02);
  out.add(0x1d, 0x6b, 0x49, bytes.length);
  out.addAll(bytes);
};

const raster = (out: Output, { width, height, data }: Bitmap): void => {
  const stride = Math.ceil(width / 8);
  out.add(0x1d, 0x76, 0x30, 0x00, stride & 0xff, stride >> 8, height & 0xff, height >> 8);
  out.addAll(data);
};

const element = (out: Output, item: ArrangedElement): void => {
  if ('align' in item) out.add(0x1b, 0x61, ALIGN[item.align]);
  switch (item.kind) {
    case 'line':
      for (const each of item.runs) run(out, each);
      out.add(0x0a);
      return;
    case 'feed':
      out.add(0x1b, 0x64, Math.round(item.dots / LINE_DOTS));
      return;
    case 'qr':
      qr(out, item.data, item.moduleDots);
      return;
    case 'barcode':
      barcode(out, item.data, item.moduleDots, item.dots);
      return;
    case 'raster':
      raster(out, item.image);
      return;
    case 'cut':
      out.addAll(CUT[item.mode]);
      return;
    default:
      item satisfies never;
  }
};

/** The whole document, from initialisation to the barrier. */
export const encodeReceipt = (
  document: ReceiptDocument,
  options: EncodeOptions,
): Result<Uint8Array, EncodeError> => {
  const arranged = arrangeReceipt(document, options);
  if (!arranged.ok) return arranged;
  const out = new Output();
  out.add(...PROLOGUE);
  for (const item of arranged.value) element(out, item);
  out.addAll(BARRIER);
  return ok(out.take());
};
