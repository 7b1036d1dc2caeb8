export type { ReceiptPrinterStatus } from './condition.ts';
export {
  type Align,
  type Bitmap,
  type Cell,
  COLUMNS_58_MM,
  COLUMNS_80_MM,
  type ColumnsElement,
  type ReceiptDocument,
  type ReceiptElement,
  type TextElement,
} from './document.ts';
export { type DrawnElement, type PrintedReceipt, receiptText, type TextRun } from './drawn.ts';
export { openReceiptPrinter, type ReceiptPrinter, type ReceiptPrinterOptions } from './driver.ts';
export { type EncodeError, type EncodeOptions, encodeReceipt, type Rasterise } from './esc-pos.ts';
export { type DrawQr, type ReceiptSvgOptions, renderReceiptSvg } from './receipt-svg.ts';
export {
  type SimulatedReceiptPrinterPort,
  type SimulatedReceiptPrinterPortOptions,
  startSimulatedReceiptPrinter,
} from './simulated-port.ts';
export {
  RECEIPT_PRINTER_FAULTS,
  type ReceiptPrinterFault,
  type ReceiptPrinterMechanism,
  type SimulatedReceiptPrinterOptions,
  simulateReceiptPrinter,
} from './simulator.ts';
