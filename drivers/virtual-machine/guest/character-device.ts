import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { type Link, linkEnds } from '../../transport/index.ts';

const BUFFER_BYTES = 8192;
const POLL_MS = 2;

/**
 * The device's end of a cable as the kernel gives it to programs, e.g. /dev/g_printer0. Asked again and again, because
 * a read that waits in that driver locks out writes and unplugging. It ends when the host hangs up.
 */
export async function characterDevice(path: string): Promise<Link> {
  const file = await open(path, constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOCTTY);
  const ends = linkEnds();
  /** Again while the device only says "not now"; null when the link has ended. */
  const insist = async <T>(action: () => Promise<T>): Promise<T | null> => {
    while (!ends.ended) {
      try {
        return await action();
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code !== 'EAGAIN') ends.end(String(code));
        else await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
    }
    return null;
  };
  const buffer = Buffer.alloc(BUFFER_BYTES);
  const reading = (async () => {
    for (;;) {
      const done = await insist(() => file.read(buffer, 0, buffer.length, null));
      if (done === null) return;
      if (done.bytesRead > 0) ends.receive(Uint8Array.from(buffer.subarray(0, done.bytesRead)));
      else await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  })();
  let writing: Promise<unknown> = Promise.resolve();
  const send = async (bytes: Uint8Array): Promise<void> => {
    for (let at = 0; at < bytes.length; ) {
      const done = await insist(() => file.write(bytes, at, bytes.length - at, null));
      if (done === null) return;
      at += done.bytesWritten;
    }
  };
  const whenOver = ends.whenEnded.then(() => Promise.all([reading, writing])).then(() => file.close());
  return {
    async write(bytes) {
      const copy = Uint8Array.from(bytes);
      writing = writing.then(() => send(copy));
      await writing;
    },
    onData: ends.onData,
    onClose: ends.onClose,
    async close() {
      ends.end('closed');
      await whenOver;
    },
  };
}
