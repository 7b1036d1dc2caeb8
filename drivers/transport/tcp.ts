import { connect, type Socket } from 'node:net';
import { err, ok, type Result } from '../device.ts';
import type { Link, Transport } from './link.ts';
import { linkEnds } from './link-ends.ts';
import { sentences } from './reasons.ts';

export interface TcpOptions {
  readonly host: string;
  readonly port: number;
  /** How long an unanswered connection attempt may last, milliseconds. */
  readonly connectTimeoutMs?: number;
}

/** Printers hang up on nobody who is merely silent, so a cut cable is found by keep-alive probes after this long. */
const KEEP_ALIVE_MS = 5000;

/** A raw TCP connection, e.g. a network printer's port 9100. */
export function tcpTransport({ host, port, connectTimeoutMs = 1500 }: TcpOptions): Transport {
  const address = `${host}:${port}`;
  return {
    name: `tcp ${address}`,
    open: () =>
      new Promise<Result<Link, string>>((resolve) => {
        const socket = connect({
          host,
          port,
          noDelay: true,
          keepAlive: true,
          keepAliveInitialDelay: KEEP_ALIVE_MS,
        });
        const fail = (reason: string) => {
          clearTimeout(timer);
          socket.destroy();
          resolve(err(reason));
        };
        const timer = setTimeout(() => fail(sentences.noAnswer(address)), connectTimeoutMs);
        const refused = (error: NodeJS.ErrnoException) => fail(explain(error, address));
        socket.once('error', refused);
        socket.once('connect', () => {
          clearTimeout(timer);
          socket.off('error', refused);
          resolve(ok(tcpLink(socket)));
        });
      }),
  };
}

function tcpLink(socket: Socket): Link {
  const ends = linkEnds();
  let reason: string = sentences.closed;
  socket.on('data', (chunk: Buffer) => ends.receive(chunk));
  socket.on('error', (error: NodeJS.ErrnoException) => {
    reason = `connection lost: ${error.code ?? error.message}`;
  });
  // Half-open connections are of no use to a device driver: when the peer ends, so do we.
  socket.on('end', () => {
    reason = 'closed by peer';
    socket.destroy();
  });
  socket.on('close', () => ends.end(reason));
  return {
    write(bytes) {
      if (ends.ended || socket.destroyed) return Promise.resolve();
      const written = new Promise<void>((resolve) => socket.write(bytes, () => resolve()));
      return ends.untilEnded(written);
    },
    onData: ends.onData,
    onClose: ends.onClose,
    close() {
      socket.destroy();
      return ends.whenEnded;
    },
  };
}

function explain(error: NodeJS.ErrnoException, address: string): string {
  switch (error.code) {
    case 'ECONNREFUSED':
      return `nothing listens at ${address}`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `no such host: ${address}`;
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `no route to ${address}`;
    default:
      return `${address} could not be reached: ${error.code ?? error.message}`;
  }
}
