import { setTimeout as pause } from 'node:timers/promises';
import { errorResponseSchema, eventsResponseSchema, type KioskEvent } from '../contract/index.ts';
import type { SimulatedKiosk } from './kiosk.ts';
import type { Answered, Loss, Wire } from './wire.ts';

/** As many as a kiosk sends at once. */
const BATCH = 100;
const BACKOFF_MS = 250;
const MOST_BACKOFF_MS = 30_000;

export interface StormOptions {
  readonly kiosks: readonly SimulatedKiosk[];
  readonly wire: Wire;
  /** Requests on their way at once; kiosks beyond that wait for a connection. */
  readonly concurrency: number;
  /** Share of answers that get lost, 0 to 1. */
  readonly faults: number;
  /** From 0 to 1, without 1; decides losses and waiting times. */
  readonly random: () => number;
  readonly now: () => Date;
  /** Monotonic milliseconds. */
  readonly monotonic: () => number;
  readonly onProgress: (events: number) => void;
}

/** What the kiosks saw. */
export interface Storm {
  readonly seconds: number;
  readonly requests: number;
  readonly answersLost: number;
  /** Requests that were sent again. */
  readonly retries: number;
  /** Events answered as known already: those whose first answer got lost. */
  readonly replayed: number;
  /** Status 429 and 503. */
  readonly tooMany: number;
  readonly busy: number;
  /** What else went wrong, by what was said. */
  readonly failures: Readonly<Record<string, number>>;
  /** Events refused for good, by reason: there must be none. */
  readonly rejected: Readonly<Record<string, number>>;
  /** Of answered requests, in milliseconds. */
  readonly latencies: readonly number[];
}

/** All kiosks come back at once and send what they have, each its batches in order, until all is answered. */
export async function raiseStorm(options: StormOptions): Promise<Storm> {
  const { kiosks, wire, random, now, monotonic } = options;
  const slots = limit(options.concurrency);
  const latencies: number[] = [];
  const failures: Record<string, number> = {};
  const rejected: Record<string, number> = {};
  const seen = { requests: 0, answersLost: 0, retries: 0, replayed: 0, tooMany: 0, busy: 0 };

  const attempt = async (kiosk: SimulatedKiosk): Promise<boolean> => {
    const events = await kiosk.batch(BATCH);
    const loss = lossOf(options.faults, random);
    const from = monotonic();
    seen.requests += 1;
    const answered = await wire.post(kiosk.request(events, now()), loss);
    const results = resultsIn(answered, events);
    if (results === null) {
      note(answered);
      return false;
    }
    latencies.push(monotonic() - from);
    for (const { outcome, reason } of results) {
      if (outcome === 'duplicate') seen.replayed += 1;
      if (outcome === 'rejected') count(rejected, reason ?? 'no reason');
    }
    kiosk.answered(events);
    options.onProgress(events.length);
    return true;
  };

  const note = (answered: Answered): void => {
    if (answered.is === 'lost') seen.answersLost += 1;
    else if (answered.is === 'failed') count(failures, answered.reason);
    else if (answered.status === 429) seen.tooMany += 1;
    else if (answered.status === 503) seen.busy += 1;
    else count(failures, `${answered.status} ${codeIn(answered.text)}`);
  };

  const drain = async (kiosk: SimulatedKiosk): Promise<void> => {
    let failed = 0;
    while (!kiosk.isDrained) {
      const sent = await slots(() => attempt(kiosk));
      failed = sent ? 0 : failed + 1;
      if (sent) continue;
      seen.retries += 1;
      await pause(random() * Math.min(MOST_BACKOFF_MS, BACKOFF_MS * 2 ** failed));
    }
  };

  const from = monotonic();
  await Promise.all(kiosks.map(drain));
  return { ...seen, seconds: (monotonic() - from) / 1000, failures, rejected, latencies };
}

function lossOf(faults: number, random: () => number): Loss {
  if (random() >= faults) return 'none';
  return random() < 0.5 ? 'before-answer' : 'within-answer';
}

function resultsIn(answered: Answered, events: readonly KioskEvent[]) {
  if (answered.is !== 'answer' || answered.status !== 200) return null;
  const { results } = eventsResponseSchema.parse(JSON.parse(answered.text));
  if (results.length !== events.length) throw new Error('The backend answered another number of events');
  return results;
}

function codeIn(text: string): string {
  try {
    return errorResponseSchema.parse(JSON.parse(text)).error.code;
  } catch {
    return 'in no known form';
  }
}

const count = (counts: Record<string, number>, what: string): void => {
  counts[what] = (counts[what] ?? 0) + 1;
};

/** Runs so many at once; the others wait in order. */
function limit(most: number): <T>(run: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (run) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await run();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
