import { SIGNED_FOR_MS } from '@huimin/backend/contract';
import type { Clock } from '@huimin/drivers';

/**
 * Of when a record is true: when the backend said so, but no later than its signature stands, since a delivery's own
 * time is not signed and somebody may send an old one as new. ISO.
 */
export function trueAt(asOf: string, signedAt: string | null): string {
  if (signedAt === null) return asOf;
  const latest = Date.parse(signedAt) + SIGNED_FOR_MS;
  return Date.parse(asOf) <= latest ? asOf : new Date(latest).toISOString();
}

/**
 * How late it is at least, by what can be believed. A kiosk's own clock can be wrong by years, so nothing is destroyed
 * because of it: the backend's times count, and what has passed since one was heard, on the clock that never jumps.
 */
export class KnownTime {
  readonly #clock: Clock;
  #newest = Number.NEGATIVE_INFINITY;
  #heardAt = 0;
  /** From the clock that never jumps to the backend's; null until the backend was heard in this run. */
  #offset: number | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** An ISO time that the backend told; one that is older than what is known is nothing new. */
  heard(time: string): void {
    const ms = Date.parse(time);
    if (!(ms > this.atLeast())) return;
    this.#newest = ms;
    this.#heardAt = this.#clock.monotonic();
  }

  /**
   * It is not earlier than this, in milliseconds since 1970; -Infinity when nothing was ever told. Once the backend was
   * heard in this run its word alone counts: its clock may have run ahead before.
   */
  atLeast(): number {
    const monotonic = this.#clock.monotonic();
    return this.#offset === null ? this.#newest + monotonic - this.#heardAt : this.#offset + monotonic;
  }

  /** It is this late just now, by the backend, in milliseconds since 1970. */
  is(ms: number): void {
    this.#offset = ms - this.#clock.monotonic();
  }

  /** The backend's time once it was heard in this run, else the own clock's, unless that is surely too early. */
  now(): number {
    return this.#offset === null ? Math.max(this.#clock.now(), this.atLeast()) : this.atLeast();
  }
}
