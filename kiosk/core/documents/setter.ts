/** The layout's hand: sets text in a style and puts it in its place. */

import type { FontChain, Weight } from './fonts.ts';
import { rgb } from './ornaments.ts';
import type { PlacedLine } from './page.ts';
import { fill, type MissingFact } from './placeholders.ts';
import type { Result } from './result.ts';
import { type Line, type MissingGlyph, setLine, setParagraph } from './typeset.ts';

export const INK = '#1F1A17';
export const SECONDARY = '#5A5149';
export const HAIRLINE = '#CFC6B8';

/** Size and letter spacing in points. */
export interface Style {
  readonly size: number;
  readonly weight?: Weight;
  readonly spacing?: number;
  readonly colour?: string;
  /** See {@link TextStyle.figures}. */
  readonly figures?: boolean;
}

export type SetterProblem = MissingGlyph | MissingFact;

/**
 * Sets texts and remembers the first that could not be set, answering an empty one in its stead: a layout is worth
 * nothing unless `problem()` is null when it is finished.
 */
export interface Setter {
  line(text: string, style: Style): Line;
  paragraph(text: string, style: Style, width: number, indent?: number): Line[];
  /** The text with its values in place. */
  fill(text: string, values: Readonly<Record<string, string>>): string;
  take<T>(result: Result<T, SetterProblem>, instead: T): T;
  problem(): SetterProblem | null;
}

export function setterFor(fonts: FontChain): Setter {
  let problem: SetterProblem | null = null;
  const take = <T>(result: Result<T, SetterProblem>, instead: T): T => {
    if (result.ok) return result.value;
    problem ??= result.error;
    return instead;
  };
  const full = (style: Style) => ({ weight: 'regular' as const, spacing: 0, ...style });
  return {
    line: (text, style) => take(setLine(text, full(style), fonts), { runs: [], width: 0 }),
    paragraph: (text, style, width, indent) =>
      take(setParagraph(text, full(style), fonts, width, indent), []),
    fill: (text, values) => take(fill(text, values), ''),
    take,
    problem: () => problem,
  };
}

export const place = (line: Line, x: number, y: number, style: Style): PlacedLine => ({
  line,
  x,
  y,
  size: style.size,
  spacing: style.spacing ?? 0,
  colour: style.colour ?? INK,
});

/** A line centred on `x`; the space after its last letter does not count. */
export const centred = (line: Line, x: number, y: number, style: Style): PlacedLine =>
  place(line, x - (line.width - (style.spacing ?? 0)) / 2, y, style);

/** PDF operators of a horizontal rule whose middle is at `y`. */
export const rule = (x: number, y: number, width: number, weight: number, colour: string): string =>
  `${rgb(colour)} rg ${x.toFixed(2)} ${(y - weight / 2).toFixed(2)} ${width.toFixed(2)} ${weight} re f`;
