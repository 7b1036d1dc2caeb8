import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { err, type Result } from '@huimin/drivers';
import { isReadOnly, messageOf, nodeFiles } from './files.ts';
import { lockFolder } from './lock.ts';
import { openStoreIn, type StoreOptions } from './open.ts';
import type { Store } from './store.ts';

export { bestKeyHolder, type Keyring } from './best-key.ts';
export {
  CREDENTIAL,
  credentialKeyHolder,
  type KeyHolder,
  type KeyWrap,
  keyFileHolder,
  wrappedKeyHolder,
} from './key.ts';
export type { StoreOptions } from './open.ts';
export type { PrintRecord, PrintState } from './record.ts';
export type { KioskKeys } from './state.ts';
export type { Commit, Made, OpenPrint, RefusedEvent, Store } from './store.ts';
export type { LedgerRow } from './view.ts';

/** Opens the data folder, and keeps others out of it. The error is one sentence. */
export async function openStore(options: StoreOptions): Promise<Result<Store, string>> {
  try {
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    if (!isReadOnly(cause)) return err(`the data folder cannot be made: ${messageOf(cause)}`);
  }
  const lock = lockFolder(join(options.folder, 'lock'));
  if (!lock.ok) return lock;
  return openStoreIn(nodeFiles(options.clock), options, lock.value);
}
