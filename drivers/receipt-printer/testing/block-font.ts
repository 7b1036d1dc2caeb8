/** A stand-in for a font: every character becomes a hollow box but those it is told not to know. */

import { paint } from '../document/bitmap.ts';
import type { Bitmap } from '../document/index.ts';
import { characterWidth } from '../document/index.ts';

export const blockFont =
  (unknown = '') =>
  (character: string): Bitmap | null => {
    if (unknown.includes(character)) return null;
    const width = characterWidth(character) * 12;
    return paint(width, 24, (x, y) => x === 1 || y === 1 || x === width - 2 || y === 22);
  };
