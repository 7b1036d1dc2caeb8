import { closeSync, constants, fsyncSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type Parcel, type ReadAt, readParcel } from './parcel.ts';

/** What is asked of a stick. Each throws an `Error` whose `code` is the system's, so that tests can pull it out. */
export interface ParcelDisk {
  /** A new, empty file in the place of whatever is there. */
  create(path: string): { write(bytes: Uint8Array): void; sync(): void; close(): void };
  open(path: string): { readonly read: ReadAt; close(): void };
  rename(from: string, to: string): void;
  remove(path: string): void;
  /** Names made and changed in the folder are on the disk. */
  syncFolder(folder: string): void;
}

export const parcelDisk: ParcelDisk = {
  create: (path) => {
    // Not the file behind a link that somebody left on the stick.
    rmSync(path, { force: true });
    const fd = openSync(path, 'wx', 0o600);
    return {
      write: (bytes) => {
        for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
      },
      sync: () => fsyncSync(fd),
      close: () => closeSync(fd),
    };
  },
  open: (path) => {
    const fd = openSync(path, 'r');
    return {
      read: (length, position) => {
        const bytes = Buffer.alloc(length);
        let done = 0;
        while (done < length) {
          const count = readSync(fd, bytes, done, length - done, position + done);
          if (count === 0) break;
          done += count;
        }
        return bytes.subarray(0, done);
      },
      close: () => closeSync(fd),
    };
  },
  rename: renameSync,
  remove: (path) => rmSync(path, { force: true }),
  syncFolder: (folder) => {
    // Windows has no handle for this; sticks are written through there.
    if (process.platform === 'win32') return;
    const fd = openSync(folder, constants.O_RDONLY);
    try {
      fsyncSync(fd);
    } catch (cause) {
      // What a file system answers that has no such thing (fsync(2)), e.g. a network share.
      if (!(cause instanceof Error && 'code' in cause && cause.code === 'EINVAL')) throw cause;
    } finally {
      closeSync(fd);
    }
  },
};

/** What was written, and under which name. */
export interface WrittenParcel {
  readonly path: string;
  readonly parcel: Pick<Parcel, 'head' | 'tail'>;
}

/**
 * Writes a carried file under another name, reads it back, and only then gives it its own, which `fill` answers with
 * (or with why there is nothing to write): wherever a stick is full or pulled out, no half file is there under the
 * name of a whole one. The error is one sentence.
 */
export async function writeParcelFile(
  disk: ParcelDisk,
  folder: string,
  unfinished: string,
  fill: (
    write: (bytes: Uint8Array) => Promise<void>,
  ) => Promise<{ readonly name: string } | { readonly error: string }>,
): Promise<
  { readonly ok: true; readonly value: WrittenParcel } | { readonly ok: false; readonly error: string }
> {
  const temporary = join(folder, unfinished);
  const discard = (): void => {
    try {
      disk.remove(temporary);
    } catch {
      // Where nothing can be removed, what is left has another name than a whole file.
    }
  };
  const refused = (error: string) => {
    discard();
    return { ok: false as const, error };
  };
  /** What failed while it was filled: the stick, or what it was to be filled from. */
  let onStick: unknown = null;
  let elsewhere = false;
  try {
    const file = disk.create(temporary);
    let filled: Awaited<ReturnType<typeof fill>>;
    try {
      filled = await fill(async (bytes) => {
        try {
          file.write(bytes);
        } catch (cause) {
          onStick = cause;
          throw cause;
        }
      }).catch((cause: unknown) => {
        elsewhere = cause !== onStick;
        throw cause;
      });
      file.sync();
    } finally {
      file.close();
    }
    if ('error' in filled) return refused(filled.error);
    const back = readBack(disk, temporary);
    if (!back.ok) return refused(`what was written into ${folder} reads back wrong: ${back.error}`);
    const path = join(folder, filled.name);
    disk.rename(temporary, path);
    disk.syncFolder(folder);
    return { ok: true, value: { path, parcel: back.value } };
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && !elsewhere)
      return refused(sentenceFor(String(cause.code), folder));
    discard();
    throw cause;
  }
}

function readBack(disk: ParcelDisk, path: string) {
  const file = disk.open(path);
  try {
    return readParcel(file.read);
  } finally {
    file.close();
  }
}

function sentenceFor(code: string, folder: string): string {
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return `there is not enough room in ${folder}`;
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
      return `${folder} may not be written (${code}), as with a stick that is write-protected`;
    case 'ENOENT':
    case 'ENOTDIR':
      return `there is no folder ${folder}`;
    default:
      return `writing into ${folder} failed (${code}), as when a stick is pulled out`;
  }
}
