import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { systemClock } from '../../device.ts';
import { type IdCard, simulateIdCardReader } from '../../id-card-reader/index.ts';
import { linkEnds } from '../../transport/index.ts';

export interface TcpReader {
  /** As `--port` takes it. */
  readonly port: string;
  place(card: IdCard | null): void;
  /** How many bytes have been sent; told as they are, so that a test can pull the cable among them. */
  onSent(listener: (total: number) => void): void;
  unplug(): void;
  close(): Promise<void>;
}

export interface TcpReaderOptions {
  /** Answers nothing at all. */
  readonly mute?: boolean;
  readonly latestAddress?: string;
}

/** A simulated ID card reader behind a serial-to-network adapter, paced like the line behind it. */
export async function tcpReader({ mute = false, latestAddress }: TcpReaderOptions = {}): Promise<TcpReader> {
  let card: IdCard | null = null;
  let place: (card: IdCard | null) => void = () => {};
  let tell: (total: number) => void = () => {};
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const ends = linkEnds();
    let total = 0;
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => mute || ends.receive(chunk));
    socket.on('close', () => {
      sockets.delete(socket);
      ends.end('closed');
    });
    const link = {
      async write(bytes: Uint8Array) {
        if (ends.ended) return;
        await new Promise<void>((resolve) => socket.write(bytes, () => resolve()));
        total += bytes.length;
        tell(total);
      },
      onData: ends.onData,
      onClose: ends.onClose,
      async close() {
        socket.destroy();
      },
    };
    const reader = simulateIdCardReader({
      link,
      clock: systemClock,
      paced: true,
      ...(latestAddress === undefined ? {} : { latestAddress }),
    });
    reader.place(card);
    place = (next) => reader.place(next);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const unplug = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: `tcp:127.0.0.1:${port}`,
    place(next) {
      card = next;
      place(next);
    },
    onSent(listener) {
      tell = listener;
    },
    unplug,
    async close() {
      const closed = once(server, 'close');
      server.close();
      unplug();
      await closed;
    },
  };
}
