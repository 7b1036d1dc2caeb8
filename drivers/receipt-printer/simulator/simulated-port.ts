/** The simulated printer behind a real port. */

import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { Clock, Unsubscribe } from '../../device.ts';
import { type Link, type Transport, tcpTransport } from '../../transport/index.ts';
import type { PrintedReceipt } from '../document/index.ts';
import { RECEIPT_PRINTER_FAULTS, type ReceiptPrinterFault } from './faults.ts';
import {
  type ReceiptPrinterMechanism,
  type SimulatedReceiptPrinterOptions,
  simulateReceiptPrinter,
} from './simulator.ts';

/** On the device's end of any link: a pseudo-terminal, an in-process pipe, a printer gadget. */
export const simulateReceiptPrinterOn = (
  link: Link,
  options: SimulatedReceiptPrinterOptions,
): ReceiptPrinterMechanism => {
  const printer = simulateReceiptPrinter(options);
  printer.answerTo((bytes) => void link.write(bytes));
  link.onData(printer.receive);
  return printer;
};

export interface SimulatedReceiptPrinterPort {
  readonly host: string;
  readonly port: number;
  /** Reaches it. */
  readonly transport: Transport;
  readonly faults: readonly ReceiptPrinterFault[];
  onReceipt(listener: (receipt: PrintedReceipt) => void): Unsubscribe;
  /** Sets one fault, or mends it with null. Resolves when it has taken effect, port included. */
  fault(name: ReceiptPrinterFault | null): Promise<void>;
  close(): Promise<void>;
}

export interface SimulatedReceiptPrinterPortOptions {
  readonly clock: Clock;
  /** 0 or absent: any free port. */
  readonly port?: number;
  /** 48 unless told. */
  readonly columns?: number;
  /** 100 unless told; 0 prints without delay. */
  readonly speedMmPerSecond?: number;
}

const HOST = '127.0.0.1';

/**
 * Like a network printer's raw port 9100, on 127.0.0.1. `unplugged` drops the connection and stops listening; mending
 * listens on the same port again.
 */
export const startSimulatedReceiptPrinter = async (
  options: SimulatedReceiptPrinterPortOptions,
): Promise<SimulatedReceiptPrinterPort> => {
  const { clock, columns = 48, speedMmPerSecond = 100 } = options;
  const printer = simulateReceiptPrinter({ clock, columns, speedMmPerSecond });
  let server: Server | null = null;
  let host: Socket | null = null;

  /** Like the real ones it serves one host at a time; the next one waits, its bytes unread. */
  const waiting: Socket[] = [];
  const serve = (socket: Socket): void => {
    host = socket;
    socket.on('data', (chunk: Buffer) => printer.receive(chunk));
  };
  const accept = (socket: Socket): void => {
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      const place = waiting.indexOf(socket);
      if (place >= 0) waiting.splice(place, 1);
      if (host !== socket) return;
      host = null;
      const next = waiting.shift();
      if (next) serve(next);
    });
    if (host) waiting.push(socket);
    else serve(socket);
  };

  const listen = async (port: number): Promise<number> => {
    const listening = createServer(accept);
    server = listening;
    listening.listen(port, HOST);
    await once(listening, 'listening');
    const address = listening.address();
    return typeof address === 'object' && address ? address.port : port;
  };

  const unlisten = async (): Promise<void> => {
    const listening = server;
    server = null;
    const gone = host;
    host = null;
    for (const socket of [gone, ...waiting.splice(0)]) socket?.destroy();
    if (!listening) return;
    listening.close();
    await once(listening, 'close');
  };

  printer.answerTo((bytes) => host?.write(bytes));
  const port = await listen(options.port ?? 0);

  return {
    host: HOST,
    port,
    transport: tcpTransport({ host: HOST, port }),
    faults: RECEIPT_PRINTER_FAULTS,
    onReceipt: printer.onReceipt,
    async fault(name) {
      printer.fault(name);
      if (name === 'unplugged') await unlisten();
      else if (!server) await listen(port);
    },
    async close() {
      printer.close();
      await unlisten();
    },
  };
};
