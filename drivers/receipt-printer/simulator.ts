/**
 * A receipt printer made of software: fed with bytes, it answers, prints line by line, and has the faults of a real
 * one, also in mid print.
 */

import type { Clock, Unsubscribe } from '../device.ts';
import { createCommandParser, type PrinterCommand } from './command-parser.ts';
import type { PrintedReceipt } from './drawn.ts';
import { createPaper } from './paper.ts';

/**
 * `paper-out`, `cover-open`: stops, goes on when mended. `paper-low`: a warning. `jam`: a mechanical error at once;
 * `cutter`: an error at the next cut; both last until mended and the host has asked to recover (DLE ENQ).
 * `unplugged`: power gone, its memory with it. `no-answer`: hangs; bytes are kept, nothing happens, nothing is said.
 */
export type ReceiptPrinterFault =
  | 'paper-out'
  | 'paper-low'
  | 'cover-open'
  | 'cutter'
  | 'jam'
  | 'unplugged'
  | 'no-answer';

export const RECEIPT_PRINTER_FAULTS: readonly ReceiptPrinterFault[] = [
  'paper-out',
  'paper-low',
  'cover-open',
  'cutter',
  'jam',
  'unplugged',
  'no-answer',
];

export interface SimulatedReceiptPrinterOptions {
  readonly clock: Clock;
  readonly columns: number;
  /** Paper speed; 0 prints without delay. 100 mm/s unless told. */
  readonly speedMmPerSecond?: number;
}

export interface ReceiptPrinterMechanism {
  /** Bytes from the host. */
  receive(chunk: Uint8Array): void;
  /** Where answers go; replaced with each connection. */
  answerTo(send: (bytes: Uint8Array) => void): void;
  /** Called with each slip that is cut off. */
  onReceipt(listener: (receipt: PrintedReceipt) => void): Unsubscribe;
  /** One fault at a time; null mends it. */
  fault(name: ReceiptPrinterFault | null): void;
  /** Stops the clockwork. */
  close(): void;
}

/** 203 dots per inch. */
const DOTS_PER_MM = 8;
/** A hung printer's input buffer. */
const HELD_LIMIT = 1 << 20;

