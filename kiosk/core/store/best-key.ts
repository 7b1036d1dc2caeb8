import { join } from 'node:path';
import { err, ok, type Result } from '@huimin/drivers';
import { type Files, messageOf, nodeFiles } from './files.ts';
import {
  credentialKeyHolder,
  hasCredential,
  type KeyHolder,
  type KeyWrap,
  keyFileHolder,
  type MasterKeys,
  type StoredKeyHolder,
  wrappedKeyHolder,
} from './key.ts';

/** A service of the operating system that hides a key; its name is for technicians, e.g. `gnome_libsecret`. */
export interface Keyring extends KeyWrap {
  readonly name: string;
}

export interface BestKeyOptions {
  /** The data folder. */
  readonly folder: string;
  readonly random: (bytes: number) => Uint8Array;
  /** `$CREDENTIALS_DIRECTORY`, where systemd puts what it has decrypted for this service. */
  readonly credentials: string | undefined;
  /** Null when there is none that protects anything. */
  readonly keyring: () => Promise<Keyring | null>;
  readonly files?: Files;
}

/** What is kept in the data folder, for a kiosk that no longer meets its keyring to be told apart from a new one. */
const PLAIN = 'kiosk.key';
const WRAPPED = 'kiosk.key.wrapped';

/**
 * The best of what this machine offers: a systemd credential, the desktop's or Windows' keyring, a key file. A kiosk
 * that kept its key in a worse place moves by itself: everything is sealed anew with the better key, which was read
 * back and opened by then, and only then the worse one is destroyed. Where data are and no key is found, none is made.
 */
export function bestKeyHolder(options: BestKeyOptions): KeyHolder {
  return new BestKeyHolder(options);
}

class BestKeyHolder implements KeyHolder {
  readonly #options: BestKeyOptions;
  readonly #files: Files;
  #chosen: KeyHolder | null = null;
  /** Those that are to be destroyed once nothing is sealed with them. */
  #left: readonly StoredKeyHolder[] = [];
  #complaints: readonly string[] = [];

  constructor(options: BestKeyOptions) {
    this.#options = options;
    this.#files = options.files ?? nodeFiles();
  }

  get name(): string {
    return this.#chosen?.name ?? 'master key';
  }

  get warning(): string | null {
    const all = [...this.#complaints, this.#chosen?.warning ?? null].filter((each) => each !== null);
    return all.length === 0 ? null : all.join('; ');
  }

  async load(): Promise<Result<MasterKeys, string>> {
    try {
      return await this.#load();
    } catch (cause) {
      return err(`the master key cannot be had: ${messageOf(cause)}`);
    }
  }

  renew(): Promise<Result<void, string>> {
    return this.#chosen?.renew() ?? Promise.resolve(err('no master key is loaded'));
  }

  async retire(): Promise<Result<void, string>> {
    const retired = await this.#chosen?.retire();
    if (retired !== undefined && !retired.ok) return retired;
    for (const left of this.#left) {
      const destroyed = await left.destroy();
      if (!destroyed.ok) return destroyed;
    }
    this.#left = [];
    return ok(undefined);
  }

  async #load(): Promise<Result<MasterKeys, string>> {
    const { folder, credentials, random } = this.#options;
    const keyring = await this.#options.keyring();
    const wrapped = this.#wrapped(keyring);
    const plain = keyFileHolder(join(folder, PLAIN), random, this.#files);
    const credential =
      credentials !== undefined && hasCredential(credentials, this.#files)
        ? credentialKeyHolder(credentials, this.#files)
        : null;
    const here = [wrapped, plain].filter((holder) => holder.exists());
    // Only its keyring opens it, and that is not here: the holder says so.
    if (credential === null && keyring === null && here.length === 1 && here[0] === wrapped)
      return wrapped.load();
    return this.#use(credential ?? (keyring === null ? plain : wrapped), here, credential !== null);
  }

  /** The best one's key comes first; where it cannot be had, the next that is there serves, and that is said. */
  async #use(
    best: KeyHolder,
    here: readonly StoredKeyHolder[],
    isGiven: boolean,
  ): Promise<Result<MasterKeys, string>> {
    const worse: { readonly holder: StoredKeyHolder; readonly keys: MasterKeys }[] = [];
    const complaints: string[] = [];
    for (const holder of here) {
      if (holder === best) continue;
      const loaded = await holder.load();
      if (loaded.ok) worse.push({ holder, keys: loaded.value });
      else complaints.push(loaded.error);
    }
    const isThere = isGiven || here.some((holder) => holder === best);
    // A new key opens nothing that is there already, unless what opens it is at hand.
    if (!isThere && worse.length === 0 && this.#hasData())
      return err(
        complaints[0] ??
          `there is a journal in ${this.#options.folder} and no master key: systemd or a keyring kept it, or its file is gone; none is made over what is there`,
      );
    const loaded = await best.load();
    const [next, ...rest] = worse;
    if (!loaded.ok && next === undefined) return loaded;
    if (!loaded.ok) complaints.unshift(loaded.error);
    const first = loaded.ok ? { holder: best, keys: loaded.value } : next;
    if (first === undefined) throw new Error('one of them was loaded');
    const others = loaded.ok ? worse : rest;
    this.#chosen = first.holder;
    this.#left = others.map(({ holder }) => holder);
    this.#complaints = complaints;
    return ok({
      current: first.keys.current,
      others: [...first.keys.others, ...others.flatMap(({ keys }) => [keys.current, ...keys.others])],
    });
  }

  #wrapped(keyring: Keyring | null): StoredKeyHolder {
    const refuse = async (): Promise<never> => {
      throw new Error(
        'the keyring that hides it is not here; start the kiosk in its desktop session, as before',
      );
    };
    const { name, wrap, unwrap } = keyring ?? { name: 'keyring', wrap: refuse, unwrap: refuse };
    const { folder, random } = this.#options;
    return wrappedKeyHolder({ name, path: join(folder, WRAPPED), random, files: this.#files, wrap, unwrap });
  }

  #hasData(): boolean {
    try {
      return this.#files.list(this.#options.folder).some((name) => name.endsWith('.hmj'));
    } catch (cause) {
      if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return false;
      throw cause;
    }
  }
}
