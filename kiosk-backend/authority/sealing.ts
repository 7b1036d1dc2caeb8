import { randomBytes } from 'node:crypto';
import { type SealingSuite, sealingKeyText, type VouchedSealingKey } from '../contract/index.ts';
import { newSealingKeyPair, type SealingKeyPair } from '../contract/sealing/index.ts';
import type { Storage } from '../storage/index.ts';
import type { Authority } from './index.ts';

/**
 * The key that kiosks seal for, with the authority's word for it; made when its suite is first asked for. Several
 * processes may start at once: the first one's is everybody's.
 */
export async function openSealingKey(
  db: Storage,
  authority: Authority,
  suite: SealingSuite,
  now: () => Date,
): Promise<VouchedSealingKey> {
  const kept = (await newestKey(db, suite)) ?? (await createKey(db, suite, now()));
  const key = { suite, keyId: kept.key_id, publicKey: kept.public_key };
  return { ...key, signature: await authority.sign(sealingKeyText(key)) };
}

/** What opens that which was sealed for this key, however old; null for a key that was never ours. */
export async function findSealingKey(db: Storage, keyId: string): Promise<SealingKeyPair | null> {
  const row = await db.selectFrom('sealing_keys').selectAll().where('key_id', '=', keyId).executeTakeFirst();
  return row
    ? { suite: row.suite, keyId: row.key_id, publicKey: row.public_key, privateKey: row.private_key }
    : null;
}

const newestKey = (db: Storage, suite: SealingSuite) =>
  db
    .selectFrom('sealing_keys')
    .select(['key_id', 'public_key'])
    .where('suite', '=', suite)
    .orderBy('generation', 'desc')
    .limit(1)
    .executeTakeFirst();

async function createKey(db: Storage, suite: SealingSuite, now: Date) {
  const made = await newSealingKeyPair(suite, (bytes) => new Uint8Array(randomBytes(bytes)));
  await db
    .insertInto('sealing_keys')
    .values({
      suite,
      generation: 1,
      key_id: made.keyId,
      public_key: made.publicKey,
      private_key: made.privateKey,
      created_at: now.toISOString(),
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const kept = await newestKey(db, suite);
  if (!kept) throw new Error('The sealing key was written but cannot be read');
  return kept;
}
