/**
 * When a lane tries, and when it leaves the backend alone: a circuit breaker with capped, jittered backoff. Pure: every
 * step takes the time of the clock that never jumps, in milliseconds, and chance.
 */

/**
 * What an attempt came to: `again` it was done and there is more to do now; `done` it was done, and nothing is left
 * until something wakes the lane or its interval is over; `rest` there was nothing to do; `held` it cannot be tried
 * before something else has happened, which will wake the lane.
 */
export type LaneOutcome = 'again' | 'done' | 'rest' | { readonly held: string } | LaneFailure;

/** An attempt that failed in a way that may pass. */
export interface LaneFailure {
  /** For technicians; no personal data. */
  readonly failed: string;
  /** How long the other side asks to be left alone; null when it does not ask. */
  readonly retryAfterMs: number | null;
}

export const failed = (reason: string, retryAfterMs: number | null = null): LaneFailure => ({
  failed: reason,
  retryAfterMs,
});

export interface BreakerLimits {
  /** The interval of a lane that has nothing to do; a tenth more or less by chance. */
  readonly restMs: number;
  /** After so many failures in a row a lane is open: it makes one small attempt now and then. */
  readonly openAfter: number;
  /** The longest pause between the attempts of an open lane. */
  readonly longestProbeMs: number;
  /** When the network is back, a lane begins within this time, so that not all kiosks do in the same moment. */
  readonly spreadMs: number;
}

export const LIMITS: BreakerLimits = {
  restMs: 60_000,
  openAfter: 5,
  longestProbeMs: 5 * 60_000,
  spreadMs: 1000,
};

/** `idle` nothing to do; `working` now; `waiting` for the next try, or for something else; `open` it only probes. */
export type LaneState = 'idle' | 'working' | 'waiting' | 'open';

export interface Breaker {
  readonly state: LaneState;
  /** In a row. */
  readonly failures: number;
  /** Why it fails or waits; null when it does neither. */
  readonly reason: string | null;
  /** When it tries next; null while it works. */
  readonly nextTry: number | null;
  readonly lastTry: number;
  readonly lastSuccess: number | null;
  /** The other side asked to be left alone until then. */
  readonly notBefore: number;
  /** Something came to do while it worked. */
  readonly woken: boolean;
}

export const startedBreaker = (now: number): Breaker => ({
  state: 'idle',
  failures: 0,
  reason: null,
  nextTry: now,
  lastTry: Number.NEGATIVE_INFINITY,
  lastSuccess: null,
  notBefore: Number.NEGATIVE_INFINITY,
  woken: false,
});

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;
/** Whoever asks to be left alone is asked again after this long all the same. */
const LONGEST_RETRY_AFTER_MS = 15 * 60_000;
/** However often the network comes and goes, a lane that fails does not try more often. */
const SHORTEST_GAP_MS = 1000;

/**
 * The delay before attempt `failures + 1`: doubling from half a second, capped at thirty, and anywhere in the upper
 * half of that, so that ten thousand kiosks do not come back in the same second.
 */
export function backoffMs(failures: number, random: () => number): number {
  return jittered(Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.max(0, failures - 1)), random);
}

const jittered = (full: number, random: () => number): number => full / 2 + random() * (full / 2);

/** True when this attempt should be a small one, to see whether the backend is well again. */
export const isProbe = ({ failures }: Breaker, limits: BreakerLimits): boolean =>
  failures >= limits.openAfter;

/** The attempt begins. */
export const begun = (breaker: Breaker, now: number): Breaker => ({
  ...breaker,
  state: 'working',
  nextTry: null,
  lastTry: now,
  woken: false,
});

/** There is something to do. A lane that fails keeps its pace: new work is no sign that the backend is well. */
export function woken(breaker: Breaker, now: number): Breaker {
  if (breaker.nextTry === null) return { ...breaker, woken: true };
  if (breaker.failures > 0) return breaker;
  return { ...breaker, nextTry: Math.min(breaker.nextTry, Math.max(now, breaker.notBefore)) };
}

/** The way to the backend is open again: the next attempt comes soon. What it comes to, closes the breaker or not. */
export function hurried(breaker: Breaker, now: number, limits: BreakerLimits, random: () => number): Breaker {
  if (breaker.nextTry === null) return { ...breaker, woken: true };
  const gap = breaker.failures > 0 ? breaker.lastTry + SHORTEST_GAP_MS : now;
  const soon = Math.max(now + random() * limits.spreadMs, gap, breaker.notBefore);
  return { ...breaker, nextTry: Math.min(breaker.nextTry, soon) };
}

/** The attempt came to an end. */
export function ended(
  breaker: Breaker,
  outcome: LaneOutcome,
  now: number,
  limits: BreakerLimits,
  random: () => number,
): Breaker {
  const pause = breaker.woken ? 0 : limits.restMs * (1 + random() / 10);
  const well = { ...breaker, failures: 0, reason: null };
  switch (outcome) {
    case 'again':
      return { ...well, state: 'working', nextTry: now, lastSuccess: now };
    case 'done':
      return { ...well, state: 'idle', nextTry: now + pause, lastSuccess: now };
    case 'rest':
      return { ...well, state: 'idle', nextTry: now + pause };
    default:
      return 'held' in outcome
        ? { ...breaker, state: stateOf(breaker.failures, limits), reason: outcome.held, nextTry: now + pause }
        : afterFailure(breaker, outcome, now, limits, random);
  }
}

function afterFailure(
  breaker: Breaker,
  { failed: reason, retryAfterMs }: LaneFailure,
  now: number,
  limits: BreakerLimits,
  random: () => number,
): Breaker {
  const failures = breaker.failures + 1;
  const probes = failures - limits.openAfter;
  const delay =
    probes < 0
      ? backoffMs(failures, random)
      : jittered(Math.min(limits.longestProbeMs, LONGEST_DELAY_MS * 2 ** probes), random);
  const asked = Math.min(retryAfterMs ?? 0, LONGEST_RETRY_AFTER_MS);
  // Whoever tells all kiosks the same time would see them all at that time.
  const notBefore = retryAfterMs === null ? breaker.notBefore : now + asked * (1 + random() / 10);
  return {
    ...breaker,
    state: stateOf(failures, limits),
    failures,
    reason,
    nextTry: Math.max(now + delay, notBefore),
    notBefore,
  };
}

const stateOf = (failures: number, limits: BreakerLimits): LaneState =>
  failures >= limits.openAfter ? 'open' : 'waiting';
