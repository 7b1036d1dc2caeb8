import { type Actor, recordAct } from '../audit/index.ts';
import { dropTraces, type Storage } from '../storage/index.ts';
import { EVENT_TABLES, type Redacted, redactEvents } from './redact.ts';

const DAY_MS = 86_400_000;

/**
 * How long events say whom they were about. A certificate's holder or its issuer can be held to it for three years
 * (Civil Code, Art. 188); longer than its purpose needs, nothing personal is kept (PIPL, Art. 19).
 */
export const DEFAULT_KEEP_DAYS = 3 * 365 + 1;

/** Technical records are kept for at least six months (Cybersecurity Law, Art. 21; classified protection, level 3). */
const LOG_DAYS = 190;

/** Events changed in one transaction, so that kiosks never wait long. */
const BATCH = 200;

/** How often it is asked whether a day has passed. */
const LOOK_EVERY_MS = 3_600_000;

export interface Expired extends Redacted {
  readonly refusals: number;
}

/**
 * Takes personal data out of what is older than `keepDays`, and drops old technical records. It goes in small steps,
 * may be cut short (`stop`, between two steps) and run again, and by several at once.
 */
export async function expire(
  db: Storage,
  options: {
    readonly keepDays: number;
    /** Who wants it; that a person did is on record also where nothing was that old. */
    readonly actor: Actor;
    readonly now: Date;
    readonly stop?: AbortSignal;
  },
): Promise<Expired> {
  const { keepDays, actor, now, stop } = options;
  const before = daysBefore(now, keepDays);
  let events = 0;
  let certificates = 0;
  for (const table of EVENT_TABLES) {
    while (!stop?.aborted) {
      const step = await db.transaction().execute((trx) => expireStep(trx, { table, before, actor, now }));
      if (step === null) break;
      events += step.events;
      certificates += step.certificates;
    }
  }
  const { numDeletedRows } = await db
    .deleteFrom('refusals')
    .where('server_time', '<', daysBefore(now, LOG_DAYS))
    .executeTakeFirstOrThrow();
  const refusals = Number(numDeletedRows);
  if (actor !== 'system') {
    const detail = { refusals, before };
    await db
      .transaction()
      .execute((trx) => recordAct(trx, { at: now, actor, action: 'data.expired', detail }));
  }
  if (events + refusals > 0) await dropTraces(db);
  return { events, certificates, refusals };
}

/** One batch, on record in the same transaction; null when nothing is left. */
async function expireStep(
  trx: Storage,
  step: {
    readonly table: (typeof EVENT_TABLES)[number];
    readonly before: string;
    readonly actor: Actor;
    readonly now: Date;
  },
): Promise<Redacted | null> {
  const { table, before, actor, now } = step;
  const old = await trx
    .selectFrom(table)
    .select(['kiosk', 'id', 'hash', 'kind', 'body'])
    .where('subject', 'is not', null)
    .where('server_time', '<', before)
    .orderBy('server_time')
    .orderBy('kiosk')
    .orderBy('id')
    .limit(BATCH)
    .execute();
  if (old.length === 0) return null;
  const redacted = await redactEvents(trx, table, old, now);
  if (redacted.events > 0) {
    const detail = { ...redacted, before };
    await recordAct(trx, { at: now, actor, action: 'data.expired', detail });
  }
  return redacted;
}

/**
 * Does {@link expire} once a day for as long as this runs: of several backends before one database, the one that comes
 * first. `failed` hears of what went wrong; an hour later it is tried again.
 */
export function startRetention(
  db: Storage,
  options: {
    readonly keepDays: number;
    readonly now: () => Date;
    readonly failed: (error: unknown) => void;
  },
): { stop(): Promise<void> } {
  const stopping = new AbortController();
  let running: Promise<void> = Promise.resolve();
  const look = (): void => {
    running = running
      .then(() => expireToday(db, options.keepDays, options.now(), stopping.signal))
      .catch(options.failed);
  };
  look();
  const timer = setInterval(look, LOOK_EVERY_MS).unref();
  return {
    stop: () => {
      clearInterval(timer);
      stopping.abort();
      return running;
    },
  };
}

/** Whoever moves the day on does the work; a day that was begun and not finished goes on tomorrow. */
async function expireToday(db: Storage, keepDays: number, now: Date, stop: AbortSignal): Promise<void> {
  if (stop.aborted) return;
  const { numUpdatedRows } = await db
    .updateTable('chores')
    .set({ last_run: now.toISOString() })
    .where('name', '=', 'retain')
    .where((where) =>
      // A last run that lies ahead is one of a clock that was wrong.
      where.or([where('last_run', '<=', daysBefore(now, 1)), where('last_run', '>', now.toISOString())]),
    )
    .executeTakeFirstOrThrow();
  if (numUpdatedRows !== 1n) return;
  try {
    await expire(db, { keepDays, actor: 'system', now, stop });
  } catch (error) {
    await db
      .updateTable('chores')
      .set({ last_run: '' })
      .where('name', '=', 'retain')
      .where('last_run', '=', now.toISOString())
      .execute()
      .catch(() => undefined); // where the database is away, why it failed says more
    throw error;
  }
}

const daysBefore = (time: Date, days: number): string =>
  new Date(time.getTime() - days * DAY_MS).toISOString();
