import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { Link } from './link.ts';
import { openPty, openSocat, type Pty } from './pty.ts';
import { serialTransport } from './serial.ts';

const everyByte = Uint8Array.from({ length: 1300 }, (_, i) => (i * 7) & 0xff);
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Resolves with the first `count` bytes the link receives. */
function receive(link: Link, count: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  return new Promise((resolve) => {
    link.onData((chunk) => {
      chunks.push(chunk);
      const all = Buffer.concat(chunks);
      if (all.length >= count) resolve(new Uint8Array(all));
    });
  });
}

async function openHost(pty: Pty): Promise<Link> {
  const opened = await serialTransport({ path: pty.path, baudRate: 115200 }).open();
  if (!opened.ok) throw new Error(opened.error);
  closers.push(() => opened.value.close());
  return opened.value;
}

const ways = [
  { name: 'openPty', how: openPty, probe: await openPty() },
  { name: 'socat', how: openSocat, probe: await openSocat() },
];

for (const { name, how, probe } of ways) {
  if (probe.ok) await probe.value.close();
  const absence = probe.ok ? '' : ` (skipped: ${probe.error})`;
  const openOne = async (): Promise<Pty> => {
    const opened = await how();
    if (!opened.ok) throw new Error(opened.error);
    closers.push(() => opened.value.close());
    return opened.value;
  };

  describe.skipIf(!probe.ok)(`a pseudo-terminal through ${name}${absence}`, () => {
    test('passes all 256 byte values unchanged both ways, through the real serial binding', async () => {
      const pty = await openOne();
      const host = await openHost(pty);
      const atDevice = receive(pty.master, 1300);
      const atHost = receive(host, 1300);
      await host.write(everyByte);
      await pty.master.write(everyByte);
      expect(await atDevice).toEqual(everyByte);
      expect(await atHost).toEqual(everyByte);
    });

    test('is raw before any serial port opens it, and keeps bytes sent meanwhile', async () => {
      const pty = await openOne();
      await pty.master.write(everyByte);
      const file = await open(pty.path, constants.O_RDWR | constants.O_NOCTTY);
      closers.push(() => file.close());
      const atDevice = receive(pty.master, 1300);
      await file.write(everyByte);
      expect(await atDevice).toEqual(everyByte);
      const got = Buffer.alloc(1300);
      let length = 0;
      while (length < 1300) length += (await file.read(got, length, 1300 - length)).bytesRead;
      expect(new Uint8Array(got)).toEqual(everyByte);
    });

    test('survives the host closing and opening again', async () => {
      const pty = await openOne();
      for (let round = 0; round < 3; round++) {
        const host = await openHost(pty);
        const atHost = receive(host, 1300);
        await pty.master.write(everyByte);
        expect(await atHost).toEqual(everyByte);
        await host.close();
      }
    });

    test('closing it unplugs the host, once; writing and closing afterwards do no harm', async () => {
      const pty = await openOne();
      const host = await openHost(pty);
      const reasons: string[] = [];
      const lost = new Promise<void>((resolve) => {
        host.onClose((reason) => {
          reasons.push(reason);
          resolve();
        });
      });
      await pty.close();
      await pty.close();
      await lost;
      await host.write(everyByte);
      await host.close();
      expect(reasons).toEqual(['unplugged']);
    });
  });
}
