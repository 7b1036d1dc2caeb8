/** What a receipt says and how it looks; free of Node, so that a page may draw a preview. */

export { arrangeReceipt, type EncodeError, type EncodeOptions, type Rasterise } from './arrange.ts';
export { GLYPH_DOTS, LINE_DOTS } from './bitmap.ts';
export { code128Segments, code128Values, code128Widths } from './code128.ts';
export { type DitherOptions, ditherImage, type Picture } from './dither.ts';
export {
  type Align,
  type Bitmap,
  type Cell,
  COLUMNS_58_MM,
  COLUMNS_80_MM,
  type ColumnsElement,
  type CutMode,
  DOTS_PER_COLUMN,
  type ReceiptDocument,
  type ReceiptElement,
  type TextElement,
  type TextSize,
  type TextStyle,
} from './document.ts';
export {
  type ArrangedElement,
  characterWidth,
  type DrawnElement,
  type PrintedReceipt,
  receiptText,
  type TextRun,
} from './drawn.ts';
export { printerCode } from './printer-font.ts';
export { type DrawQr, previewReceipt, type ReceiptSvgOptions, renderReceiptSvg } from './receipt-svg.ts';
