import { join } from 'node:path';
import { err, ok, type Result } from '@huimin/drivers';
import { type Files, messageOf, nodeFiles } from './files.ts';
import { readWhole, writeWhole } from './whole.ts';

export const KEY_BYTES = 32;

/** What opens the journal, each of them {@link KEY_BYTES} long. */
export interface MasterKeys {
  /** What is sealed from now on, is sealed with this one. */
  readonly current: Uint8Array;
  /** What was sealed before may still need one of these. */
  readonly others: readonly Uint8Array[];
}

/**
 * Who keeps the kiosk's master key. A change of the key has three steps, each of which may be the last one before the
 * power goes: `renew` puts a new key beside the old one, the store seals everything anew, `retire` destroys the old one.
 * A start that finds the journal sealed with another key than the current one takes the second step.
 */
export interface KeyHolder {
  readonly name: string;
  /** What a technician should know of this way of keeping a key; null when there is nothing to say. */
  readonly warning: string | null;
  /** The keys; the first call makes one. The error is one sentence. */
  load(): Promise<Result<MasterKeys, string>>;
  /** Makes a new key and keeps it, safe on the disk, as the current one. The error is one sentence. */
  renew(): Promise<Result<void, string>>;
  /** Nothing is sealed with the other keys any more: destroys them. The error is one sentence. */
  retire(): Promise<Result<void, string>>;
}

/** A holder that keeps the key in a file of its own. */
export interface StoredKeyHolder extends KeyHolder {
  /** Whether a key was kept here before. */
  exists(): boolean;
  /** Overwrites the key and takes its file away. The error is one sentence. */
  destroy(): Promise<Result<void, string>>;
}

/** How a key is hidden before it is written down, e.g. by the desktop's keyring or a TPM. Rejects when it cannot. */
export interface KeyWrap {
  wrap(key: Uint8Array): Promise<Uint8Array>;
  unwrap(wrapped: Uint8Array): Promise<Uint8Array>;
}

interface FileHolderOptions {
  readonly path: string;
  readonly random: (bytes: number) => Uint8Array;
  readonly files?: Files;
}

/** A file only its owner may read. Anyone who can read the disk as that user can open the journal. */
export const keyFileHolder = (
  path: string,
  random: (bytes: number) => Uint8Array,
  files: Files = nodeFiles(),
): StoredKeyHolder =>
  new FileKeyHolder({
    name: 'key file',
    warning: `the master key lies in the file ${path}: whoever can read that file and the journal can open it`,
    path,
    random,
    files,
    wrap: async (key) => key,
    unwrap: async (key) => key,
  });

/** A file whose content only the given service can turn into the key. */
export const wrappedKeyHolder = (
  options: FileHolderOptions & KeyWrap & { readonly name: string },
): StoredKeyHolder => new FileKeyHolder({ files: nodeFiles(), warning: null, ...options });

/** The key in `path`; while it is being changed, the new one in `path.next`. */
class FileKeyHolder implements StoredKeyHolder {
  readonly name: string;
  readonly warning: string | null;
  readonly #path: string;
  readonly #next: string;
  readonly #files: Files;
  readonly #random: (bytes: number) => Uint8Array;
  readonly #wrap: KeyWrap;

  constructor(
    options: Required<FileHolderOptions> &
      KeyWrap & { readonly name: string; readonly warning: string | null },
  ) {
    this.name = options.name;
    this.warning = options.warning;
    this.#path = options.path;
    this.#next = `${options.path}.next`;
    this.#files = options.files;
    this.#random = options.random;
    this.#wrap = options;
  }

  async load(): Promise<Result<MasterKeys, string>> {
    try {
      if (readWhole(this.#files, this.#path) === null && readWhole(this.#files, this.#next) === null)
        await this.#write(this.#path);
      const next = await this.#read(this.#next);
      const key = await this.#read(this.#path).catch((cause: unknown) => {
        // The old one was being destroyed: nothing is sealed with it.
        if (next === null) throw cause;
        return null;
      });
      const [current, ...others] = [next, key].filter((each) => each !== null);
      if (current === undefined) throw new Error('it vanished');
      return ok({ current, others });
    } catch (cause) {
      return this.#failed(cause);
    }
  }

