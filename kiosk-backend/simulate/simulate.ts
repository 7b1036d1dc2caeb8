import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStorage, type Storage } from '../storage/index.ts';
import { postgresHere, startPostgres } from '../testing/index.ts';
import { startBackendProcess } from './backend.ts';
import { type Check, checkStorm } from './check.ts';
import { enrolAll } from './enrol.ts';
import { SimulatedKiosk } from './kiosk.ts';
import { raiseStorm, type Storm } from './storm.ts';
import { openWire } from './wire.ts';

/** Which backend and database the storm meets. */
export type Target =
  /** Its own, in a temporary folder. */
  | { readonly kind: 'sqlite' }
  | { readonly kind: 'postgres' }
  /** A backend of its own before this database. */
  | { readonly kind: 'database'; readonly databaseUrl: string }
  /** One that runs, and the database behind it: `databaseUrl`, or the SQLite file in `data`. */
  | {
      readonly kind: 'running';
      readonly url: string;
      readonly databaseUrl: string | undefined;
      readonly data: string;
    };

export interface SimulateOptions {
  readonly kiosks: number;
  /** Per kiosk. */
  readonly events: number;
  readonly concurrency: number;
  /** Share of answers that get lost, 0 to 1. */
  readonly faults: number;
  /** Names the run: everything that the kiosks did, and which answers get lost, follows from it. */
  readonly seed: string;
  readonly target: Target;
  readonly say: (sentence: string) => void;
  /** Takes what has to end, and to be waited for, when somebody interrupts. */
  readonly onInterrupt: (end: () => Promise<void>) => void;
}

export interface Report extends Omit<Storm, 'latencies'>, Check {
  readonly kiosks: number;
  readonly events: number;
  readonly database: 'SQLite' | 'PostgreSQL';
  readonly eventsPerSecond: number;
  readonly enrolmentSeconds: number;
  /** Of answered requests, in milliseconds. */
  readonly latency: { readonly p50: number; readonly p95: number; readonly p99: number };
}

/** Nothing lost, nothing doubled, every chain whole, nothing refused. */
export const isGood = ({ lost, doubled, chainBreaks, refused }: Check): boolean =>
  lost + doubled + chainBreaks + refused === 0;

/** Sends thousands of kiosks back to a backend at once, and reads in its database what came of it. */
export async function simulate(options: SimulateOptions): Promise<Report> {
  const ends: (() => unknown)[] = [];
  let ended: Promise<void> | null = null;
  const endAll = (): Promise<void> => {
    ended ??= inTurn(ends);
    return ended;
  };
  options.onInterrupt(endAll);
  try {
    const { url, databaseUrl, data } = await openTarget(options.target, (end) => ends.unshift(end));
    const db = await openStorage({ data, databaseUrl });
    ends.unshift(() => db.destroy());
    return await stormOn(db, url, databaseUrl !== undefined, options);
  } finally {
    await endAll();
  }
}

/** All of them, whatever fails; then throws the first failure. */
async function inTurn(ends: readonly (() => unknown)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const end of ends) {
    try {
      await end();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

async function openTarget(
  target: Target,
  onEnd: (end: () => unknown) => void,
): Promise<{ readonly url: string; readonly databaseUrl: string | undefined; readonly data: string }> {
  if (target.kind === 'running') return target;
  const data = mkdtempSync(join(tmpdir(), 'huimin-simulate-'));
  onEnd(() => rmSync(data, { recursive: true, force: true }));
  const databaseUrl = target.kind === 'database' ? target.databaseUrl : await ownPostgres(target, onEnd);
  const starting = startBackendProcess({ data, databaseUrl });
  onEnd(() => endOf(starting));
  return { url: (await starting).url, databaseUrl, data };
}

async function ownPostgres(
  { kind }: Target,
  onEnd: (end: () => unknown) => void,
): Promise<string | undefined> {
  if (kind !== 'postgres') return undefined;
  if ('absent' in postgresHere) throw new Error(`PostgreSQL cannot be run here: ${postgresHere.absent}.`);
  const starting = startPostgres(postgresHere.bin, { durable: true });
  onEnd(() => endOf(starting));
  return (await starting).newDatabase();
}

/** Ends what may still be starting; what does not start has nothing to end. */
const endOf = (starting: Promise<{ close(): Promise<void> }>): Promise<void> =>
  starting.then(
    (started) => started.close(),
    () => undefined,
  );

async function stormOn(
  db: Storage,
  url: string,
  isPostgres: boolean,
  options: SimulateOptions,
): Promise<Report> {
  const { say, seed, events } = options;
  const enrolling = performance.now();
  const kiosks = Array.from(
    { length: options.kiosks },
    (_, index) => new SimulatedKiosk(seed, index, events),
  );
  await enrolAll(db, kiosks);
  const enrolmentSeconds = (performance.now() - enrolling) / 1000;
  say(`${kiosks.length} kiosks are enrolled; they come back now`);

  const all = kiosks.length * events;
  let done = 0;
  let nextWord = all / 10;
  const wire = openWire(url, options.concurrency);
  const storm = await raiseStorm({
    kiosks,
    wire,
    concurrency: options.concurrency,
    faults: options.faults,
    random: randomFrom(seed),
    now: () => new Date(),
    monotonic: () => performance.now(),
    onProgress: (count) => {
      done += count;
      if (done < nextWord) return;
      say(`${Math.round((done / all) * 100)} %`);
      nextWord += all / 10;
    },
  }).finally(() => wire.close());
  say('all was answered; reading what the database holds');
  const { latencies, ...seen } = storm;
  const check = await checkStorm(db, kiosks, events);
  return {
    kiosks: kiosks.length,
    events,
    database: isPostgres ? 'PostgreSQL' : 'SQLite',
    ...check,
    eventsPerSecond: Math.round(all / storm.seconds),
    enrolmentSeconds,
    latency: percentiles(latencies),
    ...seen,
  };
}

/** Nearest rank, to a tenth; 0 where nothing was answered. */
function percentiles(samples: readonly number[]): Report['latency'] {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    Math.round((sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0) * 10) / 10;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

/** Numbers from 0 to 1 that follow from the seed (mulberry32). */
function randomFrom(seed: string): () => number {
  let state = [...seed].reduce(
    (sum, letter) => Math.imul(sum ^ letter.charCodeAt(0), 0x01000193),
    0x811c9dc5,
  );
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
