import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { err, ok, type Result } from '@huimin/drivers';
import { type Files, isReadOnly, messageOf, type OpenFile } from './files.ts';

/** Who may write in a data folder: one at a time. */
export interface FolderLock {
  readonly held: boolean;
  /** Tries to have it; false while the folder cannot be written, or somebody else has it. */
  acquire(): boolean;
  release(): void;
}

/** For a folder that nobody else can reach. */
export const soleUser: FolderLock = { held: true, acquire: () => true, release: () => undefined };

/**
 * Keeps a second core out of the same data folder. Node has no file lock of its own; SQLite's is the operating
 * system's, on every platform, and ends with its process: a power cut leaves nothing behind to trip over.
 * In a folder that cannot be written now the lock is not held: whoever opens it may read, and asks again.
 *
 * POSIX takes a process's locks on a file away as soon as that process closes the file anywhere, were it only after
 * reading it (fcntl(2), "Record locks"). So on Linux the folder has a name in the abstract socket namespace besides,
 * which nobody can let go of by accident and which ends with its process too (unix(7)); it is not seen from another
 * network namespace, as containers have, where the file's lock serves. That name can be told from the folder's inode and
 * asks for no right: whoever runs programs on this machine can take it first and so keep the kiosk from starting, though
 * never get at what it keeps. A kiosk's machine has no such users besides its own and the administrator.
 */
export function lockFolder(path: string): Result<FolderLock, string> {
  const lock = new ProcessLock(path);
  const refusal = lock.take();
  return refusal === null ? ok(lock) : err(refusal);
}

const IN_USE = 'the data folder is in use by another kiosk';

class ProcessLock implements FolderLock {
  readonly #path: string;
  #database: DatabaseSync | null = null;
  #name: Server | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  get held(): boolean {
    return this.#database !== null;
  }

  acquire(): boolean {
    return this.take() === null && this.held;
  }

  release(): void {
    this.#name?.close();
    this.#name = null;
    this.#database?.close();
    this.#database = null;
  }

  /** Why the folder cannot be used; null when it can, if only to read. */
  take(): string | null {
    if (this.held || !mayWrite(this.#path)) return null;
    let database: DatabaseSync | null = null;
    try {
      database = new DatabaseSync(this.#path);
      // A rollback journal would be a file, for which a full disk has no room.
      database.exec('PRAGMA journal_mode = MEMORY; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
      if (process.platform === 'linux') {
        this.#name = takeName(dirname(this.#path));
        if (this.#name === null) {
          database.close();
          return IN_USE;
        }
      }
      this.#database = database;
      return null;
    } catch (cause) {
      database?.close();
      const reason = messageOf(cause);
      return reason.includes('locked') ? IN_USE : `the data folder cannot be used: ${reason}`;
    }
  }
}

/** Null when another process has the folder's name. */
function takeName(folder: string): Server | null {
  const { dev, ino } = statSync(folder, { bigint: true });
  const server = createServer((socket) => socket.destroy());
  // Whether it has the name shows at once; that it has not is said once more, later.
  server.on('error', () => undefined);
  server.listen({ path: `\0huimin-kiosk-${dev}-${ino}` });
  server.unref();
  return server.listening ? server : null;
}

/** Asked beforehand, because SQLite opens what it may only read, and then locks nobody out. */
function mayWrite(path: string): boolean {
  try {
    accessSync(existsSync(path) ? path : dirname(path), constants.W_OK);
    return true;
  } catch (cause) {
    return !isReadOnly(cause);
  }
}

/** The same files, in which nothing is changed without the lock. */
export function lockedFiles(files: Files, lock: FolderLock): Files {
  const mayChange = (): void => {
    if (!lock.held)
      throw Object.assign(new Error('EROFS: the data folder is open for reading only'), { code: 'EROFS' });
  };
  const locked = (file: OpenFile): OpenFile => ({
    read: (length, position) => file.read(length, position),
    write: async (data, position) => {
      mayChange();
      await file.write(data, position);
    },
    sync: async () => {
      mayChange();
      await file.sync();
    },
    commit: (data, position) => {
      mayChange();
      return file.commit(data, position);
    },
    close: () => file.close(),
  });
  return {
    list: (folder) => files.list(folder),
    read: (path) => files.read(path),
    create: (path) => {
      mayChange();
      return locked(files.create(path));
    },
    open: (path) => locked(files.open(path)),
    rename: (from, to) => {
      mayChange();
      files.rename(from, to);
    },
    remove: (path) => {
      mayChange();
      files.remove(path);
    },
    syncFolder: (folder) => {
      mayChange();
      files.syncFolder(folder);
    },
  };
}
