import { sql } from 'kysely';
import type { Storage, Tables } from '../storage/index.ts';
import { turnout } from './effects.ts';
import { leaseLeft } from './pots.ts';

/** Where the units of a pot are. */
export interface PotState {
  readonly resource: string;
  readonly pot: string;
  readonly capacity: number;
  /** With nobody. */
  readonly pool: number;
  /** With kiosks, who may have given them out without having reported it yet. */
  readonly held: number;
  readonly claimed: number;
}

/** Every pot with where its units are; of one resource, or of all. */
export async function readPots(db: Storage, resource: string | null = null): Promise<PotState[]> {
  const rows = await db
    .selectFrom('share_pots')
    .selectAll()
    .select((of) => [
      of
        .selectFrom('share_leases')
        .select(sql<number | string>`coalesce(sum(${leaseLeft}), 0)`.as('n'))
        .whereRef('share_leases.resource', '=', 'share_pots.resource')
        .whereRef('share_leases.pot', '=', 'share_pots.pot')
        .as('held'),
      of
        .selectFrom('share_claims')
        .select(sql<number | string>`coalesce(sum(amount), 0)`.as('n'))
        .whereRef('share_claims.resource', '=', 'share_pots.resource')
        .whereRef('share_claims.pot', '=', 'share_pots.pot')
        .where('cancelled_at', 'is', null)
        .as('claimed'),
    ])
    .orderBy('resource')
    .orderBy('pot')
    .execute();
  return rows
    .filter((row) => resource === null || row.resource === resource)
    .map((row) => ({ ...row, held: Number(row.held ?? 0), claimed: Number(row.claimed ?? 0) }));
}

/**
 * What is not as it must be, a sentence each: of every pot, capacity = pool + held by kiosks + claimed; of every vote,
 * no more ballots than voters.
 */
export async function checkShares(db: Storage): Promise<string[]> {
  const wrong: string[] = [];
  for (const { resource, pot, capacity, pool, held, claimed } of await readPots(db)) {
    if (pool + held + claimed === capacity && pool >= 0) continue;
    wrong.push(
      `${resource}, ${pot}: ${pool} free, ${held} with kiosks and ${claimed} claimed do not make ${capacity}.`,
    );
  }
  const votes = await db.selectFrom('share_resources').select('id').where('kind', '=', 'vote').execute();
  for (const { id } of votes) {
    const { ballots, voters } = await turnout(db, id);
    if (ballots > voters)
      wrong.push(`${id}: ${ballots} ballots were counted, and ${voters} have taken part.`);
  }
  return wrong;
}

/** What was taken in and somebody should look at: the newest first. */
export const readNotes = (db: Storage, limit: number): Promise<Tables['share_notes'][]> =>
  db.selectFrom('share_notes').selectAll().orderBy('server_time', 'desc').limit(limit).execute();
