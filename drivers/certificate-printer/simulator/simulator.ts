/** A certificate printer made of software, behind real IPP over real HTTP. */

import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Clock, Unsubscribe } from '../../device.ts';
import { decodeIpp } from '../ipp/decode.ts';
import { encodeIpp } from '../ipp/encode.ts';
import {
  CERTIFICATE_PRINTER_FAULTS,
  type CertificatePrinterFault,
  createPrinterEngine,
  type PrintedPage,
} from './engine.ts';
import { answerTo } from './operations.ts';

export interface SimulatedCertificatePrinter {
  readonly uri: string;
  readonly port: number;
  readonly faults: readonly CertificatePrinterFault[];
  /** Called once for each job, when its last sheet has come out. */
  onPage(listener: (page: PrintedPage) => void): Unsubscribe;
  /** Sheets that have come out so far, those of unfinished jobs included. */
  readonly sheetsOut: number;
  /** Sets one fault, or mends it with null. Resolves when it has taken effect, port included. */
  fault(name: CertificatePrinterFault | null): Promise<void>;
  close(): Promise<void>;
}

export interface SimulatedCertificatePrinterOptions {
  readonly clock: Clock;
  /** 0 or absent: any free port. */
  readonly port?: number;
  /** 20 unless told. */
  readonly pagesPerMinute?: number;
  /** Offer Create-Job and Send-Document; true unless told. Without them: Print-Job only, as simple printers do. */
  readonly createJob?: boolean;
}

const HOST = '127.0.0.1';
const PATH = '/ipp/print';
/** How late a slow printer answers, milliseconds. */
const LATE_MS = 700;
/** Certificates are tens of kilobytes. */
const MAX_REQUEST_BYTES = 64 << 20;

/** Listens on 127.0.0.1. `unplugged` drops connections and stops listening; mending listens on the same port again. */
export const startSimulatedCertificatePrinter = async (
  options: SimulatedCertificatePrinterOptions,
): Promise<SimulatedCertificatePrinter> => {
  const { clock, pagesPerMinute = 20, createJob = true } = options;
  const engine = createPrinterEngine(clock, pagesPerMinute);
  let server: Server | null = null;
  let fault: CertificatePrinterFault | null = null;
  const late = new Set<() => void>();
  let uri = '';

  const answer = (response: ServerResponse, body: Buffer): void => {
    const request = decodeIpp(body);
    if (!request.ok) {
      response.writeHead(400).end();
      return;
    }
    const bytes = encodeIpp(answerTo(engine, { uri, createJob }, request.value));
    response.writeHead(200, { 'content-type': 'application/ipp', 'content-length': bytes.length }).end(bytes);
  };

  const reply = (response: ServerResponse, body: Buffer): void => {
    if (server && !response.destroyed) answer(response, body);
  };

  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    if (request.method !== 'POST' || request.headers['content-type'] !== 'application/ipp') {
      response.writeHead(request.method === 'POST' ? 415 : 405).end();
      return;
    }
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_REQUEST_BYTES) request.destroy();
      else chunks.push(chunk);
    });
    request.on('error', () => response.destroy());
    request.on('end', () => {
      if (!request.complete || fault === 'silent') return;
      const body = Buffer.concat(chunks);
      if (fault === 'slow') late.add(clock.after(LATE_MS, () => reply(response, body)));
      else reply(response, body);
    });
  };

  const listen = async (port: number): Promise<number> => {
    const listening = createServer(serve);
    server = listening;
    listening.listen(port, HOST);
    await once(listening, 'listening');
    const address = listening.address();
    return typeof address === 'object' && address ? address.port : port;
  };

  const unlisten = async (): Promise<void> => {
    const listening = server;
    server = null;
    if (!listening) return;
    const closed = once(listening, 'close');
    listening.close();
    listening.closeAllConnections();
    await closed;
  };

  const port = await listen(options.port ?? 0);
  uri = `ipp://${HOST}:${port}${PATH}`;

  return {
    uri,
    port,
    faults: CERTIFICATE_PRINTER_FAULTS,
    onPage: engine.onPage,
    get sheetsOut() {
      return engine.sheetsOut;
    },
    async fault(name) {
      fault = name;
      engine.fault(name);
      if (name === 'unplugged') await unlisten();
      else if (!server) await listen(port);
    },
    async close() {
      engine.close();
      for (const cancel of late) cancel();
      await unlisten();
    },
  };
};
