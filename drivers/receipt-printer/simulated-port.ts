/** The simulated printer behind a real TCP port, like a network printer's raw port 9100. */

import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { Clock, Unsubscribe } from '../device.ts';
import { type Transport, tcpTransport } from '../transport/index.ts';
import type { PrintedReceipt } from './drawn.ts';
import { RECEIPT_PRINTER_FAULTS, type ReceiptPrinterFault, simulateReceiptPrinter } from './simulator.ts';

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

/** Listens on 127.0.0.1. `unplugged` drops the connection and stops listening; mending listens on the same port again. */
export const startSimulatedReceiptPrinter = async (
  options: SimulatedReceiptPrinterPortOptions,
): Promise<SimulatedReceiptPrinterPort> => {
  const { clock, columns = 48, speedMmPerSecond = 100 } = options;
  const printer = simulateReceiptPrinter({ clock, columns, speedMmPerSecond });
  let server: Server | null = null;
  let host: Socket | null = null;

  /** Like the real ones it serves one host at a time. */
  const accept = (socket: Socket): void => {
    socket.on('error', () => socket.destroy());
    if (host) {
      socket.destroy();
      return;
    }
    host = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => printer.receive(chunk));
    socket.on('close', () => {
      if (host === socket) host = null;
    });
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
    host?.destroy();
    host = null;
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
