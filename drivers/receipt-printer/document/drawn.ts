/** What stands on the paper, as structure: what the layout arranges, and what the simulator finds in the bytes alone. */

import type { Align, Bitmap, CutMode } from './document.ts';

/** Characters in one style, in the printer's own font. */
export interface TextRun {
  readonly text: string;
  readonly bold: boolean;
  readonly underline: boolean;
  readonly inverted: boolean;
  /** Times the normal size, 1-8. */
  readonly width: number;
  readonly height: number;
}

export type DrawnElement =
  /** `dots`: how far the paper moves, line spacing included. */
  | { readonly kind: 'line'; readonly align: Align; readonly runs: readonly TextRun[]; readonly dots: number }
  | { readonly kind: 'feed'; readonly dots: number }
  | { readonly kind: 'qr'; readonly align: Align; readonly data: string; readonly moduleDots: number }
  | {
      readonly kind: 'barcode';
      readonly align: Align;
      readonly data: string;
      readonly moduleDots: number;
      readonly dots: number;
    }
  | { readonly kind: 'raster'; readonly align: Align; readonly image: Bitmap };

/** Everything that a receipt consists of once it is laid out, from top to bottom. */
export type ArrangedElement = DrawnElement | { readonly kind: 'cut'; readonly mode: CutMode };

/** A slip that has been cut off. */
export interface PrintedReceipt {
  readonly id: string;
  /** When it was cut, milliseconds since the epoch. */
  readonly at: number;
  readonly columns: number;
  readonly lines: readonly DrawnElement[];
}

/**
 * Columns a character takes on the printer: 1 for printable ASCII, 2 for everything else. This is the printer's
 * view (every two-byte GB18030 character, Greek and Cyrillic included, fills a full-width cell), which is the
 * East Asian Width of UAX #11 with "ambiguous" resolved as wide.
 */
export const characterWidth = (character: string): 1 | 2 => {
  const codePoint = character.codePointAt(0) ?? 0;
  return codePoint >= 0x20 && codePoint <= 0x7e ? 1 : 2;
};

/** The slip's words, line by line; what a test or a screen reader wants. */
export const receiptText = (receipt: Pick<PrintedReceipt, 'lines'>): string =>
  receipt.lines
    .filter((element) => element.kind === 'line')
    .map((element) => element.runs.map((run) => run.text).join(''))
    .join('\n');
