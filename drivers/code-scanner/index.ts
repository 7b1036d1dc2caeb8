export {
  createKeyboardWedge,
  type KeyboardWedge,
  type KeyboardWedgeOptions,
  type WedgeEvent,
} from './keyboard-wedge.ts';
export {
  type CodeScanner,
  type CodeScannerStatus,
  type KeyboardWedgeScanner,
  type KeyboardWedgeScannerOptions,
  openCodeScanner,
  type SerialScannerOptions,
} from './scanner.ts';
export { type KeyPress, simulateScan } from './simulate-scan.ts';
