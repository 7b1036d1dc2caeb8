import { setTimeout as pause } from 'node:timers/promises';
import { Refusal } from '../errors.ts';
import { blocksOf, type Caller, type Contact } from '../fleet/index.ts';
import { isPostgres, type Storage, storageFailure } from '../storage/index.ts';
import { type Batch, commitBatches, type Outcome, type Result } from './commit.ts';
import { examine, type Grants, type Sender } from './examine.ts';
import { groupCommits, QueueFull } from './group.ts';
import type { Depth } from './known.ts';

export type { Result } from './commit.ts';

/** Events in one transaction: beyond this, sharing it gains nothing and the others wait longer. */
const MOST_EVENTS = 1000;
/** Requests that may wait for a transaction; each holds its events in memory. */
const MOST_WAITING = 256;
const MOST_ATTEMPTS = 6;
const BACKOFF_MS = 20;

/** Where requests with events go. */
export interface Intake {
  /**
   * Takes in what a request brought, exactly once: effects, the answer to a replay and the request itself are written in
   * one transaction, which it may share with others. One answer per entry, in order; a bad one never stops the others.
   * Throws {@link Refusal} when the request as a whole has no effect.
   */
  take(caller: Caller, contact: Contact, sent: readonly unknown[], now: Date): Promise<Result[]>;
}

export function openIntake(db: Storage): Intake {
  const groups = groupCommits<Batch, Outcome>({
    commit: (batches) => persistently((depth) => commitBatches(db, batches, depth)),
    weigh: ({ findings }) => findings.length,
    mostWeight: MOST_EVENTS,
    // While PostgreSQL works for one group, this process makes the next one ready. SQLite works in this process.
    lanes: isPostgres(db) ? 2 : 1,
    mostWaiting: MOST_WAITING,
    isolates: (error) => storageFailure(error) !== 'away',
  });
  return {
    async take(caller, contact, sent, now) {
      const batch = await batchOf(db, { caller, contact, sent, now });
      return resultsOf(await groups.submit(batch).catch(busyWhenFull));
    },
  };
}

/** Takes in events that came another way than by a request of the kiosk, likewise exactly once. */
export async function takeEvents(
  db: Storage,
  caller: Caller,
  sent: readonly unknown[],
  now: Date,
): Promise<Result[]> {
  const batch = await batchOf(db, { caller, contact: null, sent, now });
  const [outcome] = await persistently((depth) => commitBatches(db, [batch], depth));
  if (outcome === undefined) throw new Error('A batch without an outcome');
  return resultsOf(outcome);
}

async function batchOf(
  db: Storage,
  from: {
    readonly caller: Caller;
    readonly contact: Contact | null;
    readonly sent: readonly unknown[];
    readonly now: Date;
  },
): Promise<Batch> {
  const sender = senderOf(db, from.caller);
  return {
    kiosk: from.caller.id,
    contact: from.contact,
    findings: await examine(from.sent, sender),
    at: from.now.toISOString(),
  };
}

const senderOf = (db: Storage, { id, number }: Caller): Sender => ({
  id,
  number,
  async grants(anew) {
    const known = anew ? undefined : grantsIn(db).get(id);
    if (known) return known;
    const grants = await readGrants(db, id);
    const kept = grantsIn(db);
    if (kept.size >= MOST_GRANTS) kept.clear();
    kept.set(id, grants);
    return grants;
  },
});

/** Grants read lately, by kiosk: they only ever grow, so what fits into them needs no others. */
const grantsRead = new WeakMap<Storage, Map<string, Grants>>();
const MOST_GRANTS = 10_000;

function grantsIn(db: Storage): Map<string, Grants> {
  const known = grantsRead.get(db) ?? new Map<string, Grants>();
  grantsRead.set(db, known);
  return known;
}

async function readGrants(db: Storage, kiosk: string): Promise<Grants> {
  const keys = await db
    .selectFrom('document_keys')
    .select(['key_id', 'spki'])
    .where('kiosk', '=', kiosk)
    .execute();
  return {
    blocks: await blocksOf(db, kiosk),
    keys: new Map(keys.map(({ key_id, spki }) => [key_id, spki])),
  };
}

/**
 * Tries a transaction again that others got in the way of, or that took for new what is not: it had no effect.
 */
async function persistently<T>(transaction: (depth: Depth) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await transaction(attempt === 1 ? 'likely' : 'all');
    } catch (error) {
      if (attempt === MOST_ATTEMPTS || storageFailure(error) !== 'contended') throw error;
      await pause(Math.random() * BACKOFF_MS * 2 ** attempt);
    }
  }
}

function resultsOf(outcome: Outcome): Result[] {
  if ('refusal' in outcome) throw outcome.refusal;
  return outcome.results;
}

function busyWhenFull(error: unknown): never {
  if (error instanceof QueueFull) {
    throw new Refusal(503, 'retryable', 'busy', 'Too many kiosks send at once; try again in a while.');
  }
  throw error;
}
