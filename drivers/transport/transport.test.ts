import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../device.ts';
import { faultyTransport } from './faulty.ts';
import type { Link, Transport } from './link.ts';
import { manualClock } from './manual-clock.ts';
import { memoryTransport } from './memory.ts';
import { lineTimeMs, pacedWriter } from './pacing.ts';
import { serialTransport } from './serial.ts';
import { tcpTransport } from './tcp.ts';

async function opened(transport: Transport): Promise<Link> {
  const result = await transport.open();
  if (!result.ok) throw new Error(result.error);
  onTestFinished(() => result.value.close());
  return result.value;
}

/** Everything a link receives from now on. */
function collect(link: Pick<Link, 'onData'>): () => number[] {
  const bytes: number[] = [];
  link.onData((chunk) => bytes.push(...chunk));
  return () => bytes;
}

const ending = (link: Link) => new Promise<string>((resolve) => link.onClose(resolve));

async function listening(onConnection: (socket: Socket) => void): Promise<{ server: Server; port: number }> {
  const server = createServer(onConnection).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { server, port: address.port };
}

describe('tcp', () => {
  test('carries bytes both ways and keeps what came before anyone listened', async () => {
    const { port } = await listening((socket) => {
      socket.write(Uint8Array.of(1, 2, 3));
      socket.on('data', (chunk) => socket.end(chunk));
    });
    const link = await opened(tcpTransport({ host: '127.0.0.1', port }));
    const ended = ending(link);
    await link.write(Uint8Array.of(4, 5));
    const bytes = collect(link);
    expect(await ended).toBe('closed by peer');
    expect(bytes()).toEqual([1, 2, 3, 4, 5]);
    await link.write(Uint8Array.of(6));
    await link.close();
  });

  test('a reset connection ends the link with a reason', async () => {
    const { port } = await listening((socket) => socket.once('data', () => socket.resetAndDestroy()));
    const link = await opened(tcpTransport({ host: '127.0.0.1', port }));
    const ended = ending(link);
    await link.write(Uint8Array.of(1));
    expect(await ended).toBe('connection lost: ECONNRESET');
  });

  test('nobody there is one sentence', async () => {
    const { server, port } = await listening(() => {});
    server.close();
    await once(server, 'close');
    const result = await tcpTransport({ host: '127.0.0.1', port }).open();
    expect(result).toEqual({ ok: false, error: `nothing listens at 127.0.0.1:${port}` });
  });
});

test('a serial port that does not exist is one sentence', async () => {
  const result = await serialTransport({ path: '/dev/no-such-port', baudRate: 9600 }).open();
  expect(result.ok).toBe(false);
  if (process.platform === 'linux')
    expect(result).toMatchObject({ error: 'no such port: /dev/no-such-port' });
});

describe('memory', () => {
  test('copies, keeps order, and loses what is said while nobody listens on the port', async () => {
    const { transport, peer } = memoryTransport();
    await peer.write(Uint8Array.of(9));
    const link = await opened(transport);
    const atDevice = collect(peer);
    const atHost = collect(link);
    const reused = Uint8Array.of(1);
    await link.write(reused);
    await peer.write(reused);
    reused[0] = 2;
    await link.write(reused);
    await Promise.resolve();
    expect([atDevice(), atHost()]).toEqual([[1, 2], [1]]);
    expect(await transport.open()).toMatchObject({ ok: false, error: 'another program is using in process' });
  });

  test('drops, refuses and is gone', async () => {
    const { transport, peer } = memoryTransport();
    const link = await opened(transport);
    const ended = ending(link);
    peer.drop('cable out');
    expect(await ended).toBe('cable out');
    peer.refuse('no power');
    expect(await transport.open()).toEqual({ ok: false, error: 'no power' });
    peer.refuse(null);
    expect((await transport.open()).ok).toBe(true);
    await peer.close();
    expect((await transport.open()).ok).toBe(false);
  });
});

describe('pacing', () => {
  test('lets no byte out before its stop bit, and the last one right after it', async () => {
    const clock = manualClock();
    const { transport, peer } = memoryTransport();
    const atHost = collect(await opened(transport));
    const paced = pacedWriter(peer, 115200, clock);
    const done: number[] = [];
    void paced.write(new Uint8Array(600)).then(() => done.push(clock.monotonic()));
    void paced.write(new Uint8Array(695)).then(() => done.push(clock.monotonic()));
    for (let t = 0; done.length < 2; t += 1) {
      await clock.advance(1);
      expect(atHost().length).toBeLessThanOrEqual(((t + 1) * 115200) / 10_000 + 1e-6);
    }
    expect(done[0]).toBeCloseTo(lineTimeMs(600, 115200), 5);
    expect(done[1]).toBeCloseTo(lineTimeMs(1295, 115200), 5);
    expect(atHost()).toHaveLength(1295);
  });

  test('on the machine’s clock takes the line’s time and a few milliseconds', async () => {
    const write = async (): Promise<number> => {
      const { transport, peer } = memoryTransport();
      const atHost = collect(await opened(transport));
      const startedAt = performance.now();
      await pacedWriter(peer, 115200, systemClock).write(new Uint8Array(1295));
      const took = performance.now() - startedAt;
      expect(atHost()).toHaveLength(1295);
      expect(took).toBeGreaterThanOrEqual(lineTimeMs(1295, 115200) - 0.1);
      return took;
    };
    // The best of several: what else this computer does makes any one of them late, but none of them early.
    let best = Number.POSITIVE_INFINITY;
    for (let tries = 0; tries < 10 && best >= lineTimeMs(1295, 115200) + 30; tries++)
      best = Math.min(best, await write());
    expect(best).toBeLessThan(lineTimeMs(1295, 115200) + 30);
  });

  test('stops when the link ends', async () => {
    const clock = manualClock();
    const { peer } = memoryTransport();
    const written = pacedWriter(peer, 9600, clock).write(new Uint8Array(9600));
    await clock.advance(100);
    await peer.close();
    await clock.advance(10);
    await written;
  });
});

describe('injected faults', () => {
  test('cut, delay and corrupt at the byte they are told to', async () => {
    const clock = manualClock();
    const { transport, peer } = memoryTransport();
    const faulty = faultyTransport(
      transport,
      (opening) =>
        opening === 0
          ? { cutAfterReceived: 3, corrupt: (byte, offset) => (offset === 1 ? byte ^ 0xff : byte) }
          : { cutAfterSent: 2, delayMs: 50 },
      clock,
    );
    const first = await opened(faulty);
    const got = collect(first);
    const ended = ending(first);
    await peer.write(Uint8Array.of(1, 2, 3, 4));
    await ended;
    expect(got()).toEqual([1, 0xfd, 3]);

    const second = await opened(faulty);
    const later = collect(second);
    const atDevice = collect(peer);
    await peer.write(Uint8Array.of(7));
    await clock.advance(49);
    expect(later()).toEqual([]);
    await clock.advance(1);
    expect(later()).toEqual([7]);
    await second.write(Uint8Array.of(1, 2, 3));
    await ending(second);
    expect(atDevice()).toEqual([1, 2]);
  });
});
