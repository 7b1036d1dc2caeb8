/**
 * Receipt documents as ESC/POS bytes, the printer command set introduced by Epson and spoken by most receipt
 * printers. Pure.
 */

import { err, ok, type Result } from '../device.ts';
import {
  type Align,
  type Bitmap,
  DOTS_PER_COLUMN,
  type ReceiptDocument,
  type ReceiptElement,
} from './document.ts';
import { printerBytes } from './gb18030.ts';
import { characterWidth, layoutColumns, layoutText, type TextLine } from './layout.ts';
import { bytesPerRow, composeLine, type PlacedGlyph, withoutRealTimeCommands } from './raster.ts';

/**
 * Draws one character 24 dots high and at most 12 (ASCII) or 24 dots wide, or says with null that it cannot.
 * Asked only for lines that hold a character the printer has no glyph for; then for every character of that line,
 * so that the line looks like one.
 */
export type Rasterise = (character: string) => Bitmap | null;

export type EncodeError =
  /** Neither the printer's font nor `rasterise` has this character. Nothing is ever substituted. */
  | { readonly reason: 'missing-glyph'; readonly codePoint: number }
  /** QR: 1-2331 bytes of UTF-8 without control characters. */
  | { readonly reason: 'invalid-qr' }
  /** CODE128: 1-120 printable ASCII characters. */
  | { readonly reason: 'invalid-code128' }
  /** The image is empty, wider than the paper, or its data does not match its size. */
  | { readonly reason: 'invalid-image' };

export interface EncodeOptions {
  readonly columns: number;
  readonly rasterise?: Rasterise;
}

const ALIGN: Record<Align, number> = { left: 0, center: 1, right: 2 };

/** Initialise; code page 0; Chinese mode on. */
const PROLOGUE = [0x1b, 0x40, 0x1b, 0x74, 0x00, 0x1c, 0x26];

/** GS r 1: the printer answers with one byte once it has worked through everything before it. */
export const BARRIER = Uint8Array.of(0x1d, 0x72, 0x01);

/** Feed to the cutter and cut, leaving one point. */
export const CUT = Uint8Array.of(0x1d, 0x56, 0x42, 0x00);

/** Data bytes of a version 40 QR code with error correction M (ISO/IEC 18004, table 7). */
const QR_MAX_BYTES = 2331;
/** `len` of GS k is one byte and counts the two bytes of `{B`; doubled braces are allowed for. */
const CODE128_MAX = 120;
/** A raster command taller than this is split: cheap printers buffer one command at a time. */
const STRIP_ROWS = 128;

const CONTROL = (codePoint: number): boolean => codePoint < 0x20 || (codePoint >= 0x7f && codePoint < 0xa0);

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

const raster = (out: Output, image: Bitmap, align: Align): void => {
  const stride = bytesPerRow(image.width);
  out.add(0x1b, 0x61, ALIGN[align]);
  for (let top = 0; top < image.height; top += STRIP_ROWS) {
    const rows = Math.min(STRIP_ROWS, image.height - top);
    out.add(0x1d, 0x76, 0x30, 0x00, stride & 0xff, stride >> 8, rows & 0xff, rows >> 8);
    out.addAll(withoutRealTimeCommands(image.data.subarray(top * stride, (top + rows) * stride)));
  }
};

const rasterLine = (out: Output, line: TextLine, rasterise: Rasterise | undefined): EncodeError | null => {
  const glyphs: PlacedGlyph[] = [];
  for (const character of line.text) {
    const cellWidth = characterWidth(character) * DOTS_PER_COLUMN;
    const glyph =
      character === ' ' ? { width: 0, height: 0, data: new Uint8Array() } : rasterise?.(character);
    if (!glyph) return { reason: 'missing-glyph', codePoint: missing(line.text, rasterise) };
    glyphs.push({ glyph, cellWidth });
  }
  raster(out, composeLine(glyphs, line), line.align);
  return null;
};

/** The character to blame: one the printer lacks if there is no rasteriser for it, else what the rasteriser lacks. */
const missing = (text: string, rasterise: Rasterise | undefined): number => {
  const unprintable = [...text].filter((character) => printerBytes(character) === null);
  const blamed =
    unprintable.find((character) => !rasterise?.(character)) ??
    [...text].find((character) => character !== ' ' && !rasterise?.(character));
  return blamed?.codePointAt(0) ?? 0xfffd;
};

