import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Link } from './link.ts';
import { openPty } from './pty.ts';
import { usblpTransport } from './usblp.ts';

const everyByte = Uint8Array.from({ length: 20_000 }, (_, i) => (i * 7) & 0xff);
const probe = await openPty();
if (probe.ok) await probe.value.close();

function collect(link: Pick<Link, 'onData'>): () => Buffer {
  const chunks: Uint8Array[] = [];
  link.onData((chunk) => chunks.push(chunk.slice()));
  return () => Buffer.concat(chunks);
}

/** A pseudo-terminal is a character device as the printer driver's: it reads and writes without blocking. */
async function printer() {
  const pty = await openPty();
  if (!pty.ok) throw new Error(pty.error);
  onTestFinished(() => pty.value.close());
  const opened = await usblpTransport({ kind: 'usblp', path: pty.value.path }).open();
  if (!opened.ok) throw new Error(opened.error);
  onTestFinished(() => opened.value.close());
  return { pty: pty.value, link: opened.value };
}

describe.skipIf(!probe.ok)(
  `a printer's device file, stood in for by a pseudo-terminal${probe.ok ? '' : ` (skipped: ${probe.error})`}`,
  () => {
    test('takes more than fits at once, in order, and gives what the printer says', async () => {
      const { pty, link } = await printer();
      const atPrinter = collect(pty.master);
      const atHost = collect(link);
      await Promise.all([link.write(everyByte), link.write(Uint8Array.of(1, 2, 3))]);
      await vi.waitFor(() => expect(atPrinter()).toHaveLength(everyByte.length + 3));
      expect(atPrinter().equals(Buffer.from([...everyByte, 1, 2, 3]))).toBe(true);
      await pty.master.write(everyByte.subarray(0, 3000));
      await vi.waitFor(() => expect(atHost()).toEqual(Buffer.from(everyByte.subarray(0, 3000))));
    });

    test('is noticed unplugged while idle, and while being written to', async () => {
      for (const isWriting of [false, true]) {
        const { pty, link } = await printer();
        const ended = new Promise<string>((resolve) => link.onClose(resolve));
        // Nobody reads at the other end, so the terminal fills up and the write waits.
        const written = isWriting ? link.write(new Uint8Array(1_000_000)) : undefined;
        await pty.close();
        expect(await ended).toBe('unplugged');
        await written;
      }
    });

    test('closes while a write waits, without blocking', async () => {
      const { link } = await printer();
      const reasons: string[] = [];
      link.onClose((reason) => reasons.push(reason));
      const written = link.write(new Uint8Array(1_000_000));
      await link.close();
      await written;
      expect(reasons).toEqual(['closed']);
    });
  },
);

test('a printer that is not there, or may not be opened, is one sentence', async () => {
  const missing = await usblpTransport({ kind: 'usblp', path: '/dev/usb/lp99' }).open();
  expect(missing).toEqual({ ok: false, error: 'no such port: /dev/usb/lp99' });
  const folder = await usblpTransport({ kind: 'usblp', path: import.meta.dirname }).open();
  expect(folder).toMatchObject({ ok: false, error: expect.stringContaining('could not be opened: EISDIR') });
});
