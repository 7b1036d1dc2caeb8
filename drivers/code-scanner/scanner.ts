import { type Clock, type Device, type DeviceState, systemClock, type Unsubscribe } from '../device.ts';
import { supervise } from '../supervisor.ts';
import type { Transport } from '../transport/index.ts';
import { createKeyboardWedge, type KeyboardWedgeOptions, type WedgeEvent } from './keyboard-wedge.ts';
import { createLineSplitter } from './line-splitter.ts';

export interface CodeScannerStatus {
  readonly device: DeviceState;
}

/** Reads bar codes and QR codes. */
export interface CodeScanner extends Device<CodeScannerStatus> {
  /** Called with every code, never with an empty one. What a code means is the listener's business: it may be hostile. */
  onCode(listener: (code: string) => void): Unsubscribe;
}

/** A scanner that acts as a keyboard: whoever sees the keys feeds them in. */
export interface KeyboardWedgeScanner extends CodeScanner {
  /** As `KeyboardWedge.feed`; a code is also told to the `onCode` listeners. */
  feed(key: string, atMs: number): WedgeEvent | null;
}

export interface KeyboardWedgeScannerOptions extends KeyboardWedgeOptions {
  readonly protocol: 'keyboard-wedge';
}

export interface SerialScannerOptions {
  readonly protocol: 'serial';
  readonly transport: Transport;
  readonly clock?: Clock;
  /** Uniform in [0, 1). */
  readonly random?: () => number;
}

export function openCodeScanner(options: KeyboardWedgeScannerOptions): KeyboardWedgeScanner;
export function openCodeScanner(options: SerialScannerOptions): CodeScanner;
export function openCodeScanner(options: KeyboardWedgeScannerOptions | SerialScannerOptions): CodeScanner {
  switch (options.protocol) {
    case 'keyboard-wedge':
      return openWedge(options);
    case 'serial':
      return openSerial(options);
    default:
      return options satisfies never;
  }
}

/** A set of listeners and a way to call them. */
function channel<T>() {
  const listeners = new Set<(value: T) => void>();
  return {
    tell(value: T) {
      for (const listener of [...listeners]) listener(value);
    },
    listen(listener: (value: T) => void): Unsubscribe {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    clear: () => listeners.clear(),
  };
}

/** A keyboard cannot be asked whether it is there, so its status is `online` from first to last. */
function openWedge(options: KeyboardWedgeScannerOptions): KeyboardWedgeScanner {
  const wedge = createKeyboardWedge(options);
  const codes = channel<string>();
  const statuses = channel<CodeScannerStatus>();
  return {
    status: { device: 'online' },
    onStatus: statuses.listen,
    onCode: codes.listen,
    feed(key, atMs) {
      const event = wedge.feed(key, atMs);
      if (event?.kind === 'code') codes.tell(event.code);
      return event;
    },
    async close() {
      codes.clear();
    },
  };
}

function openSerial({
  transport,
  clock = systemClock,
  random = Math.random,
}: SerialScannerOptions): CodeScanner {
  const codes = channel<string>();
  const statuses = channel<CodeScannerStatus>();
  let status: CodeScannerStatus = { device: 'starting' };
  const setDevice = (device: DeviceState) => {
    if (device === status.device) return;
    status = { device };
    statuses.tell(status);
  };
  const supervisor = supervise({
    transport,
    clock,
    random,
    onUp(link) {
      // Half a code from before the loss must not be joined to what follows.
      const splitter = createLineSplitter();
      link.onData((chunk) => {
        for (const code of splitter.push(chunk)) codes.tell(code);
      });
      setDevice('online');
    },
    onDown: () => setDevice('noDevice'),
  });
  return {
    get status() {
      return status;
    },
    onStatus: statuses.listen,
    onCode: codes.listen,
    async close() {
      codes.clear();
      await supervisor.close();
    },
  };
}
