import { sql } from 'kysely';
import type { Storage } from '../storage/index.ts';
import type { SimulatedKiosk } from './kiosk.ts';

/** What the database says after the storm, against what the kiosks did. */
export interface Check {
  /** Events that are there as they were sent. */
  readonly drained: number;
  /** Events that are not, counting effects that are missing. */
  readonly lost: number;
  /** Events and effects that are there more than once. */
  readonly doubled: number;
  /** Events that do not chain to the one before. */
  readonly chainBreaks: number;
  /** Events kept but refused, or set aside as of a second journal. */
  readonly refused: number;
}

/**
 * Reads each kiosk's events in order. An event is known by its place and its hash, which covers all it says and, through
 * the one before, all that went before.
 */
export async function checkStorm(
  db: Storage,
  kiosks: readonly SimulatedKiosk[],
  events: number,
): Promise<Check> {
  const sum = { drained: 0, lost: 0, doubled: 0, chainBreaks: 0, refused: 0 };
  for (const kiosk of kiosks) {
    const rows = await db
      .selectFrom('events')
      .select(['id', 'sequence', 'previous', 'hash', 'outcome'])
      .where('kiosk', '=', kiosk.id)
      .orderBy('enrolment')
      .orderBy('sequence')
      .execute();
    const sequences = new Set(rows.map(({ sequence }) => sequence));
    const ids = new Set(rows.map(({ id }) => id));
    sum.doubled += rows.length - Math.min(sequences.size, ids.size);
    sum.lost += events - sequences.size;
    sum.refused += rows.filter(({ outcome }) => outcome !== 'accepted').length;
    let previous = '';
    for (const row of rows) {
      if (row.previous === previous) sum.drained += 1;
      else sum.chainBreaks += 1;
      previous = row.hash;
    }
    if (previous !== kiosk.chain) sum.chainBreaks += 1;
    const expected = kiosk.expected();
    for (const [table, wanted] of [
      ['certificates', expected.certificates],
      ['print_ledger', expected.prints],
    ] as const) {
      const found = await countOf(db, table, kiosk.id);
      if (found < wanted) sum.lost += wanted - found;
      else sum.doubled += found - wanted;
    }
    sum.refused += await countOf(db, 'forks', kiosk.id);
    sum.chainBreaks += await countOf(db, 'chain_gaps', kiosk.id);
  }
  return sum;
}

async function countOf(
  db: Storage,
  table: 'certificates' | 'print_ledger' | 'forks' | 'chain_gaps',
  kiosk: string,
): Promise<number> {
  const { n } = await db
    .selectFrom(table)
    .select(sql<number>`count(*)`.as('n'))
    .where('kiosk', '=', kiosk)
    .executeTakeFirstOrThrow();
  return n;
}
