import type { Made } from '../store/index.ts';
import type { Breaker, LaneState } from './breaker.ts';
import type { ClockError } from './server-time.ts';

export const laneNames = ['presence', 'trust', 'results', 'downloads', 'telemetry'] as const;
export type LaneName = (typeof laneNames)[number];

/** How a lane is. Times are ISO texts, by the backend's clock where it is known. */
export interface LaneStatus {
  readonly state: LaneState;
  /** In a row. */
  readonly failures: number;
  /** Why it fails or waits; null when it does neither. */
  readonly reason: string | null;
  readonly lastSuccess: string | null;
  readonly nextTry: string | null;
}

/** An event that the backend refused, without what it says of anyone. */
export interface RefusedHead {
  readonly id: string;
  readonly sequence: number;
  readonly kind: string;
  readonly reason: string;
}

/** How the kiosk stands with its backend, for technicians; nobody is named. */
export interface SyncStatus {
  /** False for a kiosk that never meets a backend. */
  readonly hasBackend: boolean;
  readonly online: boolean;
  readonly lanes: Readonly<Record<LaneName, LaneStatus>> | null;
  readonly waiting: number;
  readonly refused: number;
  /** The oldest of those that were refused. */
  readonly heads: readonly RefusedHead[];
  /**
   * Since when the oldest event has waited in vain; null when none does. Counted on the clock that never jumps, except
   * for an event of an earlier start, of which only what the wall clock said then is known.
   */
  readonly stuckSince: string | null;
  /** Null until the backend was heard. */
  readonly clock: ClockError | null;
}

/** A moment of the clock that never jumps as an ISO time, where `now` and `monotonic` are the same moment. */
export const isoAt = (at: number, now: number, monotonic: number): string => iso(now - (monotonic - at));

const iso = (ms: number): string => new Date(Math.min(Math.max(ms, 0), 8.64e15)).toISOString();

export function laneStatus(lane: Breaker, now: number, monotonic: number): LaneStatus {
  const { state, failures, lastSuccess, nextTry } = lane;
  // What it waited for is over once it works.
  const reason = state === 'working' && failures === 0 ? null : lane.reason;
  const at = (when: number | null): string | null => (when === null ? null : isoAt(when, now, monotonic));
  return { state, failures, reason, lastSuccess: at(lastSuccess), nextTry: at(nextTry) };
}

/** Since when the oldest unsent event has waited in vain: while attempts fail, or cannot even be made. */
export function stuckSince(
  oldest: Made | null,
  results: Breaker,
  now: number,
  monotonic: number,
): string | null {
  if (oldest === null || results.reason === null) return null;
  return oldest.monotonicMs === null ? oldest.at : isoAt(oldest.monotonicMs, now, monotonic);
}

/** A clock this far off is spoken of. */
const CLOCK_TOLERANCE_MS = 2 * 60_000;
/** What waits for less than this is not spoken of: a request may take a while. */
const PATIENCE_MS = 60_000;

/** What was said last to technicians; each thing is said once, and once more when it is over. */
export interface Said {
  readonly stuck: string | null;
  /** The clock's error that was told; null while none was. */
  readonly clockErrorMs: number | null;
}
export const nothingSaid: Said = { stuck: null, clockErrorMs: null };

/** What there is to say now, in plain words, and what has been said then. Pure. */
export function sayings(
  status: SyncStatus,
  said: Said,
  now: number,
): { readonly sentences: readonly string[]; readonly said: Said } {
  const sentences: string[] = [];
  const { stuckSince: since, waiting, clock } = status;
  let { stuck, clockErrorMs } = said;
  if (since === null && stuck !== null) {
    sentences.push('events reach the backend again');
    stuck = null;
  } else if (since !== null && stuck === null && !isRecent(since, now)) {
    const what = waiting === 1 ? '1 event waits' : `${waiting} events wait`;
    sentences.push(`nothing has reached the backend since ${minute(since)}; ${what}`);
    stuck = since;
  }
  if (clock !== null) {
    const isWrong = Math.abs(clock.errorMs) > CLOCK_TOLERANCE_MS;
    if (!isWrong && clockErrorMs !== null) {
      sentences.push("the kiosk's clock agrees with the backend's again");
      clockErrorMs = null;
    } else if (isWrong && Math.abs(clock.errorMs - (clockErrorMs ?? 0)) > CLOCK_TOLERANCE_MS) {
      const side = clock.errorMs > 0 ? 'ahead of' : 'behind';
      sentences.push(
        `the kiosk's clock is ${spell(Math.abs(clock.errorMs))} ${side} the backend's; the backend's is used until it is set right`,
      );
      clockErrorMs = clock.errorMs;
    }
  }
  return { sentences, said: { stuck, clockErrorMs } };
}

/** A time that lies ahead is one of an earlier start, by a wall clock that was wrong. */
function isRecent(time: string, now: number): boolean {
  const ago = now - Date.parse(time);
  return ago >= 0 && ago < PATIENCE_MS;
}

const minute = (time: string): string => `${time.slice(0, 10)} ${time.slice(11, 16)} UTC`;

const UNITS = [
  ['day', 24 * 3600_000],
  ['hour', 3600_000],
  ['minute', 60_000],
] as const;

/** A duration in its largest unit, rounded. */
function spell(ms: number): string {
  const [unit, length] = UNITS.find(([, size]) => ms >= size) ?? UNITS[2];
  const count = Math.round(ms / length);
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
