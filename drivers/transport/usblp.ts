import { constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { type Clock, err, ok, systemClock } from '../device.ts';
import type { UsblpConfig } from './config.ts';
import type { Link, Transport } from './link.ts';
import { linkEnds } from './link-ends.ts';
import { sentences } from './reasons.ts';

/** How often an open printer is asked for bytes shortly after some passed, and otherwise, milliseconds. */
const BUSY_MS = 5;
const IDLE_MS = 50;
/** How long after the last byte an answer may still be expected soon. */
const BUSY_FOR_MS = 1000;
/** How often a printer that cannot be read from is looked for. */
const LOOK_MS = 500;

/**
 * A printer behind Linux's printer class driver, e.g. `/dev/usb/lp0`. It is opened without blocking and asked again
 * and again: nothing else tells when such a device has something to read, and a blocking read would hold a thread of
 * the pool for as long as the printer is silent. A printer that only takes bytes is written to and never read.
 */
export function usblpTransport({ path }: UsblpConfig, clock: Clock = systemClock): Transport {
  return {
    name: `usblp ${path}`,
    async open() {
      try {
        const file = await open(path, constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOCTTY);
        return ok(usblpLink(file, path, clock));
      } catch (error) {
        return err(explain(error as NodeJS.ErrnoException, path));
      }
    },
  };
}

function usblpLink(file: FileHandle, path: string, clock: Clock): Link {
  const ends = linkEnds();
  const work = new Set<Promise<void>>();
  let stopping = false;
  const wakers = new Set<() => void>();
  let lastTraffic = clock.monotonic();
  let writes: Promise<void> = Promise.resolve();

  const stop = (reason: string): Promise<void> => {
    if (!stopping) {
      stopping = true;
      for (const wake of wakers) wake();
      void Promise.all(work)
        .then(() => file.close())
        .catch(() => {})
        .then(() => ends.end(reason));
    }
    return ends.whenEnded;
  };
  const during = (task: Promise<void>): Promise<void> => {
    work.add(task);
    return task.finally(() => work.delete(task));
  };
  /** Shorter when the link is to end. */
  const pause = (ms: number): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = clock.after(ms, resolve);
    wakers.add(resolve);
    return promise.finally(() => {
      cancel();
      wakers.delete(resolve);
    });
  };
  const fail = (error: NodeJS.ErrnoException): void => {
    void stop(isGone(error) ? sentences.unplugged : `lost: ${error.code ?? error.message}`);
  };

  const read = async (): Promise<void> => {
    const buffer = Buffer.alloc(4096);
    while (!stopping) {
      try {
        const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
        if (bytesRead > 0) {
          lastTraffic = clock.monotonic();
          ends.receive(new Uint8Array(buffer.subarray(0, bytesRead)));
          buffer.fill(0, 0, bytesRead);
          continue;
        }
        // An empty packet of the printer's, or the end of a device file that has been taken away.
        await stat(path);
      } catch (cause) {
        const error = cause as NodeJS.ErrnoException;
        if (error.code === 'EINVAL') return watch();
        if (!isWaiting(error)) return fail(error);
      }
      const soon = clock.monotonic() - lastTraffic < BUSY_FOR_MS;
      await pause(soon ? BUSY_MS : IDLE_MS);
    }
  };
  /** A printer that cannot be read from is unplugged when its node is gone. */
  const watch = async (): Promise<void> => {
    while (!stopping) {
      try {
        await stat(path);
      } catch (error) {
        return fail(error as NodeJS.ErrnoException);
      }
      await pause(LOOK_MS);
    }
  };
  const send = async (bytes: Uint8Array): Promise<void> => {
    for (let at = 0; at < bytes.length && !stopping; ) {
      try {
        const { bytesWritten } = await file.write(bytes, at, bytes.length - at, null);
        at += bytesWritten;
        lastTraffic = clock.monotonic();
      } catch (cause) {
        const error = cause as NodeJS.ErrnoException;
        if (!isWaiting(error)) return fail(error);
        await pause(BUSY_MS);
      }
    }
  };

  void during(read());
  return {
    write(bytes) {
      if (stopping) return Promise.resolve();
      const copy = new Uint8Array(bytes);
      const sent = writes.then(() => send(copy)).finally(() => copy.fill(0));
      writes = during(sent);
      return ends.untilEnded(sent);
    },
    onData: ends.onData,
    onClose: ends.onClose,
    close: () => stop(sentences.closed),
  };
}

/** Nothing to read yet, no room to write yet, or (Linux's usblp) no paper yet: all of them pass. */
const isWaiting = ({ code }: NodeJS.ErrnoException): boolean =>
  code === 'EAGAIN' || code === 'EINTR' || code === 'ENOSPC';

/** EIO is what a pseudo-terminal and an aborted transfer say; a printer that is gone says ENODEV. */
const isGone = ({ code }: NodeJS.ErrnoException): boolean =>
  code === 'ENODEV' || code === 'ENXIO' || code === 'ENOENT' || code === 'EIO';

function explain(error: NodeJS.ErrnoException, path: string): string {
  switch (error.code) {
    case 'ENOENT':
    case 'ENODEV':
    case 'ENXIO':
      return sentences.noSuchPort(path);
    case 'EACCES':
    case 'EPERM':
      return sentences.noPermission(path, 'add the user to the group lp');
    case 'EBUSY':
      return sentences.busy(path);
    default:
      return sentences.notOpened(path, error);
  }
}
