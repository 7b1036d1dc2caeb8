import type { Storage } from '../storage/index.ts';
import { type Entry, flawIn } from './entry.ts';

/** Entries held in memory at a time. */
const PAGE = 1000;

/** What a walk along the whole chain found. */
export interface Verdict {
  /** Entries that were walked along and are good. */
  readonly entries: number;
  /** When the first was written; null while there is none. */
  readonly since: string | null;
  /** Hash of the last good entry: noted elsewhere, it later proves that nothing before it was taken away or changed. */
  readonly head: string | null;
  /** Where the chain breaks, as one sentence; null when it is whole. */
  readonly broken: string | null;
  /** Whether the hash that was asked for is one of the chain's; null when none was. */
  readonly contained: boolean | null;
}

/**
 * Walks along the audit from its first entry. Entries cut off at the end are told by the counter beside the chain, and
 * for good by a `known` hash that was noted before.
 */
export async function checkAudit(db: Storage, known: string | null = null): Promise<Verdict> {
  // Read before the entries: those written meanwhile are more than it says, never fewer.
  const counted = await counter(db);
  let last: Entry | null = null;
  let since: string | null = null;
  let contained = false;
  let broken: string | null = null;
  for await (const entry of entries(db)) {
    const flaw = flawIn(entry, last);
    if (flaw !== null) {
      broken = `Entry ${entry.sequence} of ${entry.at} ${flaw}.`;
      break;
    }
    since ??= entry.at;
    contained ||= entry.hash === known;
    last = entry;
  }
  const walked = last?.sequence ?? 0;
  if (broken === null && walked < counted) {
    broken = `After entry ${walked} ${counted - walked} are missing.`;
  }
  return {
    entries: walked,
    since,
    head: last?.hash ?? null,
    broken,
    contained: known === null ? null : contained,
  };
}

/** The chain's entries in order, from the first or from one on. */
export async function* entries(db: Storage, from = 1): AsyncGenerator<Entry, void, undefined> {
  let next = from;
  for (;;) {
    const page = await db
      .selectFrom('audit')
      .selectAll()
      .where('sequence', '>=', next)
      .orderBy('sequence')
      .limit(PAGE)
      .execute();
    yield* page;
    const last = page.at(-1);
    if (!last) return;
    next = last.sequence + 1;
  }
}

/** The last entries, oldest first. */
export async function lastEntries(db: Storage, count: number): Promise<Entry[]> {
  const rows = await db.selectFrom('audit').selectAll().orderBy('sequence', 'desc').limit(count).execute();
  return rows.reverse();
}

async function counter(db: Storage): Promise<number> {
  const row = await db.selectFrom('counters').select('value').where('name', '=', 'audit').executeTakeFirst();
  return row?.value ?? 0;
}
