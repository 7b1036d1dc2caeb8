/** The round seal, drawn as outlines: a ring, a star, the issuer along the ring and a caption beneath the star. */

import type { FontChain } from './fonts.ts';
import { circle, glyphOutline, type Point, rgb, star } from './ornaments.ts';
import { err, ok, type Result } from './result.ts';
import type { MissingGlyph } from './typeset.ts';

export interface SealOptions {
  /** Along the ring, from lower left over the top to lower right. */
  readonly text: string;
  /** Straight, beneath the star; may be empty. */
  readonly caption: string;
  readonly centre: Point;
  /** Outer edge, points. */
  readonly diameter: number;
  /** `#rrggbb` */
  readonly colour: string;
}

/** Widest arc the text may take, and the widest step from letter to letter: short names do not spread thin. */
const WIDEST_ARC = (228 / 180) * Math.PI;
const WIDEST_STEP = (30 / 180) * Math.PI;

/** PDF operators that paint the seal. Proportions follow the seals of local bodies (ring 1/35, star 1/3 of the width). */
export function sealOperators(options: SealOptions, fonts: FontChain): Result<string, MissingGlyph> {
  const { centre, diameter } = options;
  const outer = diameter / 2;
  const ring = diameter / 35;
  const letters = [...options.text];
  const step = letters.length > 1 ? Math.min(WIDEST_ARC / (letters.length - 1), WIDEST_STEP) : WIDEST_STEP;
  const height = diameter * 0.125;
  const footRadius = outer - ring - diameter * 0.035 - height * 0.88;
  // As wide as its share of the circle at half height allows, and never wider than high.
  const width = Math.min(height, step * (footRadius + height * 0.4) * 0.92);
  const outlines: string[] = [];
  for (const [index, letter] of letters.entries()) {
    const codePoint = letter.codePointAt(0) ?? 0;
    const face = fonts.faceFor(codePoint, 'bold');
    if (face === null) return err({ reason: 'missing-glyph', codePoint });
    const turn = (index - (letters.length - 1) / 2) * step;
    const glyph = face.font.glyphForCodePoint(codePoint);
    outlines.push(
      glyphOutline({
        commands: glyph.path.commands,
        foot: { x: centre.x + footRadius * Math.sin(turn), y: centre.y - footRadius * Math.cos(turn) },
        turn,
        scaleX: width / face.font.unitsPerEm,
        scaleY: height / face.font.unitsPerEm,
        advance: glyph.advanceWidth,
      }),
    );
  }
  const caption = [...options.caption];
  const captionHeight = Math.min(diameter * 0.08, (diameter * 0.44) / Math.max(1, caption.length));
  for (const [index, letter] of caption.entries()) {
    const codePoint = letter.codePointAt(0) ?? 0;
    const face = fonts.faceFor(codePoint, 'bold');
    if (face === null) return err({ reason: 'missing-glyph', codePoint });
    const glyph = face.font.glyphForCodePoint(codePoint);
    outlines.push(
      glyphOutline({
        commands: glyph.path.commands,
        foot: {
          x: centre.x + (index - (caption.length - 1) / 2) * captionHeight * 1.06,
          y: centre.y + outer * 0.71,
        },
        turn: 0,
        scaleX: captionHeight / face.font.unitsPerEm,
        scaleY: captionHeight / face.font.unitsPerEm,
        advance: glyph.advanceWidth,
      }),
    );
  }
  return ok(
    [
      `q ${rgb(options.colour)} rg ${rgb(options.colour)} RG`,
      `${Math.round(ring * 100) / 100} w`,
      circle(centre, outer - ring / 2),
      'S',
      star({ x: centre.x, y: centre.y }, diameter * 0.155),
      'f',
      ...outlines,
      'f Q',
    ].join('\n'),
  );
}
