/** What stands on the paper, as structure: drawn by the simulator from the bytes alone. */

import type { Align, Bitmap } from './document.ts';

export interface TextRun {
  readonly text: string;
  readonly bold: boolean;
  readonly underline: boolean;
  readonly inverted: boolean;
  readonly width: number;
  readonly height: number;
}

export type DrawnElement =
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

/** A slip that has been cut off. */
export interface PrintedReceipt {
  readonly id: string;
  /** When it was cut, milliseconds since the epoch. */
  readonly at: number;
  readonly columns: number;
  readonly lines: readonly DrawnElement[];
}

/** The slip's words, line by line; what a test or a screen reader wants. */
export const receiptText = (receipt: PrintedReceipt): string =>
  receipt.lines
    .filter((element) => element.kind === 'line')
    .map((element) => element.runs.map((run) => run.text).join(''))
    .join('\n');
