/** Which characters can be drawn, and the dots of those a receipt printer's own font lacks. */
import type { Bitmap } from '@huimin/drivers/receipt-printer';
import { documentFonts, type FontChain } from './fonts.ts';
import { fillOutline } from './outline.ts';

/** A receipt printer's font: 24 dots high; 12 wide for ASCII, 24 for everything else. */
const RECEIPT_DOTS = 24;
/** The ideographic em box reaches from 0.12 em below the baseline to 0.88 em above it. */
const BASELINE = 0.88;
const COVERAGE_THRESHOLD = 0.34;

/** The first code point of `text` that no font of the chain has, or null when all can be drawn. */
export function missingGlyph(text: string, fonts: FontChain = documentFonts()): number | null {
  for (const character of text) {
    const codePoint = character.codePointAt(0) ?? 0;
    if (fonts.faceFor(codePoint, 'regular') === null) return codePoint;
  }
  return null;
}

/** Draws one character for a receipt, 24 dots high and 12 (ASCII) or 24 wide; null when no font has it. */
export function rasterise(character: string, fonts: FontChain = documentFonts()): Bitmap | null {
  const codePoint = character.codePointAt(0) ?? 0;
  const face = fonts.faceFor(codePoint, 'regular');
  if (face === null) return null;
  const glyph = face.font.glyphForCodePoint(codePoint);
  const width = codePoint < 0x7f ? RECEIPT_DOTS / 2 : RECEIPT_DOTS;
  const scale = RECEIPT_DOTS / face.font.unitsPerEm;
  // Narrowed where the glyph is wider than its cell, centred where it is narrower.
  const scaleX = Math.min(scale, width / glyph.advanceWidth);
  const place = {
    scaleX,
    scaleY: scale,
    left: (width - glyph.advanceWidth * scaleX) / 2,
    baseline: RECEIPT_DOTS * BASELINE,
  };
  return fillOutline(glyph.path.commands, width, RECEIPT_DOTS, place, COVERAGE_THRESHOLD);
}
