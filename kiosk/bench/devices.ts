import type { Clock, IdCard, KeyPress, PrintedReceipt, Transport, Unsubscribe } from '@huimin/drivers';
import { startSimulatedCertificatePrinter } from '@huimin/drivers/certificate-printer';
import { simulateScan } from '@huimin/drivers/code-scanner';
import { startSimulatedIdCardReader } from '@huimin/drivers/id-card-reader';
import { startSimulatedReceiptPrinter } from '@huimin/drivers/receipt-printer';
import { faultMeant } from './faults.ts';

/** What the bench can do to any simulated device. */
export interface SimulatedDevice {
  /** Where its bytes go; may change when the device is plugged in again. */
  readonly where: string;
  readonly faults: readonly string[];
  /**
   * Sets a fault by its name or another word for it, or mends it with `null`. Resolves to the fault's own name once it
   * has taken effect, or to `undefined`, changing nothing, when the device has no such fault.
   */
  setFault(word: string | null): Promise<string | null | undefined>;
  close(): Promise<void>;
}

export interface IdCardReaderOnBench extends SimulatedDevice {
  readonly transport: Transport;
  place(card: IdCard | null): void;
}

export interface ReceiptPrinterOnBench extends SimulatedDevice {
  readonly transport: Transport;
  onReceipt(listener: (receipt: PrintedReceipt) => void): Unsubscribe;
}

export interface CertificatePrinterOnBench extends SimulatedDevice {
  readonly uri: string;
  /** Called with each copy that comes out. */
  onCopy(listener: (pdf: Uint8Array) => void): Unsubscribe;
}

export interface CodeScannerOnBench extends SimulatedDevice {
  onBurst(listener: (keys: readonly KeyPress[]) => void): Unsubscribe;
  /** Holds a code before the window; `false` when nobody hears it because the cable is out. */
  scan(code: string): boolean;
}

/** From the words of the API to a device's own names for its faults. */
const faultSetter =
  <Fault extends string>(faults: readonly Fault[], apply: (fault: Fault | null) => void | Promise<void>) =>
  async (word: string | null): Promise<Fault | null | undefined> => {
    const fault = word === null ? null : faultMeant(word, faults);
    if (fault !== undefined) await apply(fault);
    return fault;
  };

export async function placeIdCardReader(clock: Clock): Promise<IdCardReaderOnBench> {
  const reader = await startSimulatedIdCardReader({ clock });
  const faults = ['unplugged', 'unreadable', 'no-answer', 'noise', 'slow', 'sam-failed'] as const;
  return {
    transport: reader.transport,
    get where() {
      return reader.where;
    },
    faults,
    setFault: faultSetter(faults, (fault) => reader.fault(fault)),
    place: (card) => reader.place(card),
    close: () => reader.close(),
  };
}

export async function placeReceiptPrinter(clock: Clock): Promise<ReceiptPrinterOnBench> {
  const printer = await startSimulatedReceiptPrinter({ clock });
  return {
    transport: printer.transport,
    where: `tcp ${printer.host}:${printer.port}`,
    faults: printer.faults,
    setFault: faultSetter(printer.faults, (fault) => printer.fault(fault)),
    onReceipt: (listener) => printer.onReceipt(listener),
    close: () => printer.close(),
  };
}

export async function placeCertificatePrinter(clock: Clock): Promise<CertificatePrinterOnBench> {
  const printer = await startSimulatedCertificatePrinter({ clock });
  return {
    uri: printer.uri,
    where: printer.uri,
    faults: printer.faults,
    setFault: faultSetter(printer.faults, (fault) => printer.fault(fault)),
    onCopy: (listener) =>
      printer.onPage(({ pdf, copies }) => {
        for (let copy = 0; copy < copies; copy += 1) listener(pdf);
      }),
    close: () => printer.close(),
  };
}

export function placeCodeScanner(clock: Clock): CodeScannerOnBench {
  const listeners = new Set<(keys: readonly KeyPress[]) => void>();
  const faults = ['unplugged'] as const;
  let plugged = true;
  return {
    where: 'in process',
    faults,
    setFault: faultSetter(faults, (fault) => {
      plugged = fault === null;
    }),
    onBurst(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    scan(code) {
      if (!plugged) return false;
      const keys = simulateScan(code, clock.monotonic());
      for (const listener of [...listeners]) listener(keys);
      return true;
    },
    async close() {
      listeners.clear();
    },
  };
}

export function placeFaceCamera(href: string): SimulatedDevice & { readonly plugged: boolean } {
  const faults = ['unplugged'] as const;
  let plugged = true;
  return {
    where: href,
    get plugged() {
      return plugged;
    },
    faults,
    setFault: faultSetter(faults, (fault) => {
      plugged = fault === null;
    }),
    close: async () => {},
  };
}
