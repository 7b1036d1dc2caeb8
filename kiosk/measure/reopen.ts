/** `node reopen.ts FOLDER`: what a restart takes, as JSON on standard output. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { systemClock } from '@huimin/drivers';
import { keyFileHolder, openStore, type Store } from '../core/store/index.ts';

export interface Reopened {
  /** From the call until the store answers. */
  readonly ms: number;
  readonly waiting: number;
}

export const random = (bytes: number): Uint8Array => new Uint8Array(randomBytes(bytes));

/** The store in a folder that only this measurement uses. Throws what is wrong with it. */
export async function openMeasuredStore(folder: string): Promise<Store> {
  const opened = await openStore({
    folder,
    kiosk: 'kiosk-measure',
    keyHolder: keyFileHolder(join(folder, 'key'), random),
    clock: systemClock,
    random,
    createKeys: async () => ({
      identity: { pkcs8: 'AA', publicKey: 'AA' },
      document: { pkcs8: 'AA', spki: 'AA' },
    }),
    onDamage: (sentence) => {
      throw new Error(sentence);
    },
  });
  if (!opened.ok) throw new Error(opened.error);
  return opened.value;
}

if (import.meta.main) {
  const from = performance.now();
  const store = await openMeasuredStore(process.argv[2] ?? '');
  const reopened: Reopened = { ms: performance.now() - from, waiting: store.counts().waiting };
  process.stdout.write(JSON.stringify(reopened));
  await store.close();
}
