import { once } from 'node:events';
import { createServer } from 'node:net';
import { queryObjects } from 'node:v8';
import { describe, expect, onTestFinished, test } from 'vitest';
import { hostedTransport } from './hosted.ts';
import type { Link, Transport } from './link.ts';
import { linkEnds } from './link-ends.ts';
import { openPty } from './pty.ts';
import { serialTransport } from './serial.ts';
import { tcpTransport } from './tcp.ts';
import { usbLink } from './usb-link.ts';
import { usblpTransport } from './usblp.ts';

/** How many promises are alive, after a collection of garbage. */
const promises = (): number => queryObjects(Promise, { format: 'count' });

describe('work on a link', () => {
  test('ends as it ends, or with the link', async () => {
    const ends = linkEnds();
    await ends.untilEnded(Promise.resolve(7));
    await expect(ends.untilEnded(Promise.reject(new Error('no paper')))).rejects.toThrow('no paper');
    const late = Promise.withResolvers<void>();
    const held = [ends.untilEnded(late.promise), ends.untilEnded(new Promise(() => {}))];
    ends.end('unplugged');
    await Promise.all(held);
    // What comes of it afterwards is nobody's business, and no unhandled rejection either.
    late.reject(new Error('too late'));
    await ends.untilEnded(new Promise(() => {}));
    await ends.untilEnded(Promise.reject(new Error('too late'))).catch(() => {});
  });

  test('leaves nothing behind, however much there was of it', async () => {
    const ends = linkEnds();
    const before = promises();
    for (let i = 0; i < 50_000; i++) await ends.untilEnded(Promise.resolve());
    expect(promises() - before).toBeLessThan(100);
    expect(ends.ended).toBe(false);
  });
});

const probe = await openPty();
if (probe.ok) await probe.value.close();

async function opened(transport: Transport): Promise<Link> {
  const result = await transport.open();
  if (!result.ok) throw new Error(result.error);
  onTestFinished(() => result.value.close());
  return result.value;
}

async function terminal() {
  const pty = await openPty();
  if (!pty.ok) throw new Error(pty.error);
  onTestFinished(() => pty.value.close());
  pty.value.master.onData(() => {});
  return pty.value;
}

const onTerminal = (make: (path: string) => Transport) => async () => opened(make((await terminal()).path));

const links: Readonly<Record<string, () => Promise<Link>>> = {
  async tcp() {
    const server = createServer((socket) => socket.resume()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return opened(tcpTransport({ host: '127.0.0.1', port: address.port }));
  },
  async usb() {
    const pipe = { endpoint: 1, packetSize: 64 };
    const cancelled = () =>
      new Promise<never>((_, reject) => setTimeout(reject, 200, new Error('Cancelled')));
    const device = {
      transferIn: cancelled,
      transferOut: async () => ({ bytesWritten: 1, status: 'ok' as const }),
      clearHalt: async () => {},
      releaseInterface: async () => {},
      attachKernelDriver: async () => {},
      close: async () => {},
    };
    const route = { interface: 0, alternate: 0, pairs: [{ in: pipe, out: pipe }] as const };
    const link = usbLink(device, { route, detached: false, whyLost: async () => 'lost' });
    onTestFinished(() => link.close());
    return link;
  },
  ...(probe.ok
    ? {
        serial: onTerminal((path) => serialTransport({ path, baudRate: 115200 })),
        hosted: onTerminal((path) => hostedTransport({ kind: 'serial', path, baudRate: 115200 })),
        usblp: onTerminal((path) => usblpTransport({ kind: 'usblp', path })),
        'pseudo-terminal': async () => (await terminal()).master,
      }
    : {}),
};

describe(`an open link${probe.ok ? '' : ` (terminals skipped: ${probe.error})`}`, () => {
  test.each(Object.entries(links))('%s keeps nothing of what was written', async (_, open) => {
    const link = await open();
    link.onData(() => {});
    const write = async (times: number): Promise<void> => {
      for (let i = 0; i < times; i++) await link.write(Uint8Array.of(1));
    };
    await write(100);
    const before = promises();
    await write(3000);
    expect(promises() - before).toBeLessThan(300);
  });
});
