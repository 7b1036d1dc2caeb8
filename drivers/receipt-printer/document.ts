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

export interface TextStyle {
  readonly bold?: boolean;
  /** 1 = normal, 2 = twice as wide and twice as high. */
  readonly size?: 1 | 2;
  readonly underline?: boolean;
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
  /** `size` is the side of one module in dots, 1-16 (6 unless told). */
  | { readonly kind: 'qr'; readonly data: string; readonly size?: number }
  /** Printable ASCII only. */
  | { readonly kind: 'code128'; readonly data: string }
  | { readonly kind: 'image'; readonly image: Bitmap; readonly align?: Align }
  | { readonly kind: 'cut' };

export interface ReceiptDocument {
  readonly lines: readonly ReceiptElement[];
}

/** Columns of the usual paper widths with a 12 x 24 dot font (576 and 384 dots). */
export const COLUMNS_80_MM = 48;
export const COLUMNS_58_MM = 32;
export const DOTS_PER_COLUMN = 12;
