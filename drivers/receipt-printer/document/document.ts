/**
 * What a receipt says, independent of any printer: the same document is encoded for paper and drawn as a preview.
 *
 * Widths are counted in columns: one column is half a Chinese character (12 dots of a 24-dot font).
 */

export type Align = 'left' | 'center' | 'right';

/** Black dots on white. `data` holds rows of `ceil(width / 8)` bytes, most significant bit leftmost, 1 = black. */
export interface Bitmap {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** 1 = normal, 2 = twice as wide and twice as high, `wide` = twice as wide only, `tall` = twice as high only. */
export type TextSize = 1 | 2 | 'wide' | 'tall';

export interface TextStyle {
  readonly bold?: boolean;
  readonly size?: TextSize;
  readonly underline?: boolean;
  /** White on black. */
  readonly inverted?: boolean;
}

export interface TextElement extends TextStyle {
  readonly kind: 'text';
  /** May hold `\n`; wrapped to the paper's width. */
  readonly text: string;
  readonly align?: Align;
}

export interface Cell {
  readonly text: string;
  /** In columns; cells without one share what is left, equally. */
  readonly width?: number;
  readonly align?: 'left' | 'right';
}

/** Cells side by side with one empty column between them; each cell wraps within its own width. */
export interface ColumnsElement extends TextStyle {
  readonly kind: 'columns';
  readonly cells: readonly Cell[];
}

export type ReceiptElement =
  | TextElement
  | ColumnsElement
  | { readonly kind: 'rule' }
  | { readonly kind: 'feed'; readonly lines: number }
  /** `size` is the side of one module in dots, 1-16 (6 unless told). Centred unless told. */
  | { readonly kind: 'qr'; readonly data: string; readonly size?: number; readonly align?: Align }
  /** Printable ASCII only; its text stands below it. Centred unless told. */
  | { readonly kind: 'code128'; readonly data: string; readonly align?: Align }
  /** Pictures in grey or colour become a bitmap through `ditherImage`. */
  | { readonly kind: 'image'; readonly image: Bitmap; readonly align?: Align }
  /** `partial` leaves one point standing, so that the slip does not fall (the default); `full` cuts through. */
  | { readonly kind: 'cut'; readonly mode?: CutMode };

export type CutMode = 'partial' | 'full';

export interface ReceiptDocument {
  readonly lines: readonly ReceiptElement[];
}

/** Columns of the usual paper widths with a 12 x 24 dot font (576 and 384 dots). */
export const COLUMNS_80_MM = 48;
export const COLUMNS_58_MM = 32;
export const DOTS_PER_COLUMN = 12;
