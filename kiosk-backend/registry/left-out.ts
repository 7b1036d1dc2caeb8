import { sql } from 'kysely';
import { z } from 'zod';
import type { Storage } from '../storage/index.ts';
import { fitStaff } from './staff.ts';

/** Rows of the registry that kiosks are not told of, since they do not fit the contract; nobody is named. */
export const leftOutSchema = z.array(
  z.object({
    table: z.enum(['residents', 'staff']),
    /** Null for staff, who belong to all. */
    community: z.string().nullable(),
    /** What does not fit; empty for staff. */
    fields: z.string(),
    rows: z.number(),
  }),
);
export type LeftOut = z.infer<typeof leftOutSchema>;

export async function readLeftOut(db: Storage): Promise<LeftOut> {
  const residents = await db
    .selectFrom('resident_bundles')
    .innerJoin('residents', 'residents.id', 'resident_bundles.resident')
    .select(['community', 'fault', sql<number>`count(*)`.as('rows')])
    .where('fault', 'is not', null)
    .groupBy(['community', 'fault'])
    .orderBy('community')
    .orderBy('fault')
    .execute();
  const { unfit } = await fitStaff(db);
  return [
    ...residents.map(({ community, fault, rows }) => ({
      table: 'residents' as const,
      community,
      fields: fault ?? '',
      rows,
    })),
    ...(unfit === 0 ? [] : [{ table: 'staff' as const, community: null, fields: '', rows: unfit }]),
  ];
}
