/** From what the printer says to what a person needs to know. Pure. */

import type { DeviceState } from '../device.ts';
import type { PrinterCondition } from './esc-pos/index.ts';

export interface ReceiptPrinterStatus {
  /**
   * `starting` until the first answer; `online` = ready to print; `noDevice` = its port cannot be opened; `offline` =
   * its port is open but it does not answer, or says it is offline without a cause; `userError` = out of paper or
   * cover open, someone can mend it; `deviceBusy` = its print head is too hot, it goes on by itself; `hardwareError` =
   * jam, cutter or another error. A printer configured with `asksStatus: false` is `online` as long as its port is open.
   */
  readonly device: DeviceState;
  readonly paper: 'unknown' | 'full' | 'low' | 'out' | 'jammed';
  readonly cover: 'unknown' | 'open' | 'closed';
  readonly cutter: 'unknown' | 'ok' | 'fault';
  /** `overheated`: the print head is too hot; the printer goes on by itself when it has cooled down. */
  readonly head: 'unknown' | 'ok' | 'overheated';
}

/** The status while nothing is known beyond the device state. */
export const unknownStatus = (device: DeviceState): ReceiptPrinterStatus => ({
  device,
  paper: 'unknown',
  cover: 'unknown',
  cutter: 'unknown',
  head: 'unknown',
});

const deviceState = (condition: PrinterCondition): DeviceState => {
  if (condition.mechanicalError || condition.cutterError || condition.unrecoverableError)
    return 'hardwareError';
  if (condition.coverOpen || condition.paperEnd || condition.stoppedOnPaperEnd) return 'userError';
  if (condition.selfClearingError) return 'deviceBusy';
  if (condition.error) return 'hardwareError';
  return condition.offline ? 'offline' : 'online';
};

const paperState = (condition: PrinterCondition): ReceiptPrinterStatus['paper'] => {
  if (condition.mechanicalError) return 'jammed';
  if (condition.paperEnd || condition.stoppedOnPaperEnd) return 'out';
  return condition.paperNearEnd ? 'low' : 'full';
};

/** The status that one complete round of answers amounts to. */
export const toStatus = (condition: PrinterCondition): ReceiptPrinterStatus => ({
  device: deviceState(condition),
  paper: paperState(condition),
  cover: condition.coverOpen ? 'open' : 'closed',
  cutter: condition.cutterError ? 'fault' : 'ok',
  // ESC/POS, DLE EOT 3, bit 6: the one error that printers leave by themselves is the temperature of the head.
  head: condition.selfClearingError ? 'overheated' : 'ok',
});

export const sameStatus = (a: ReceiptPrinterStatus, b: ReceiptPrinterStatus): boolean =>
  a.device === b.device &&
  a.paper === b.paper &&
  a.cover === b.cover &&
  a.cutter === b.cutter &&
  a.head === b.head;

/** An error that the printer leaves only when told to (DLE ENQ). */
export const needsRecovery = (condition: PrinterCondition): boolean =>
  !condition.coverOpen &&
  !condition.paperEnd &&
  (condition.waitingForRecovery || condition.mechanicalError || condition.cutterError) &&
  !condition.unrecoverableError;

/**
 * Keeps sensors that chatter (a cover being closed, a paper roll near its end) from being reported: trouble is
 * reported with the first round that shows it, being ready only with the second round in a row that says the same.
 * Returns the status to report, or null for "no change".
 */
export const createDebouncer = (): ((
  reported: ReceiptPrinterStatus,
  seen: ReceiptPrinterStatus,
) => ReceiptPrinterStatus | null) => {
  let candidate: ReceiptPrinterStatus | null = null;
  return (reported, seen) => {
    const confirmed = candidate !== null && sameStatus(candidate, seen);
    candidate = seen;
    if (sameStatus(reported, seen)) return null;
    const nothingKnown = reported.cover === 'unknown';
    return seen.device !== 'online' || nothingKnown || confirmed ? seen : null;
  };
};
