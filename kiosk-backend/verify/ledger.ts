import { normaliseNumber } from '../contract/index.ts';
import { blocksOf, distrustedSince, isInBlocks } from '../fleet/index.ts';
import type { Storage } from '../storage/index.ts';
import type { Ledger } from './judge.ts';

/** The ledger in the database. */
export const storedLedger = (db: Storage): Ledger => ({
  async certificate(number) {
    const row = await db
      .selectFrom('certificates')
      .select(['statement', 'server_time'])
      .where('number_key', '=', normaliseNumber(number))
      .executeTakeFirst();
    return row ? { statement: row.statement, reportedAt: row.server_time } : null;
  },
  async documentKey(keyId) {
    const row = await db
      .selectFrom('document_keys')
      .select(['kiosk', 'spki'])
      .where('key_id', '=', keyId)
      .executeTakeFirst();
    return row ? { ...row, distrustedSince: await distrustedSince(db, keyId) } : null;
  },
  async wasGiven(number, kiosk) {
    const row = await db.selectFrom('kiosks').select('number').where('id', '=', kiosk).executeTakeFirst();
    return row !== undefined && isInBlocks(number, row.number, await blocksOf(db, kiosk));
  },
  async isRevoked(number) {
    const row = await db
      .selectFrom('revocations')
      .select('number_key')
      .where('number_key', '=', normaliseNumber(number))
      .executeTakeFirst();
    return row !== undefined;
  },
});

/**
 * Takes a certificate back, from now on and for good; one that was not reported yet too. The first revocation counts.
 * Answers whether the certificate is already known.
 */
export async function revoke(
  db: Storage,
  number: string,
  reason: string,
  now: Date,
): Promise<{ readonly known: boolean }> {
  await db
    .insertInto('revocations')
    .values({ number_key: normaliseNumber(number), number, reason, revoked_at: now.toISOString() })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return { known: (await storedLedger(db).certificate(number)) !== null };
}
