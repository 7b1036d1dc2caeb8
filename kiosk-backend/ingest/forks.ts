import { sql } from 'kysely';
import { z } from 'zod';
import type { Storage } from '../storage/index.ts';

/** Kiosks under whose identity two journals are being written, until they are enrolled anew. */
export const forkSchema = z.array(
  z.object({
    kiosk: z.string(),
    since: z.string(),
    /** The first event that both have differently. */
    sequence: z.number(),
    /** Events of the second journal, kept but without effect. */
    setAside: z.number(),
    /** True when trust in the kiosk was taken back meanwhile: what remains is to enrol it with new keys. */
    revoked: z.boolean(),
  }),
);

export async function readForks(db: Storage): Promise<z.infer<typeof forkSchema>> {
  const rows = await db
    .selectFrom('kiosks')
    .select(['id', 'forked_at', 'forked_sequence', 'revoked_at'])
    .select((of) =>
      of
        .selectFrom('forks')
        .select(sql<number>`count(*)`.as('n'))
        .whereRef('forks.kiosk', '=', 'kiosks.id')
        .whereRef('forks.enrolment', '=', 'kiosks.enrolment')
        .as('setAside'),
    )
    .whereRef('forked_enrolment', '=', 'enrolment')
    .orderBy('forked_at')
    .execute();
  return rows.map((row) => ({
    kiosk: row.id,
    since: row.forked_at ?? '',
    sequence: row.forked_sequence ?? 0,
    setAside: row.setAside ?? 0,
    revoked: row.revoked_at !== null,
  }));
}