export const simulateReceiptPrinter = (options: SimulatedReceiptPrinterOptions): ReceiptPrinterMechanism => {
  const { clock, columns, speedMmPerSecond = 100 } = options;
  const paper = createPaper(columns);
  const listeners = new Set<(receipt: PrintedReceipt) => void>();
  let parser = createCommandParser();
  let queue: PrinterCommand[] = [];
  let fault: ReceiptPrinterFault | null = null;
  let latched: 'mechanical' | 'cutter' | null = null;
  let held: number[] = [];
  let realTime: number[] = [];
  let automatic = 0;
  let receipts = 0;
  let cancelMove: (() => void) | null = null;
  let send = (_bytes: Uint8Array): void => {};

  const isStopped = (): boolean =>
    latched !== null ||
    fault === 'paper-out' ||
    fault === 'cover-open' ||
    fault === 'unplugged' ||
    fault === 'no-answer';

  const flag = (on: boolean, index: number): number => (on ? 1 << index : 0);

  const realTimeStatus = (query: number): number | null => {
    const out = fault === 'paper-out';
    const cover = fault === 'cover-open';
    switch (query) {
      case 1:
        return 0x12 | flag(out || cover || latched !== null, 3) | flag(latched !== null, 5);
      case 2:
        return 0x12 | flag(cover, 2) | flag(out, 5) | flag(latched !== null, 6);
      case 3:
        return 0x12 | flag(latched === 'mechanical', 2) | flag(latched === 'cutter', 3);
      case 4:
        return 0x12 | (out || fault === 'paper-low' ? 0x0c : 0) | (out ? 0x60 : 0);
      default:
        return null;
    }
  };

  const automaticStatus = (): Uint8Array =>
    Uint8Array.of(
      0x10 | flag(isStopped(), 3) | flag(fault === 'cover-open', 5),
      flag(latched === 'mechanical', 2) | flag(latched === 'cutter', 3),
      (fault === 'paper-out' || fault === 'paper-low' ? 0x03 : 0) | (fault === 'paper-out' ? 0x0c : 0),
      0,
    );

  const recover = (clear: boolean): void => {
    if (
      latched === null ||
      (latched === 'mechanical' && fault === 'jam') ||
      (latched === 'cutter' && fault === 'cutter')
    ) {
      return;
    }
    latched = null;
    if (clear) {
      queue = [];
      parser = createCommandParser();
    }
    run();
  };

  /** Real-time commands act when they arrive, wherever they stand, even inside another command's data. */
  const listenInRealTime = (byte: number): void => {
    realTime = [...realTime.slice(-2), byte];
    const [first, second] = realTime;
    if (realTime.length < 3 || first !== 0x10) return;
    if (second === 0x04) {
      const answer = realTimeStatus(byte);
      if (answer !== null) send(Uint8Array.of(answer));
    }
    if (second === 0x05 && (byte === 1 || byte === 2)) recover(byte === 2);
  };

  const cutOff = (): void => {
    const lines = paper.cutOff();
    // A blank piece of paper is no receipt.
    if (
      lines.every(
        (element) => element.kind === 'feed' || (element.kind === 'line' && element.runs.length === 0),
      )
    )
      return;
    receipts += 1;
    const receipt: PrintedReceipt = { id: `receipt-${receipts}`, at: clock.now(), columns, lines };
    for (const listener of [...listeners]) listener(receipt);
  };

  const carryOut = (command: PrinterCommand): void => {
    paper.apply(command);
    if (command.kind === 'cut') cutOff();
    if (command.kind === 'paper-status') send(Uint8Array.of(fault === 'paper-low' ? 0x03 : 0x00));
    if (command.kind === 'automatic-status') {
      automatic = command.mask;
      tellChange();
    }
  };

  const tellChange = (): void => {
    if (automatic !== 0 && fault !== 'unplugged' && fault !== 'no-answer') send(automaticStatus());
  };

  const run = (): void => {
    while (cancelMove === null && !isStopped()) {
      const command = queue[0];
      if (!command) return;
      if (command.kind === 'cut' && fault === 'cutter') {
        latched = 'cutter';
        tellChange();
        return;
      }
      const ms = speedMmPerSecond === 0 ? 0 : (paper.travel(command) / DOTS_PER_MM / speedMmPerSecond) * 1000;
      const finish = (): void => {
        cancelMove = null;
        queue.shift();
        carryOut(command);
      };
      if (ms === 0) {
        finish();
        continue;
      }
      cancelMove = clock.after(ms, () => {
        finish();
        run();
      });
    }
  };

  /** The line being printed is begun anew after the fault is mended. */
  const stopMoving = (): void => {
    cancelMove?.();
    cancelMove = null;
  };

  const take = (byte: number): void => {
    listenInRealTime(byte);
    const command = parser.feed(byte);
    if (command) queue.push(command);
  };

  return {
    receive(chunk) {
      if (fault === 'unplugged') return;
      if (fault === 'no-answer') {
        held.push(...chunk.subarray(0, Math.max(0, HELD_LIMIT - held.length)));
        return;
      }
      for (const byte of chunk) take(byte);
      run();
    },
    answerTo(next) {
      send = next;
    },
    onReceipt(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    fault(name) {
      fault = name;
      if (name === 'jam') latched = 'mechanical';
      if (name === 'unplugged') {
        queue = [];
        held = [];
        latched = null;
        automatic = 0;
        parser = createCommandParser();
        paper.powerCycle();
      }
      if (isStopped()) stopMoving();
      tellChange();
      if (name === 'no-answer') return;
      const waiting = held;
      held = [];
      for (const byte of waiting) take(byte);
      run();
    },
    close: stopMoving,
  };
};
