import { kioskPaths, type Resident, residentResponseSchema } from '@huimin/backend/contract';
import { err, ok, type Result } from '@huimin/drivers';
import { type BreakerLimits, begun, ended, failed, isProbe, LIMITS, startedBreaker } from './breaker.ts';
import type { Client } from './client.ts';

/** A resident does not wait longer than this for the registry; the cache answers instead. */
const LOOKUP_MS = 2500;
/** After two residents who waited in vain the next ones do not wait, until one lookup in a while has gone well. */
const limits: BreakerLimits = { ...LIMITS, openAfter: 2, longestProbeMs: 60_000 };

export type Lookup = Result<{ readonly resident: Resident | null; readonly asOf: string }, string>;

/** Questions to the registry while a resident waits: answered in time, or not at all. */
export function createLookups(parts: {
  readonly client: Client;
  readonly online: () => boolean;
  /** Milliseconds on the clock that never jumps. */
  readonly monotonic: () => number;
  readonly random: () => number;
}): (idNumber: string) => Promise<Lookup> {
  const { client, online, monotonic, random } = parts;
  let breaker = startedBreaker(monotonic());
  return async (idNumber) => {
    if (!online()) return err('the backend is not reachable');
    // While one tries whether the backend is well again, the others do not wait for it.
    const isBusy = breaker.nextTry === null || breaker.nextTry > monotonic();
    if (isProbe(breaker, limits) && isBusy) return err('the backend does not answer');
    breaker = begun(breaker, monotonic());
    const answer = await client.post(kioskPaths.resident, { idNumber }, residentResponseSchema, LOOKUP_MS);
    const isAnswered = answer.ok || answer.error.kind !== 'retryable';
    const outcome = isAnswered ? 'done' : failed(answer.error.message, answer.error.retryAfterMs);
    breaker = ended(breaker, outcome, monotonic(), limits, random);
    return answer.ok ? ok(answer.value) : err(answer.error.message);
  };
}
