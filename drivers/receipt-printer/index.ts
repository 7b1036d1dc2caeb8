export type { ReceiptPrinterStatus } from './condition.ts';
export {
  type ReceiptPrinterConfig,
  type ReceiptPrinterSettings,
  receiptPrinterConfigSchema,
} from './config.ts';
export {
  type ReceiptPrinterCheckContext,
  type ReceiptPrinterTask,
  receiptPrinterChecks,
} from './conformance.ts';
export { type DetectOptions, detectReceiptPrinter } from './detect.ts';
export {
  type Align,
  type ArrangedElement,
  arrangeReceipt,
  type Bitmap,
  type Cell,
  COLUMNS_58_MM,
  COLUMNS_80_MM,
  type ColumnsElement,
  type CutMode,
  type DitherOptions,
  type DrawnElement,
  type DrawQr,
  ditherImage,
  type EncodeError,
  type EncodeOptions,
  type Picture,
  type PrintedReceipt,
  previewReceipt,
  type Rasterise,
  type ReceiptDocument,
  type ReceiptElement,
  type ReceiptSvgOptions,
  receiptText,
  renderReceiptSvg,
  type TextElement,
  type TextRun,
  type TextSize,
  type TextStyle,
} from './document/index.ts';
export { openReceiptPrinter, type ReceiptPrinter, type ReceiptPrinterOptions } from './driver.ts';
export { encodeReceipt, receiptRedaction } from './esc-pos/index.ts';
export {
  type Face,
  type FontChain,
  type FontSource,
  fontRasteriser,
  openFontChain,
  rasteriseGlyph,
  systemFonts,
  type Weight,
} from './fonts/index.ts';
export type { ReceiptPrinterCapabilities, ReceiptPrinterEvent } from './report.ts';
export {
  RECEIPT_PRINTER_FAULTS,
  type ReceiptPrinterFault,
  type ReceiptPrinterMechanism,
  type SimulatedReceiptPrinterOptions,
  type SimulatedReceiptPrinterPort,
  type SimulatedReceiptPrinterPortOptions,
  simulateReceiptPrinter,
  simulateReceiptPrinterOn,
  startSimulatedReceiptPrinter,
} from './simulator/index.ts';
