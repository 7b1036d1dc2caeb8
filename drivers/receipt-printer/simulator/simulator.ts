/**
 * A receipt printer made of software: fed with bytes, it answers, prints line by line, and has the faults of a real
 * one, also in mid print.
 */

import { channel } from '../../channel.ts';
import type { Clock, Unsubscribe } from '../../device.ts';
import type { PrintedReceipt } from '../document/index.ts';
import { createCommandParser, type PrinterCommand, STATUS_QUERIES } from '../esc-pos/index.ts';
import { automaticAnswer, isSilent, isStopped, type ReceiptPrinterFault, realTimeAnswer } from './faults.ts';
import { createPaper } from './paper.ts';

export interface SimulatedReceiptPrinterOptions {
  readonly clock: Clock;
  readonly columns: number;
  /** Paper speed; 0 prints without delay. 100 mm/s unless told. */
  readonly speedMmPerSecond?: number;
  /** Answered to GS I 67; null for a printer that does not know the command. */
  readonly model?: string | null;
}

export interface ReceiptPrinterMechanism {
  /** Bytes from the host. */
  receive(chunk: Uint8Array): void;
  /** Where answers go; replaced with each connection. */
  answerTo(send: (bytes: Uint8Array) => void): void;
  /** Called with each slip that is cut off. */
  onReceipt(listener: (receipt: PrintedReceipt) => void): Unsubscribe;
  /** One fault at a time; null mends it. `power-cycled` mends itself. */
  fault(name: ReceiptPrinterFault | null): void;
  /** Stops the clockwork. */
  close(): void;
}

/** 203 dots per inch. */
const DOTS_PER_MM = 8;
/** A hung printer's input buffer. */
const HELD_LIMIT = 1 << 20;
const BOOT_MS = 1_500;
const SLOW_ANSWER_MS = 400;
const SLOW_FACTOR = 4;
const CHATTER_MS = 30;
const XON = 0x11;
const ASKS_MODEL = 0x43;

export const simulateReceiptPrinter = (options: SimulatedReceiptPrinterOptions): ReceiptPrinterMechanism => {
  const { clock, columns, speedMmPerSecond = 100, model = 'SIM-80' } = options;
  const paper = createPaper(columns);
  const receipts = channel<PrintedReceipt>();
  const timers = new Set<() => void>();
  let parser = createCommandParser();
  let queue: PrinterCommand[] = [];
  let fault: ReceiptPrinterFault | null = null;
  let latched: 'mechanical' | 'cutter' | null = null;
  let held: number[] = [];
  let realTime: number[] = [];
  let automatic = 0;
  let cutOffs = 0;
  let cancelMove: (() => void) | null = null;
  let send = (_bytes: Uint8Array): void => {};

  const stopped = (): boolean => isStopped({ fault, latched });

  const later = (ms: number, callback: () => void): void => {
    const cancel = clock.after(ms, () => {
      timers.delete(cancel);
      callback();
    });
    timers.add(cancel);
  };

  const say = (...bytes: number[]): void => {
    if (isSilent(fault)) return;
    if (fault === 'slow') later(SLOW_ANSWER_MS, () => send(Uint8Array.from(bytes)));
    else send(Uint8Array.from(bytes));
  };

  const tellChange = (): void => {
    if (automatic !== 0) say(...automaticAnswer({ fault, latched }));
  };

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
    tellChange();
    run();
  };

  /** Real-time commands act when they arrive, wherever they stand, even inside another command's data. */
  const listenInRealTime = (byte: number): void => {
    realTime = [...realTime.slice(-2), byte];
    const [first, second] = realTime;
    if (realTime.length < 3 || first !== 0x10) return;
    const query = STATUS_QUERIES.find((each) => each === byte);
    if (second === 0x04 && query !== undefined) say(realTimeAnswer(query, { fault, latched }));
    if (second === 0x05 && (byte === 1 || byte === 2)) recover(byte === 2);
  };

  const cutOff = (): void => {
    const lines = paper.cutOff();
    const isBlank = lines.every(
      (element) => element.kind === 'feed' || (element.kind === 'line' && element.runs.length === 0),
    );
    // A blank piece of paper is no receipt.
    if (isBlank) return;
    cutOffs += 1;
    receipts.tell({ id: `receipt-${cutOffs}`, at: clock.now(), columns, lines });
  };

  const answerBarrier = (): void => say(fault === 'paper-low' ? 0x03 : 0x00);

  const carryOut = (command: PrinterCommand): void => {
    paper.apply(command);
    if (command.kind === 'cut') cutOff();
    if (command.kind === 'initialise') automatic = 0;
    if (command.kind === 'paper-status') answerBarrier();
    if (command.kind === 'identity' && command.which === ASKS_MODEL && model !== null) {
      say(0x5f, ...new TextEncoder().encode(model), 0x00);
    }
    if (command.kind === 'automatic-status') {
      automatic = command.mask;
      tellChange();
    }
  };

  const travelMs = (command: PrinterCommand): number => {
    if (speedMmPerSecond === 0) return 0;
    const ms = (paper.travel(command) / DOTS_PER_MM / speedMmPerSecond) * 1000;
    return fault === 'slow' ? ms * SLOW_FACTOR : ms;
  };

  const run = (): void => {
    while (cancelMove === null && !stopped()) {
      const command = queue[0];
      if (!command) return;
      if (command.kind === 'cut' && fault === 'cutter') {
        latched = 'cutter';
        tellChange();
        return;
      }
      const ms = travelMs(command);
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

  const forgetEverything = (): void => {
    queue = [];
    held = [];
    latched = null;
    automatic = 0;
    parser = createCommandParser();
    paper.powerCycle();
  };

  const take = (byte: number): void => {
    listenInRealTime(byte);
    const command = parser.feed(byte);
    if (command === null) return;
    if (command.kind === 'paper-status' && fault === 'lying') answerBarrier();
    else queue.push(command);
  };

  const chatter = (): void => {
    if (fault !== 'chatty') return;
    say(XON, ...automaticAnswer({ fault, latched }));
    later(CHATTER_MS, chatter);
  };

  const setFault = (name: ReceiptPrinterFault | null): void => {
    fault = name;
    if (name === 'jam') latched = 'mechanical';
    if (name === 'unplugged' || name === 'power-cycled') forgetEverything();
    if (name === 'power-cycled') {
      later(BOOT_MS, () => {
        if (fault === 'power-cycled') setFault(null);
      });
    }
    if (stopped()) stopMoving();
    if (name === 'chatty') chatter();
    tellChange();
    if (isSilent(name)) return;
    const waiting = held;
    held = [];
    for (const byte of waiting) take(byte);
    run();
  };

  return {
    receive(chunk) {
      if (fault === 'unplugged' || fault === 'power-cycled') return;
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
    onReceipt: receipts.listen,
    fault: setFault,
    close() {
      stopMoving();
      for (const cancel of timers) cancel();
      timers.clear();
    },
  };
};
