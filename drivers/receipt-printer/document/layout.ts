/**
 * From elements to physical lines of text: width of characters, wrapping, columns. Pure.
 */

import type { Align, Cell, ColumnsElement, TextElement, TextStyle } from './document.ts';
import { characterWidth } from './drawn.ts';

/** One line as it will stand on the paper. */
export interface TextLine {
  readonly text: string;
  readonly align: Align;
  readonly style: LineStyle;
}

/** A text style with nothing left open; `width` and `height` are times the normal size. */
export interface LineStyle {
  readonly bold: boolean;
  readonly underline: boolean;
  readonly inverted: boolean;
  readonly width: 1 | 2;
  readonly height: 1 | 2;
}

const styleOf = ({ bold = false, underline = false, inverted = false, size = 1 }: TextStyle): LineStyle => ({
  bold,
  underline,
  inverted,
  width: size === 2 || size === 'wide' ? 2 : 1,
  height: size === 2 || size === 'tall' ? 2 : 1,
});

/** Marks that must not begin a line (common subset of GB/T 15834 line-breaking practice). */
const NEVER_FIRST = new Set('，。、；：！？）》」』】〉”’…·%,.;:!?)]}');

/** Columns a text takes. */
export const textWidth = (text: string): number => {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
};

/**
 * Replaces every C0 and C1 control character by a space, so that no text can carry a printer command, and an
 * unpaired surrogate by U+FFFD, so that it is refused as a missing glyph instead of being printed as a question mark.
 */
export const withoutControls = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what is looked for.
  text.toWellFormed().replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ');

/** What must stay together: a run of ASCII letters, one wide character with the marks that follow it, or a space. */
const pieces = (text: string): string[] => {
  const found: string[] = [];
  let previousJoins = false;
  for (const character of text) {
    const narrow = characterWidth(character) === 1 && character !== ' ';
    const last = found.at(-1);
    const sticks = NEVER_FIRST.has(character) && last !== undefined && last !== ' ';
    if (last !== undefined && ((narrow && previousJoins) || sticks)) {
      found[found.length - 1] = last + character;
    } else {
      found.push(character);
    }
    previousJoins = narrow;
  }
  return found;
};

/** Breaks one paragraph to lines of at most `width` columns (at least 2). Always gives at least one line. */
const wrapParagraph = (paragraph: string, width: number): string[] => {
  const lines: string[] = [];
  let line = '';
  let used = 0;
  const flush = (): void => {
    lines.push(line.trimEnd());
    line = '';
    used = 0;
  };
  for (const piece of pieces(paragraph)) {
    const pieceWidth = textWidth(piece);
    if (used + pieceWidth <= width) {
      line += piece;
      used += pieceWidth;
      continue;
    }
    if (piece === ' ') {
      flush();
      continue;
    }
    if (used > 0 && pieceWidth <= width) flush();
    for (const character of piece) {
      if (used + characterWidth(character) > width) flush();
      line += character;
      used += characterWidth(character);
    }
  }
  flush();
  return lines;
};

/** Wraps a text with `\n` line ends; control characters are replaced by spaces. `width` in columns, at least 2. */
export const wrap = (text: string, width: number): string[] =>
  text
    .replaceAll('\r\n', '\n')
    .split('\n')
    .flatMap((paragraph) => wrapParagraph(withoutControls(paragraph), Math.max(2, Math.floor(width))));

/** Pads to `width` columns. */
const pad = (text: string, width: number, align: 'left' | 'right'): string => {
  const spaces = ' '.repeat(Math.max(0, width - textWidth(text)));
  return align === 'right' ? spaces + text : text + spaces;
};

/** The width of each cell: what it asks for, the rest shared, one column between neighbours, never less than 2. */
const cellWidths = (cells: readonly Cell[], columns: number): number[] => {
  const gaps = cells.length - 1;
  const fixed = cells.reduce((sum, cell) => sum + (cell.width ?? 0), 0);
  const sharing = cells.filter((cell) => cell.width === undefined).length;
  const left = Math.max(0, columns - gaps - fixed);
  let shared = 0;
  return cells.map((cell) => {
    if (cell.width !== undefined) return Math.max(2, Math.floor(cell.width));
    shared += 1;
    const share =
      shared === sharing ? left - Math.floor(left / sharing) * (sharing - 1) : Math.floor(left / sharing);
    return Math.max(2, share);
  });
};

/** Lines of a text element on paper of `columns` columns. */
export const layoutText = (element: TextElement, columns: number): TextLine[] => {
  const style = styleOf(element);
  return wrap(element.text, columns / style.width).map((text) => ({
    text,
    align: element.align ?? 'left',
    style,
  }));
};

/** Lines of a row of cells on paper of `columns` columns. */
export const layoutColumns = (element: ColumnsElement, columns: number): TextLine[] => {
  const style = styleOf(element);
  const widths = cellWidths(element.cells, Math.floor(columns / style.width));
  const wrapped = element.cells.map((cell, index) => wrap(cell.text, widths[index] ?? 2));
  const height = Math.max(1, ...wrapped.map((lines) => lines.length));
  return Array.from({ length: height }, (_, row) => ({
    text: element.cells
      .map((cell, index) => pad(wrapped[index]?.[row] ?? '', widths[index] ?? 2, cell.align ?? 'left'))
      .join(' ')
      .trimEnd(),
    align: 'left' as const,
    style,
  }));
};
