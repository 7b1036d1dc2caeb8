import type { Clock } from '@huimin/drivers';

/**
 * How late it is at least, by what can be believed. A kiosk's own clock can be wrong by years, so nothing is destroyed
 * because of it: the backend's times count, and what has passed since one was heard, on the clock that never jumps.
 */
export class KnownTime {
  readonly #clock: Clock;
  #newest = Number.NEGATIVE_INFINITY;
  #heardAt = 0;

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

  /** It is not earlier than this, in milliseconds since 1970. */
  atLeast(): number {
    return this.#newest + this.#clock.monotonic() - this.#heardAt;
  }

  /** The own clock's time, unless that is surely too early. */
  now(): number {
    return Math.max(this.#clock.now(), this.atLeast());
  }
}
