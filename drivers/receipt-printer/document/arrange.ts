/**
 * From a document to everything that will stand on the paper, in order. The encoder turns this into bytes and the
 * preview into a picture, so that the two cannot disagree. Pure.
 */

import { err, ok, type Result } from '../../device.ts';
import { bytesPerRow, composeLine, GLYPH_DOTS, LINE_DOTS, type PlacedGlyph, strips } from './bitmap.ts';
import { code128Widths } from './code128.ts';
import {
  type Align,
  type Bitmap,
  DOTS_PER_COLUMN,
  type ReceiptDocument,
  type ReceiptElement,
} from './document.ts';
import { type ArrangedElement, characterWidth } from './drawn.ts';
import { layoutColumns, layoutText, type TextLine } from './layout.ts';
import { printerCode } from './printer-font.ts';

/**
 * Draws one character 24 dots high and at most 12 (ASCII) or 24 dots wide, or says with null that it cannot.
 * Asked only for lines that hold a character the printer has no glyph for; then for every character of that line,
 * so that the line looks like one.
 */
export type Rasterise = (character: string) => Bitmap | null;

/** Why a document cannot be printed. */
export type EncodeError =
  /** Neither the printer's font nor `rasterise` has this character. Nothing is ever substituted. */
  | { readonly reason: 'missing-glyph'; readonly codePoint: number }
  /** QR: 1-2331 bytes of UTF-8 without control characters. */
  | { readonly reason: 'invalid-qr' }
  /** CODE128: 1-120 printable ASCII characters, as many as fit the paper (23 on 80 mm, more if digits). */
  | { readonly reason: 'invalid-code128' }
  /** The image is empty, wider than the paper, or its data does not match its size. */
  | { readonly reason: 'invalid-image' };

export interface EncodeOptions {
  /** Columns of the paper: 48 for 80 mm, 32 for 58 mm. */
  readonly columns: number;
  /** Dots across the paper; 12 a column unless told. */
  readonly dotsPerLine?: number;
  readonly rasterise?: Rasterise;
}

type Arranged = Result<readonly ArrangedElement[], EncodeError>;

/** Data bytes of a version 40 QR code with error correction M (ISO/IEC 18004, table 7). */
const QR_MAX_BYTES = 2331;
/** The length of GS k is one byte and counts the marks of the code sets; doubled braces are allowed for. */
const CODE128_MAX = 120;
const BARCODE_DOTS = 80;
const BARCODE_MODULE_DOTS = 2;
/** A picture is sent in commands of at most this many bytes of data. */
const STRIP_BYTES = 1024;

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what is looked for.
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
const EMPTY: Bitmap = { width: 0, height: 0, data: new Uint8Array() };

const raster = (image: Bitmap, align: Align): ArrangedElement[] =>
  strips(image, STRIP_BYTES).map((strip) => ({ kind: 'raster', align, image: strip }));

/** The character to blame: one the printer lacks if there is no rasteriser for it, else what the rasteriser lacks. */
const missing = (text: string, rasterise: Rasterise | undefined): EncodeError => {
  const unprintable = [...text].filter((character) => printerCode(character) === 0);
  const blamed =
    unprintable.find((character) => !rasterise?.(character)) ??
    [...text].find((character) => character !== ' ' && !rasterise?.(character));
  return { reason: 'missing-glyph', codePoint: blamed?.codePointAt(0) ?? 0xfffd };
};

const drawnLine = (line: TextLine, rasterise: Rasterise | undefined): Arranged => {
  const glyphs: PlacedGlyph[] = [];
  for (const character of line.text) {
    const cellWidth = characterWidth(character) * DOTS_PER_COLUMN;
    const glyph = character === ' ' ? EMPTY : rasterise?.(character);
    if (!glyph) return err(missing(line.text, rasterise));
    glyphs.push({ glyph, cellWidth });
  }
  return ok(raster(composeLine(glyphs, line.style), line.align));
};

