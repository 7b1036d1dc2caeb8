import type { Storage } from '../storage/index.ts';

/**
 * After a restore kiosks may hold more than the database knows: from now on nothing is granted in a community until all
 * its kiosks have told what they hold, or were revoked.
 */
export async function awaitAll(trx: Storage, now: Date): Promise<void> {
  await trx.updateTable('share_communities').set({ restored_at: now.toISOString() }).execute();
}

/** Whether all units of a community are known of; once they are, kiosks that are enrolled later are not waited for. */
export async function isKnownWhole(trx: Storage, community: string): Promise<boolean> {
  if ((await awaited(trx, community)).length > 0) return false;
  await trx
    .updateTable('share_communities')
    .set({ restored_at: null })
    .where('community', '=', community)
    .where('restored_at', 'is not', null)
    .execute();
  return true;
}

/** The kiosks of a community that have not told what they hold since the last restore; none where there was none. */
export async function awaited(db: Storage, community: string): Promise<string[]> {
  const restored = await db
    .selectFrom('share_communities')
    .select('restored_at')
    .where('community', '=', community)
    .executeTakeFirst();
  const since = restored?.restored_at ?? null;
  if (since === null) return [];
  const rows = await db
    .selectFrom('kiosks')
    .select('id')
    .where('community', '=', community)
    .where('revoked_at', 'is', null)
    .where((where) =>
      where.not(
        where.exists(
          where
            .selectFrom('share_books')
            .select('share_books.id')
            .whereRef('share_books.kiosk', '=', 'kiosks.id')
            .where('heard_at', '>=', since),
        ),
      ),
    )
    .orderBy('id')
    .execute();
  return rows.map(({ id }) => id);
}
