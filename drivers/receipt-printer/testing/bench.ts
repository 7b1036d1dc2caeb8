/** A driver and a simulated printer in one process, on a clock that is moved by hand. */

import { onTestFinished } from 'vitest';
import { manualClock, memoryTransport, type Transport } from '../../transport/index.ts';
import { type ReceiptDocument, receiptText } from '../document/index.ts';
import { openReceiptPrinter, type ReceiptPrinterOptions } from '../driver.ts';
import type { ReceiptPrinterEvent } from '../report.ts';
import {
  type ReceiptPrinterFault,
  type SimulatedReceiptPrinterOptions,
  simulateReceiptPrinterOn,
} from '../simulator/index.ts';

export const slip = (text: string): ReceiptDocument => ({ lines: [{ kind: 'text', text }, { kind: 'cut' }] });

export interface BenchOptions extends Partial<Omit<ReceiptPrinterOptions, 'transport' | 'clock'>> {
  readonly simulator?: Partial<Omit<SimulatedReceiptPrinterOptions, 'clock'>>;
  readonly wrap?: (transport: Transport, clock: ReturnType<typeof manualClock>) => Transport;
}

export const inProcess = ({ simulator = {}, wrap = (plain) => plain, ...config }: BenchOptions = {}) => {
  const clock = manualClock();
  const { transport, peer } = memoryTransport('in process');
  const mechanism = simulateReceiptPrinterOn(peer, { clock, columns: 48, speedMmPerSecond: 0, ...simulator });
  const slips: string[] = [];
  mechanism.onReceipt((receipt) => slips.push(receiptText(receipt).trim()));
  const printer = openReceiptPrinter({
    transport: wrap(transport, clock),
    clock,
    random: () => 0.5,
    ...config,
  });
  const events: ReceiptPrinterEvent[] = [];
  printer.onEvent((event) => events.push(event));
  const end = async (): Promise<void> => {
    mechanism.close();
    await printer.close();
  };
  onTestFinished(end);

  const fault = (name: ReceiptPrinterFault | null): void => {
    mechanism.fault(name);
    peer.refuse(name === 'unplugged' ? 'no such port' : null);
    if (name === 'unplugged') peer.drop();
  };

  /** Moves the clock until the promise is settled. */
  const settle = async <T>(promise: Promise<T>, withinMs = 300_000): Promise<T> => {
    let settled = false;
    const watch = (): void => {
      settled = true;
    };
    promise.then(watch, watch);
    const until = clock.monotonic() + withinMs;
    while (!settled && clock.monotonic() < until) await clock.advance(20);
    if (!settled) throw new Error(`nothing came of it within ${withinMs} ms`);
    return promise;
  };
  return { clock, peer, mechanism, slips, printer, events, fault, settle, end };
};
