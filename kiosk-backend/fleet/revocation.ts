import { type Actor, recordAct } from '../audit/index.ts';
import type { Storage } from '../storage/index.ts';

/** What became of a wish to revoke a kiosk. */
export type KioskRevoked = 'revoked' | 'revoked-before' | 'unknown-kiosk';

interface Wish {
  readonly kiosk: string;
  readonly reason: string;
  readonly since: Date;
  readonly by: Actor;
}

/**
 * Ends the trust in a kiosk that was stolen, cloned or retired: its requests are refused from now on, and what its keys
 * signed counts only where it was reported before `since`. Its codes are void, whatever the answer. It may be enrolled
 * again with a new code and new keys.
 */
export async function revokeKiosk(db: Storage, wish: Wish, now: Date): Promise<KioskRevoked> {
  const outcome = await revokeOnce(db, wish, now);
  // Its first enrolment may have been under way, and is over now: the code that it used was waited for.
  return outcome === 'unknown-kiosk' ? revokeOnce(db, wish, now) : outcome;
}

async function revokeOnce(db: Storage, { kiosk, reason, since, by }: Wish, now: Date): Promise<KioskRevoked> {
  return db.transaction().execute(async (trx) => {
    // Holds the kiosk's row: an enrolment comes wholly before or wholly after.
    const row = await trx
      .updateTable('kiosks')
      .set((column) => ({ revoked_at: column.fn.coalesce('revoked_at', column.val(now.toISOString())) }))
      .where('id', '=', kiosk)
      .returning('enrolment')
      .executeTakeFirst();
    // A code that is on its way to this kiosk may be in the thief's hands too, whatever was said of the kiosk before.
    await trx.deleteFrom('enrolment_codes').where('kiosk', '=', kiosk).execute();
    if (!row) return 'unknown-kiosk';
    const inserted = await trx
      .insertInto('kiosk_revocations')
      .values({
        kiosk,
        enrolment: row.enrolment,
        since: since.toISOString(),
        reason,
        revoked_at: now.toISOString(),
      })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    if (inserted.numInsertedOrUpdatedRows !== 1n) return 'revoked-before';
    await recordAct(trx, {
      at: now,
      actor: by,
      action: 'kiosk.revoked',
      detail: { kiosk, since: since.toISOString() }, // without the reason, which may name somebody
    });
    return 'revoked';
  });
}

/** Identity keys of a kiosk that are not trusted any more. */
export async function revokedKeysOf(db: Storage, kiosk: string): Promise<string[]> {
  const rows = await db
    .selectFrom('identity_keys')
    .innerJoin('kiosk_revocations', 'kiosk_revocations.kiosk', 'identity_keys.kiosk')
    .whereRef('identity_keys.enrolment', '<=', 'kiosk_revocations.enrolment')
    .where('identity_keys.kiosk', '=', kiosk)
    .select('identity_keys.key')
    .distinct()
    .execute();
  return rows.map(({ key }) => key);
}

/**
 * From when on a document key's word is not taken any more: what was not reported before that does not count. Null for
 * a key that is trusted.
 */
export async function distrustedSince(db: Storage, keyId: string): Promise<string | null> {
  const { since } = await db
    .selectFrom('document_keys')
    .innerJoin('kiosk_revocations', 'kiosk_revocations.kiosk', 'document_keys.kiosk')
    .whereRef('document_keys.enrolment', '<=', 'kiosk_revocations.enrolment')
    .where('document_keys.key_id', '=', keyId)
    .select((select) => select.fn.min('kiosk_revocations.since').as('since'))
    .executeTakeFirstOrThrow();
  return since;
}