const textLine = ({ text, align, style }: TextLine, rasterise: Rasterise | undefined): Arranged => {
  for (const character of text) {
    if (printerCode(character) === 0) return drawnLine({ text, align, style }, rasterise);
  }
  const dots = text === '' ? LINE_DOTS : Math.max(LINE_DOTS, GLYPH_DOTS * style.height);
  return ok([{ kind: 'line', align, runs: text === '' ? [] : [{ text, ...style }], dots }]);
};

const textLines = (lines: readonly TextLine[], { rasterise }: EncodeOptions): Arranged => {
  const all: ArrangedElement[] = [];
  for (const line of lines) {
    const arranged = textLine(line, rasterise);
    if (!arranged.ok) return arranged;
    all.push(...arranged.value);
  }
  return ok(all);
};

const qr = (data: string, size: number, align: Align): Arranged => {
  const length = new TextEncoder().encode(data).length;
  const tooLong = length === 0 || length > QR_MAX_BYTES;
  if (tooLong || !data.isWellFormed() || CONTROL.test(data)) return err({ reason: 'invalid-qr' });
  return ok([{ kind: 'qr', align, data, moduleDots: Math.min(16, Math.max(1, Math.floor(size))) }]);
};

const code128 = (data: string, align: Align, dotsPerLine: number): Arranged => {
  if (!/^[\x20-\x7e]+$/.test(data) || data.length > CODE128_MAX) return err({ reason: 'invalid-code128' });
  const modules = code128Widths(data).reduce((sum, width) => sum + width, 0);
  if (modules * BARCODE_MODULE_DOTS > dotsPerLine) return err({ reason: 'invalid-code128' });
  return ok([{ kind: 'barcode', align, data, moduleDots: BARCODE_MODULE_DOTS, dots: BARCODE_DOTS }]);
};

const image = (bitmap: Bitmap, align: Align, dotsPerLine: number): Arranged => {
  const whole = Number.isInteger(bitmap.width) && Number.isInteger(bitmap.height);
  const fits = bitmap.width > 0 && bitmap.height > 0 && bitmap.width <= dotsPerLine;
  if (!whole || !fits || bitmap.data.length !== bytesPerRow(bitmap.width) * bitmap.height) {
    return err({ reason: 'invalid-image' });
  }
  return ok(raster(bitmap, align));
};

/** ESC d feeds at most 255 lines at once. */
const feed = (lines: number): ArrangedElement[] => {
  const feeds: ArrangedElement[] = [];
  for (let left = Math.max(0, Math.floor(lines)); left > 0; left -= 255) {
    feeds.push({ kind: 'feed', dots: Math.min(255, left) * LINE_DOTS });
  }
  return feeds;
};

const element = (item: ReceiptElement, options: EncodeOptions): Arranged => {
  const { columns, dotsPerLine = columns * DOTS_PER_COLUMN } = options;
  switch (item.kind) {
    case 'text':
      return textLines(layoutText(item, columns), options);
    case 'columns':
      return textLines(layoutColumns(item, columns), options);
    case 'rule':
      return textLines(layoutText({ kind: 'text', text: '-'.repeat(columns) }, columns), options);
    case 'feed':
      return ok(feed(item.lines));
    case 'qr':
      return qr(item.data, item.size ?? 6, item.align ?? 'center');
    case 'code128':
      return code128(item.data, item.align ?? 'center', dotsPerLine);
    case 'image':
      return image(item.image, item.align ?? 'left', dotsPerLine);
    case 'cut':
      return ok([{ kind: 'cut', mode: item.mode ?? 'partial' }]);
    default:
      return item satisfies never;
  }
};

/** Lays the whole document out, or says what in it cannot be printed. */
export const arrangeReceipt = (document: ReceiptDocument, options: EncodeOptions): Arranged => {
  const all: ArrangedElement[] = [];
  for (const item of document.lines) {
    const arranged = element(item, options);
    if (!arranged.ok) return arranged;
    all.push(...arranged.value);
  }
  return ok(all);
};
