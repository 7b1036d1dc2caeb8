/** Setting text in lines: which face each character takes, how wide it is, where a line may break. Pure but for fonts. */

import type { Face, FontChain, Weight } from './fonts.ts';
import { err, ok, type Result } from './result.ts';

/** Characters side by side in one face. `figures` are set in digits of equal width. */
export interface Run {
  readonly text: string;
  readonly face: Face;
  readonly figures: boolean;
  /** In points, letter spacing included. */
  readonly width: number;
}

export interface Line {
  readonly runs: readonly Run[];
  /** In points. */
  readonly width: number;
}

export interface TextStyle {
  /** Points. */
  readonly size: number;
  readonly weight: Weight;
  /** Points between letters; 0 unless told. */
  readonly spacing?: number;
  /** Digits of equal width, half an em, as columns of numbers want them; true unless told. */
  readonly figures?: boolean;
}

/** A character no font has. Its text is never part of the error: it may be somebody's name. */
export interface MissingGlyph {
  readonly reason: 'missing-glyph';
  readonly codePoint: number;
}

interface Cell {
  readonly text: string;
  readonly face: Face;
  readonly figures: boolean;
  readonly width: number;
}

/** Marks that must not begin a line, and marks that must not end one (GB/T 15834-2011, 5.1). */
const NEVER_FIRST = new Set('，。、；：！？）》」』】〕〉”’…—·%,.;:!?)]}');
const NEVER_LAST = new Set('（《「『【〔〈“‘([{');
const isFigure = (character: string): boolean => character >= '0' && character <= '9';
/** 12 幢 and 1999年1月: a figure stays with the word it counts, and a date is one thing. */
const countsWith = (before: string, after: string): boolean =>
  (isFigure(before) && /\p{Script=Han}/u.test(after)) || ('年月'.includes(before) && isFigure(after));
/** Latin letters, digits and what joins them stay together. */
const joins = (character: string): boolean => /^[\p{Script=Latin}\p{Nd}.,:/#@&'+*-]$/u.test(character);

const cellsOf = (text: string, style: TextStyle, fonts: FontChain): Result<Cell[], MissingGlyph> => {
  const cells: Cell[] = [];
  for (const character of text) {
    const codePoint = character.codePointAt(0) ?? 0;
    const face = fonts.faceFor(codePoint, style.weight);
    if (face === null) return err({ reason: 'missing-glyph', codePoint });
    const glyph = face.font.glyphForCodePoint(codePoint);
    // One glyph may serve several code points, and the font is shared between documents: what this page says is what
    // must be extracted from it.
    if (glyph.codePoints[0] !== codePoint) glyph.codePoints = [codePoint];
    const figures = style.figures !== false && isFigure(character) && face.figureAdvance !== null;
    const advance = figures ? (face.figureAdvance ?? 0) / 1000 : glyph.advanceWidth / face.font.unitsPerEm;
    cells.push({ text: character, face, figures, width: advance * style.size + (style.spacing ?? 0) });
  }
  return ok(cells);
};

const lineOf = (cells: readonly Cell[]): Line => {
  let end = cells.length;
  while (end > 0 && cells[end - 1]?.text === ' ') end -= 1;
  const runs: Run[] = [];
  let width = 0;
  for (const cell of cells.slice(0, end)) {
    const last = runs.at(-1);
    if (last && last.face === cell.face && last.figures === cell.figures) {
      runs[runs.length - 1] = { ...last, text: last.text + cell.text, width: last.width + cell.width };
    } else {
      runs.push(cell);
    }
    width += cell.width;
  }
  return { runs, width };
};

/** What must stay on one line: words, and marks with the character they belong to. */
const piecesOf = (cells: readonly Cell[]): Cell[][] => {
  const pieces: Cell[][] = [];
  for (const cell of cells) {
    const piece = pieces.at(-1);
    const before = piece?.at(-1)?.text;
    const together =
      before !== undefined &&
      before !== ' ' &&
      ((joins(before) && joins(cell.text)) ||
        countsWith(before, cell.text) ||
        NEVER_FIRST.has(cell.text) ||
        NEVER_LAST.has(before));
    if (piece && together) piece.push(cell);
    else pieces.push([cell]);
  }
  return pieces;
};

const widthOf = (cells: readonly Cell[]): number => cells.reduce((sum, cell) => sum + cell.width, 0);

/** Sets a text in one line, however long. */
export function setLine(text: string, style: TextStyle, fonts: FontChain): Result<Line, MissingGlyph> {
  const cells = cellsOf(text, style, fonts);
  return cells.ok ? ok(lineOf(cells.value)) : cells;
}

/**
 * Sets a text in lines of at most `width` points; the first is shorter by `indent`. A piece wider than a whole line is
 * broken between characters. An empty text gives no line.
 */
export function setParagraph(
  text: string,
  style: TextStyle,
  fonts: FontChain,
  width: number,
  indent = 0,
): Result<Line[], MissingGlyph> {
  const cells = cellsOf(text, style, fonts);
  if (!cells.ok) return cells;
  const lines: Line[] = [];
  let current: Cell[] = [];
  let left = width - indent;
  const flush = (): void => {
    if (current.length > 0) lines.push(lineOf(current));
    current = [];
    left = width;
  };
  const add = (cell: Cell): void => {
    if (current.length === 0 && lines.length > 0 && cell.text === ' ') return;
    current.push(cell);
    left -= cell.width;
  };
  /** Breaks within a piece: what may not begin the next line takes along the characters it belongs to. */
  const breakBefore = (cell: Cell): void => {
    const along: Cell[] = [];
    let first = cell;
    while (
      current.length > 1 &&
      (NEVER_FIRST.has(first.text) || NEVER_LAST.has(current.at(-1)?.text ?? ''))
    ) {
      first = current.pop() ?? first;
      along.unshift(first);
    }
    flush();
    for (const each of along) add(each);
  };
  for (const piece of piecesOf(cells.value)) {
    const needed = widthOf(piece);
    const onlySpace = piece.every((cell) => cell.text === ' ');
    if (needed > left && current.length > 0 && !onlySpace) flush();
    for (const cell of piece) {
      if (cell.width > left && current.length > 0 && !onlySpace) breakBefore(cell);
      add(cell);
    }
  }
  flush();
  return ok(lines);
}
