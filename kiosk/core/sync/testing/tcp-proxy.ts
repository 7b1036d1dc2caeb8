import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/**
 * What happens to one request on its way. Offsets count the request's or the answer's own bytes, headers included; one
 * beyond the end does nothing.
 */
export type Fault =
  /** So many bytes of the request arrive, then the connection is gone. */
  | { readonly kind: 'cut-request'; readonly at: number }
  /** The request arrives; so many bytes of its answer come back, then the connection is gone. */
  | { readonly kind: 'cut-answer'; readonly at: number }
  /** The request arrives, and nobody ever hears of it again; the connection stays. */
  | { readonly kind: 'hang' }
  /** The request stays on its way until `release`. */
  | { readonly kind: 'withhold' }
  /** Request and answer come in pieces of so many bytes, a millisecond apart. */
  | { readonly kind: 'trickle'; readonly bytes: number };

/** A network between a kiosk and a real backend, over real sockets, which fails as told. */
export interface TcpProxy {
  readonly url: string;
  /** What happens to the next requests for the path, one each; those after them pass. */
  plan(...faults: readonly Fault[]): void;
  /** Nothing more happens of what was planned. */
  forget(): void;
  /** How many faults have not happened yet. */
  readonly planned: number;
  /** How many connections were cut. */
  readonly cuts: number;
  /** The bytes of each request for the path, as the kiosk sent them. */
  readonly requests: readonly Buffer[];
  /** Lets what was withheld go on; resolves with what the backend answered to each. */
  release(): Promise<readonly string[]>;
  /** Nobody listens any more, and what is open is gone. */
  refuse(): Promise<void>;
  /** Listens again. */
  accept(): Promise<void>;
  close(): Promise<void>;
}

/** Stands before the backend at `target` and looks at requests for `path`. */
export async function startTcpProxy(target: {
  readonly port: number;
  readonly path: string;
}): Promise<TcpProxy> {
  const { port: backend, path } = target;
  const queue: Fault[] = [];
  const requests: Buffer[] = [];
  const withheld: Socket[] = [];
  const open = new Set<Socket>();
  let cuts = 0;

  const server = createServer((kiosk) => {
    const link = connect(backend, '127.0.0.1');
    let fault: Fault | null = null;
    let isWatched = false;
    let sent = 0;
    let answered = 0;
    const cut = (): void => {
      cuts += 1;
      kiosk.resetAndDestroy();
      link.destroy();
    };
    for (const socket of [kiosk, link]) {
      open.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => open.delete(socket));
    }
    // A kiosk that gives up does not call back what is already on its way.
    kiosk.on('close', () => {
      if (fault?.kind !== 'withhold') link.destroy();
    });
    link.on('close', () => kiosk.destroy());

    kiosk.on('data', (chunk: Buffer) => {
      if (chunk.subarray(0, 5).toString() === 'POST ' || chunk.subarray(0, 4).toString() === 'GET ') {
        isWatched = chunk.subarray(0, path.length + 6).toString() === `POST ${path} `;
        fault = isWatched ? (queue.shift() ?? null) : null;
        [sent, answered] = [0, 0];
        if (isWatched) requests.push(Buffer.alloc(0));
        if (fault?.kind === 'withhold') withheld.push(link);
      }
      if (isWatched) requests.push(Buffer.concat([requests.pop() ?? Buffer.alloc(0), chunk]));
      const before = sent;
      sent += chunk.length;
      if (fault?.kind === 'withhold') link.cork();
      if (fault?.kind === 'trickle') trickle(kiosk, link, chunk, fault.bytes);
      else if (fault?.kind !== 'cut-request' || sent < fault.at) link.write(chunk);
      else link.write(chunk.subarray(0, Math.max(0, fault.at - before)), cut);
    });
    link.on('data', (chunk: Buffer) => {
      const before = answered;
      answered += chunk.length;
      if (fault?.kind === 'hang') return;
      if (fault?.kind === 'trickle') trickle(link, kiosk, chunk, fault.bytes);
      else if (fault?.kind !== 'cut-answer' || answered < fault.at) kiosk.write(chunk);
      else kiosk.write(chunk.subarray(0, Math.max(0, fault.at - before)), cut);
    });
  });

  const listen = async (port: number): Promise<number> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const refuse = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of open) socket.destroy();
    await closed;
  };
  const port = await listen(0);
  return {
    url: `http://127.0.0.1:${port}`,
    plan: (...faults) => {
      queue.push(...faults);
    },
    forget: () => {
      queue.length = 0;
    },
    get planned() {
      return queue.length;
    },
    get cuts() {
      return cuts;
    },
    requests,
    release: () => Promise.all(withheld.splice(0).map(finish)),
    refuse,
    accept: async () => {
      await listen(port);
    },
    close: refuse,
  };
}

/** Passes a chunk on in small pieces, in order: the source waits meanwhile. */
function trickle(from: Socket, to: Socket, chunk: Buffer, bytes: number): void {
  from.pause();
  let at = 0;
  const timer = setInterval(() => {
    to.write(chunk.subarray(at, at + bytes));
    at += bytes;
    if (at < chunk.length && !to.destroyed) return;
    clearInterval(timer);
    from.resume();
  }, 1);
}

/** Lets what is corked go, and waits for the answer's first bytes. */
async function finish(link: Socket): Promise<string> {
  const answer = once(link, 'data');
  while (link.writableCorked > 0) link.uncork();
  const [bytes] = (await answer) as [Buffer];
  link.destroy();
  return bytes.toString();
}

/** Sends bytes as they are to the backend and resolves with its whole answer. */
export async function replay(port: number, bytes: Uint8Array): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    // Every answer of the backend ends with its JSON.
    if (chunk.at(-1) === '}'.charCodeAt(0)) socket.end();
  });
  const closed = once(socket, 'close');
  socket.write(bytes);
  await closed;
  return Buffer.concat(chunks).toString();
}
