import {
  closeSync,
  constants,
  fdatasync,
  fdatasyncSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  write,
  writeSync,
} from 'node:fs';
import { promisify } from 'node:util';
import { type Clock, systemClock } from '@huimin/drivers';

/**
 * What the store asks of a disk. Every function throws (or rejects) with an `Error` whose `code` is the system's, so
 * that tests can put a disk in its place that fails, forgets and tears.
 */
export interface Files {
  list(folder: string): readonly string[];
  read(path: string): Buffer;
  /** A new, empty file that only its owner may read; fails when there is one. */
  create(path: string): OpenFile;
  /** An existing file; one that may only be read opens too, and refuses to be written until it may be. */
  open(path: string): OpenFile;
  /** Puts the file in the place of whatever is there. On the disk only after `syncFolder`. */
  rename(from: string, to: string): void;
  remove(path: string): void;
  /** Names made, changed and taken away in the folder are on the disk. */
  syncFolder(folder: string): void;
}

export interface OpenFile {
  /** As many bytes as there are, up to `length`. */
  read(length: number, position: number): Buffer;
  /** Written, but on the disk only after `sync`. */
  write(data: Uint8Array, position: number): Promise<void>;
  sync(): Promise<void>;
  /** Written and on the disk when it returns, or when what it returns resolves. */
  commit(data: Uint8Array, position: number): Promise<void> | undefined;
  /** Everything else throws (or rejects) from then on; closing again does nothing. */
  close(): void;
}

const writeAsync = promisify(write);
const datasyncAsync = promisify(fdatasync);

/**
 * Up to here a commit is written in the caller's thread. A trip through Node's thread pool and back costs as much as a
 * good disk needs for the whole commit (measured: 0.15 ms in place, 0.32 ms through the pool, SQLite 0.20 ms), and an
 * event loop that stops for less than half a picture of the screen is not noticed. A disk that has shown itself slower
 * is waited for in the pool, where it stops nobody.
 */
const IN_PLACE_MS = 8;
/** How much one commit counts in what is typical of the disk. */
const WEIGHT = 0.2;

/** The disk of this machine. */
export function nodeFiles(clock: Pick<Clock, 'monotonic'> = systemClock): Files {
  let typicalMs = 0;
  const took = (ms: number): void => {
    typicalMs += (ms - typicalMs) * WEIGHT;
  };
  /** `reopen` gives a file that could only be read another descriptor, or throws why not. */
  const opened = (first: number, reopen: (() => number) | null): OpenFile => {
    let fd = first;
    let readOnly = reopen !== null;
    let closed = false;
    // The system gives a descriptor that was closed to the next file.
    const isOpen = (): void => {
      if (closed) throw new Error('the file is closed');
    };
    const mayWrite = (): void => {
      isOpen();
      if (!readOnly || reopen === null) return;
      const next = reopen();
      closeSync(fd);
      fd = next;
      readOnly = false;
    };
    const writeAll = async (data: Uint8Array, position: number): Promise<void> => {
      mayWrite();
      for (let done = 0; done < data.length; ) {
        const { bytesWritten } = await writeAsync(fd, data, done, data.length - done, position + done);
        done += bytesWritten;
      }
    };
    return {
      read: (length, position) => {
        isOpen();
        const bytes = Buffer.alloc(length);
        let done = 0;
        while (done < length) {
          const count = readSync(fd, bytes, done, length - done, position + done);
          if (count === 0) break;
          done += count;
        }
        return bytes.subarray(0, done);
      },
      write: writeAll,
      sync: async () => {
        mayWrite();
        await datasyncAsync(fd);
      },
      commit: (data, position) => {
        mayWrite();
        const from = clock.monotonic();
        if (typicalMs > IN_PLACE_MS)
          return writeAll(data, position)
            .then(() => datasyncAsync(fd))
            .then(() => took(clock.monotonic() - from));
        for (let done = 0; done < data.length; )
          done += writeSync(fd, data, done, data.length - done, position + done);
        fdatasyncSync(fd);
        took(clock.monotonic() - from);
        return undefined;
      },
      close: () => {
        if (closed) return;
        closed = true;
        closeSync(fd);
      },
    };
  };
  return {
    list: (folder) => readdirSync(folder),
    read: (path) => readFileSync(path),
    create: (path) => opened(openSync(path, 'wx+', 0o600), null),
    open: (path) => {
      try {
        return opened(openSync(path, 'r+'), null);
      } catch (cause) {
        if (!isReadOnly(cause)) throw cause;
        return opened(openSync(path, 'r'), () => openSync(path, 'r+'));
      }
    },
    rename: (from, to) => renameSync(from, to),
    remove: (path) => rmSync(path),
    syncFolder: (folder) => {
      // Windows has no handle for this; NTFS journals names by itself.
      if (process.platform === 'win32') return;
      const fd = openSync(folder, constants.O_RDONLY);
      try {
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
    },
  };
}

/** What the system says of a file or a folder that may be read and not written. */
export function isReadOnly(cause: unknown): cause is Error {
  return (
    cause instanceof Error && 'code' in cause && ['EROFS', 'EACCES', 'EPERM'].includes(String(cause.code))
  );
}

export const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
