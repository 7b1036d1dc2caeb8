/** The dots of characters that a receipt printer's own font lacks. */
import { basename } from 'node:path';
import { type Bitmap, DOTS_PER_COLUMN, GLYPH_DOTS, type Rasterise } from '../document/index.ts';
import { type FontChain, openFontChain, systemFonts } from './chain.ts';
import { fillOutline } from './outline.ts';

/** The ideographic em box reaches from 0.12 em below the baseline to 0.88 em above it. */
const BASELINE = 0.88;
const COVERAGE_THRESHOLD = 0.34;

/** Draws one character for a receipt, 24 dots high and 12 (ASCII) or 24 wide; null when no font has it. */
export function rasteriseGlyph(character: string, fonts: FontChain): Bitmap | null {
  const codePoint = character.codePointAt(0) ?? 0;
  const face = fonts.faceFor(codePoint, 'regular');
  if (face === null) return null;
  const glyph = face.font.glyphForCodePoint(codePoint);
  const width = codePoint < 0x7f ? DOTS_PER_COLUMN : 2 * DOTS_PER_COLUMN;
  const scale = GLYPH_DOTS / face.font.unitsPerEm;
  // Narrowed where the glyph is wider than its cell, centred where it is narrower.
  const scaleX = Math.min(scale, width / glyph.advanceWidth);
  const place = {
    scaleX,
    scaleY: scale,
    left: (width - glyph.advanceWidth * scaleX) / 2,
    baseline: GLYPH_DOTS * BASELINE,
  };
  return fillOutline(glyph.path.commands, width, GLYPH_DOTS, place, COVERAGE_THRESHOLD);
}

/**
 * A rasteriser over font files (TrueType, OpenType, collections), tried in order, and over the fonts installed on the
 * machine where none of them has a character. Files are read when a character first asks for them; one that cannot be
 * read then throws, because a configuration that names it is wrong.
 */
export function fontRasteriser(fontFiles: readonly string[] = []): Rasterise {
  const named = fontFiles.map((path) => ({ file: basename(path), path, weights: ['regular'] as const }));
  const fonts = openFontChain([...named, ...systemFonts]);
  return (character) => rasteriseGlyph(character, fonts);
}
