/** Which characters can be drawn, and the dots of those a receipt printer's own font lacks. */
import { type Bitmap, rasteriseGlyph } from '@huimin/drivers/receipt-printer';
import { documentFonts, type FontChain } from './fonts.ts';

/** The first code point of `text` that no font of the chain has, or null when all can be drawn. */
export function missingGlyph(text: string, fonts: FontChain = documentFonts()): number | null {
  for (const character of text) {
    const codePoint = character.codePointAt(0) ?? 0;
    if (fonts.faceFor(codePoint, 'regular') === null) return codePoint;
  }
  return null;
}

/** Draws one character for a receipt, 24 dots high and 12 (ASCII) or 24 wide; null when no document font has it. */
export const rasterise = (character: string): Bitmap | null => rasteriseGlyph(character, documentFonts());
