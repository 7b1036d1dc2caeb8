import type { CommandError, CommandOptions, Device, DeviceState, Result, Unsubscribe } from '../device.ts';
import type { RejectedBecause, ScannedCode } from './code.ts';
import type { CodeScannerConfig } from './config.ts';
import type { WedgeEvent } from './keyboard-wedge.ts';

export interface CodeScannerStatus {
  /** `noDevice`: the port cannot be opened. A keyboard cannot be asked and counts as `online` from first to last. */
  readonly device: DeviceState;
}

export interface CodeScannerCapabilities {
  readonly protocol: CodeScannerConfig['protocol'];
  /** Codes come with their AIM identifier (ISO/IEC 15424). */
  readonly symbology: boolean;
}

/** XFS4IoT has no unsolicited event for a code; these are named in its manner. */
export type CodeScannerEvent =
  | { readonly name: 'CodeScanned'; readonly code: ScannedCode }
  /** Something was scanned that is no usable code. What it said is not told. */
  | { readonly name: 'CodeRejected'; readonly reason: RejectedBecause };

/** Reads bar codes and QR codes (XFS4IoT BarcodeReader). */
export interface CodeScanner extends Device<CodeScannerStatus, CodeScannerCapabilities, CodeScannerEvent> {
  /**
   * Resolves with the next code. One at a time.
   * Reasons: `unplugged` (call again when the status is `online`), `canceled`, `timed-out`, `busy`.
   */
  read(options?: CommandOptions): Promise<Result<ScannedCode, CommandError>>;
  /** Called with the text of every code, never with an empty one. */
  onCode(listener: (code: string) => void): Unsubscribe;
}

/** A scanner that acts as a keyboard: whoever sees the keys feeds them in. */
export interface KeyboardWedgeScanner extends CodeScanner {
  /** As `KeyboardWedge.feed`; codes are also told to the listeners. */
  feed(key: string, atMs: number): WedgeEvent | null;
}