  async renew(): Promise<Result<void, string>> {
    try {
      if (readWhole(this.#files, this.#next) === null) await this.#write(this.#next);
      return ok(undefined);
    } catch (cause) {
      return this.#failed(cause);
    }
  }

  async retire(): Promise<Result<void, string>> {
    try {
      if (readWhole(this.#files, this.#next) === null) return ok(undefined);
      await this.#overwrite(this.#path);
      this.#files.rename(this.#next, this.#path);
      this.#files.syncFolder(join(this.#path, '..'));
      return ok(undefined);
    } catch (cause) {
      return this.#failed(cause);
    }
  }

  exists(): boolean {
    return [this.#path, this.#next].some((path) => readWhole(this.#files, path) !== null);
  }

  async destroy(): Promise<Result<void, string>> {
    try {
      for (const path of [this.#next, this.#path]) {
        if (readWhole(this.#files, path) === null) continue;
        await this.#overwrite(path);
        this.#files.remove(path);
      }
      this.#files.syncFolder(join(this.#path, '..'));
      return ok(undefined);
    } catch (cause) {
      return this.#failed(cause);
    }
  }

  /** As far as a file system lets anyone: on flash the old cells live on until the drive clears them. */
  async #overwrite(path: string): Promise<void> {
    const old = readWhole(this.#files, path);
    if (old === null) return;
    const file = this.#files.open(path);
    try {
      await file.write(Buffer.alloc(old.length), 0);
      await file.sync();
    } finally {
      file.close();
    }
  }

  async #write(path: string): Promise<void> {
    const key = this.#random(KEY_BYTES);
    await writeWhole(this.#files, path, await this.#wrap.wrap(key));
  }

  async #read(path: string): Promise<Uint8Array | null> {
    const bytes = readWhole(this.#files, path);
    if (bytes === null) return null;
    const key = await this.#wrap.unwrap(bytes);
    if (key.length !== KEY_BYTES) throw new Error(`${path} is damaged (${key.length} bytes)`);
    return new Uint8Array(key);
  }

  #failed(cause: unknown): Result<never, string> {
    return err(`the ${this.name} ${this.#path} cannot be used: ${messageOf(cause)}`);
  }
}

/** Names as `systemd-creds encrypt --name=` and `LoadCredentialEncrypted=` know them (systemd.exec(5), Credentials). */
export const CREDENTIAL = 'huimin-master-key';
export const OLD_CREDENTIAL = 'huimin-master-key-old';

/** Whether systemd was told of a master key for this service. */
export const hasCredential = (folder: string, files: Files = nodeFiles()): boolean =>
  readWhole(files, join(folder, CREDENTIAL)) !== null;

/**
 * A credential that systemd decrypts at the service's start, with the TPM where there is one. `folder` is
 * `$CREDENTIALS_DIRECTORY`. The operator changes the key: the new one under {@link CREDENTIAL}, the one before, for one
 * start, under {@link OLD_CREDENTIAL}.
 */
export function credentialKeyHolder(folder: string, files: Files = nodeFiles()): KeyHolder {
  const name = 'systemd credential';
  return {
    name,
    warning: null,
    load: async () => {
      try {
        const [key, old] = [CREDENTIAL, OLD_CREDENTIAL].map((each) => readWhole(files, join(folder, each)));
        if (key === null || key === undefined) return err(`there is no ${name} ${CREDENTIAL}`);
        for (const each of [key, old])
          if (each !== null && each !== undefined && each.length !== KEY_BYTES)
            return err(`a master key has ${KEY_BYTES} bytes, and a ${name} here has ${each.length}`);
        return ok({
          current: new Uint8Array(key),
          others: old === null || old === undefined ? [] : [new Uint8Array(old)],
        });
      } catch (cause) {
        return err(`the ${name} ${CREDENTIAL} cannot be read: ${messageOf(cause)}`);
      }
    },
    renew: async () => err(`a ${name} is changed by the operator, who gives the service a new ${CREDENTIAL}`),
    retire: async () => ok(undefined),
  };
}
