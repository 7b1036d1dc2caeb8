/** Bitmaps for receipts: composing a line from glyphs, and making a picture safe to send. Pure. */

import type { Bitmap } from './document.ts';
import type { LineStyle } from './layout.ts';

/** Height of the printer's font, in dots, and of a line with its spacing (ESC/POS default, 1/6 inch = 30 dots). */
export const GLYPH_DOTS = 24;
export const LINE_DOTS = 30;

export const bytesPerRow = (width: number): number => Math.ceil(width / 8);

/** Whether the dot is black; outside the bitmap is white. */
export const isBlack = (bitmap: Bitmap, x: number, y: number): boolean => {
  if (x < 0 || y < 0 || x >= bitmap.width || y >= bitmap.height) return false;
  return (((bitmap.data[y * bytesPerRow(bitmap.width) + (x >> 3)] ?? 0) >> (7 - (x & 7))) & 1) === 1;
};

/** A bitmap from a function of the dot's place. */
export const paint = (width: number, height: number, black: (x: number, y: number) => boolean): Bitmap => {
  const stride = bytesPerRow(width);
  const data = new Uint8Array(stride * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const at = y * stride + (x >> 3);
      if (black(x, y)) data[at] = (data[at] ?? 0) | (0x80 >> (x & 7));
    }
  }
  return { width, height, data };
};

/** A glyph and the cell it stands in, in dots of size 1. */
export interface PlacedGlyph {
  readonly glyph: Bitmap;
  readonly cellWidth: number;
}

/**
 * One line of glyphs side by side, styled as the printer would: double size doubles dots, bold smears one dot to the
 * right, underline blackens the cell's lowest two rows, inverted swaps black and white. Line spacing is included below.
 */
export const composeLine = (glyphs: readonly PlacedGlyph[], style: LineStyle): Bitmap => {
  const starts: { readonly from: number; readonly placed: PlacedGlyph }[] = [];
  let width = 0;
  for (const placed of glyphs) {
    starts.push({ from: width, placed });
    width += placed.cellWidth;
  }
  const owner = new Array<number>(width);
  for (const [index, { from, placed }] of starts.entries()) owner.fill(index, from, from + placed.cellWidth);
  const dot = (x: number, y: number): boolean => {
    const start = starts[owner[x] ?? -1];
    if (!start) return false;
    if (style.underline && y >= GLYPH_DOTS - 2) return true;
    const inGlyph = x - start.from;
    return (
      isBlack(start.placed.glyph, inGlyph, y) ||
      (style.bold && inGlyph > 0 && isBlack(start.placed.glyph, inGlyph - 1, y))
    );
  };
  const tall = GLYPH_DOTS * style.height;
  return paint(width * style.width, Math.max(LINE_DOTS, tall), (x, y) => {
    if (y >= tall) return false;
    return dot(Math.floor(x / style.width), Math.floor(y / style.height)) !== style.inverted;
  });
};

/**
 * A printer acts on real-time commands (DLE EOT/ENQ/DC4: 10 followed by 04, 05 or 14) wherever they stand in the
 * stream, image data included. So that no picture can forge one, such a 10 gets one more black dot (30), to its left and
 * so within the picture.
 */
const withoutRealTimeCommands = (data: Uint8Array): Uint8Array => {
  const safe = Uint8Array.from(data);
  for (let at = 0; at < safe.length; at += 1) {
    const next = safe[at + 1];
    const couldStart = next === undefined || next === 0x04 || next === 0x05 || next === 0x14;
    if (safe[at] === 0x10 && couldStart) safe[at] = 0x30;
  }
  return safe;
};

/**
 * A picture as it is sent: in strips, because cheap printers buffer one command at a time, and because a strip that
 * was cut off half way must end within the padding that brings the printer back. Whole bytes wide, nothing black to
 * the right of the picture, no command forged.
 */
export const strips = (image: Bitmap, maxBytes: number): Bitmap[] => {
  const stride = bytesPerRow(image.width);
  const rows = Math.max(1, Math.floor(maxBytes / stride));
  const unused = stride * 8 - image.width;
  const cut: Bitmap[] = [];
  for (let top = 0; top < image.height; top += rows) {
    const height = Math.min(rows, image.height - top);
    const data = Uint8Array.from(image.data.subarray(top * stride, (top + height) * stride));
    for (let end = stride - 1; end < data.length; end += stride)
      data[end] = ((data[end] ?? 0) >> unused) << unused;
    cut.push({ width: stride * 8, height, data: withoutRealTimeCommands(data) });
  }
  return cut;
};
