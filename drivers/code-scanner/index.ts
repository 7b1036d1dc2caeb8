export type { CodeEncoding, Decoded, RejectedBecause, ScannedCode } from './code.ts';
export { type CodeScannerConfig, codeScannerConfigSchema } from './config.ts';
export { type CodeScannerContext, codeScannerChecks } from './conformance.ts';
export { openCodeScanner } from './driver.ts';
export { type HidPosProfile, hidPosProfiles } from './hid-pos.ts';
export {
  createKeyboardWedge,
  type KeyboardWedge,
  type KeyboardWedgeOptions,
  type WedgeEvent,
} from './keyboard-wedge.ts';
export { codeScannerRedaction } from './redaction.ts';
export type {
  CodeScanner,
  CodeScannerCapabilities,
  CodeScannerEvent,
  CodeScannerStatus,
  KeyboardWedgeScanner,
} from './scanner.ts';
export { type KeyPress, simulateScan } from './simulate-scan.ts';
export {
  type SimulatedScanner,
  type SimulatedScannerFault,
  type SimulatedScannerOptions,
  simulateCodeScanner,
  simulatedScannerFaults,
} from './simulator.ts';
