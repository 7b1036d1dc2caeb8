/** A cable that can be cut: passes TCP on to a port until a byte count of one connection is reached. */

import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export interface Cut {
  /** Cut after this many bytes from the client ... */
  readonly afterSent?: number;
  /** ... or after this many from the server; 0 = the answer's first byte already is lost. */
  readonly afterReceived?: number;
}

export interface CuttingProxy {
  readonly port: number;
  /** Cuts the connection on which the client sends a request that begins so; bytes are counted from there. */
  cutWhen(matches: (head: Buffer) => boolean, cut: Cut): void;
  close(): Promise<void>;
}

export const startCuttingProxy = async (target: number): Promise<CuttingProxy> => {
  const sockets = new Set<Socket>();
  let plan: { matches: (head: Buffer) => boolean; cut: Cut } | null = null;

  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    let cut: Cut = {};
    let sent = 0;
    let received = 0;
    const sever = (): void => {
      client.destroy();
      // What was passed on before the cut still arrives, as it would from a cable that was cut.
      upstream.end();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => sockets.delete(socket));
    }
    client.on('data', (chunk: Buffer) => {
      if (plan?.matches(chunk)) {
        cut = plan.cut;
        plan = null;
        sent = 0;
        received = 0;
      }
      const room = (cut.afterSent ?? Infinity) - sent;
      sent += chunk.length;
      if (room > 0) upstream.write(chunk.subarray(0, room));
      if (room <= chunk.length) sever();
    });
    upstream.on('data', (chunk: Buffer) => {
      const room = (cut.afterReceived ?? Infinity) - received;
      received += chunk.length;
      if (room > 0) client.write(chunk.subarray(0, room));
      if (room <= chunk.length) sever();
    });
    upstream.on('close', () => client.destroy());
    client.on('close', () => upstream.end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();

  return {
    port: typeof address === 'object' && address ? address.port : 0,
    cutWhen(matches, cut) {
      plan = { matches, cut };
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
};
