import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { err, ok, type Result } from '@huimin/drivers';

/** Who keeps the kiosk's master key. The key file is the plain way; operating-system vaults take its place. */
export interface KeyHolder {
  readonly name: string;
  /** The 32-byte key, made on the first call. The error is one sentence. */
  load(): Result<Uint8Array, string>;
}

const KEY_BYTES = 32;

/** A file only its owner may read. Anyone who can read the disk as that user can open the journal. */
export function keyFileHolder(path: string, random: (bytes: number) => Uint8Array): KeyHolder {
  return {
    name: 'key file',
    load: () => {
      try {
        if (!existsSync(path)) {
          writeFileSync(path, random(KEY_BYTES), { mode: 0o600, flag: 'wx', flush: true });
          chmodSync(path, 0o600);
        }
        const key = readFileSync(path);
        if (key.length !== KEY_BYTES) return err(`the key file ${path} is damaged (${key.length} bytes)`);
        return ok(new Uint8Array(key));
      } catch (cause) {
        return err(`the key file ${path} cannot be used: ${cause instanceof Error ? cause.message : cause}`);
      }
    },
  };
}