const textLine = (out: Output, line: TextLine, rasterise: Rasterise | undefined): EncodeError | null => {
  const encoded: Uint8Array[] = [];
  for (const character of line.text) {
    const bytes = printerBytes(character);
    if (bytes === null) return rasterLine(out, line, rasterise);
    encoded.push(bytes);
  }
  const scale = line.size - 1;
  out.add(0x1b, 0x61, ALIGN[line.align], 0x1b, 0x45, line.bold ? 1 : 0);
  out.add(0x1b, 0x2d, line.underline ? 1 : 0, 0x1d, 0x21, (scale << 4) | scale);
  for (const bytes of encoded) out.addAll(bytes);
  out.add(0x0a);
  return null;
};

const textLines = (out: Output, lines: readonly TextLine[], options: EncodeOptions): EncodeError | null => {
  for (const line of lines) {
    const error = textLine(out, line, options.rasterise);
    if (error) return error;
  }
  return null;
};

const qr = (out: Output, data: string, size: number): EncodeError | null => {
  const bytes = new TextEncoder().encode(data);
  if (bytes.length === 0 || bytes.length > QR_MAX_BYTES || !data.isWellFormed())
    return { reason: 'invalid-qr' };
  if ([...data].some((character) => CONTROL(character.codePointAt(0) ?? 0))) return { reason: 'invalid-qr' };
  const length = bytes.length + 3;
  out.add(0x1b, 0x61, ALIGN.center);
  out.add(0x1d, 0x28, 0x6b, 0x04, 0x00, 0x31, 0x41, 0x32, 0x00);
  out.add(0x1d, 0x28, 0x6b, 0x03, 0x00, 0x31, 0x43, Math.min(16, Math.max(1, Math.floor(size))));
  out.add(0x1d, 0x28, 0x6b, 0x03, 0x00, 0x31, 0x45, 0x31);
  out.add(0x1d, 0x28, 0x6b, length & 0xff, length >> 8, 0x31, 0x50, 0x30);
  out.addAll(bytes);
  out.add(0x1d, 0x28, 0x6b, 0x03, 0x00, 0x31, 0x51, 0x30);
  return null;
};

const code128 = (out: Output, data: string): EncodeError | null => {
  if (!/^[\x20-\x7e]+$/.test(data) || data.length > CODE128_MAX) return { reason: 'invalid-code128' };
  const escaped = new TextEncoder().encode(data.replaceAll('{', '{{'));
  out.add(0x1b, 0x61, ALIGN.center);
  out.add(0x1d, 0x68, 0x50, 0x1d, 0x77, 0x02, 0x1d, 0x48, 0x02);
  out.add(0x1d, 0x6b, 0x49, escaped.length + 2, 0x7b, 0x42);
  out.addAll(escaped);
  return null;
};

const image = (out: Output, bitmap: Bitmap, align: Align, columns: number): EncodeError | null => {
  const whole = Number.isInteger(bitmap.width) && Number.isInteger(bitmap.height);
  const fits = bitmap.width > 0 && bitmap.height > 0 && bitmap.width <= columns * DOTS_PER_COLUMN;
  if (!whole || !fits || bitmap.data.length !== bytesPerRow(bitmap.width) * bitmap.height) {
    return { reason: 'invalid-image' };
  }
  raster(out, bitmap, align);
  return null;
};

const feed = (out: Output, lines: number): null => {
  for (let left = Math.max(0, Math.floor(lines)); left > 0; left -= 255)
    out.add(0x1b, 0x64, Math.min(255, left));
  return null;
};

const element = (out: Output, item: ReceiptElement, options: EncodeOptions): EncodeError | null => {
  switch (item.kind) {
    case 'text':
      return textLines(out, layoutText(item, options.columns), options);
    case 'columns':
      return textLines(out, layoutColumns(item, options.columns), options);
    case 'rule':
      return textLines(
        out,
        layoutText({ kind: 'text', text: '-'.repeat(options.columns) }, options.columns),
        options,
      );
    case 'feed':
      return feed(out, item.lines);
    case 'qr':
      return qr(out, item.data, item.size ?? 6);
    case 'code128':
      return code128(out, item.data);
    case 'image':
      return image(out, item.image, item.align ?? 'left', options.columns);
    case 'cut':
      out.addAll(CUT);
      return null;
  }
};

/** The whole document, from initialisation to the barrier. */
export const encodeReceipt = (
  document: ReceiptDocument,
  options: EncodeOptions,
): Result<Uint8Array, EncodeError> => {
  const out = new Output();
  out.add(...PROLOGUE);
  for (const item of document.lines) {
    const error = element(out, item, options);
    if (error) return err(error);
  }
  out.addAll(BARRIER);
  return ok(out.take());
};
