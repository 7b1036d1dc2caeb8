import type { Clock } from '@huimin/drivers';

/** What an answer told about the time. */
export interface TimeHeard {
  /** The backend's time, milliseconds since 1970. */
  readonly time: number;
  /**
   * How far that may be off by the way it is written, either way, in milliseconds: 0 for the backend's own word, more
   * for what stands in a header, which whoever stands before the backend may have written.
   */
  readonly blurMs: number;
  /** When the request left and the answer was here, on the clock that never jumps. */
  readonly sentAt: number;
  readonly receivedAt: number;
}

export interface ClockError {
  /** How far the kiosk's wall clock is ahead of the backend's, in milliseconds; negative when it is behind. */
  readonly errorMs: number;
  /** How far that estimate may be off, either way. */
  readonly uncertaintyMs: number;
}

interface Estimate {
  /** From the clock that never jumps to the backend's. */
  readonly offset: number;
  readonly uncertainty: number;
  /** When it was made. */
  readonly at: number;
  readonly isOwnWord: boolean;
}

/** What a computer's crystal may drift: 100 ppm. */
const DRIFT = 1e-4;

/**
 * What time it is by the backend, kept on the clock that never jumps: a wall clock that is wrong by years, or is set in
 * mid run, changes nothing in it. Each answer's time was true somewhere between request and answer, so it is taken for
 * the middle (as in NTP, RFC 5905 section 8), and the surest answer counts until drift has made it worse than a new one.
 */
export class ServerTime {
  readonly #clock: Clock;
  readonly #unheard: () => number;
  #best: Estimate | null = null;

  /** `unheard` is what time it is before the backend was heard in this run, in milliseconds since 1970. */
  constructor(clock: Clock, unheard: () => number) {
    this.#clock = clock;
    this.#unheard = unheard;
  }

  heard({ time, blurMs, sentAt, receivedAt }: TimeHeard): void {
    const isOwnWord = blurMs === 0;
    if (!Number.isFinite(time) || (this.#best?.isOwnWord === true && !isOwnWord)) return;
    const offset = time - (sentAt + receivedAt) / 2;
    const uncertainty = (receivedAt - sentAt) / 2 + blurMs;
    const known = this.#uncertainty();
    const agrees =
      this.#best?.isOwnWord === isOwnWord && Math.abs(offset - this.#best.offset) <= uncertainty + known;
    // One that contradicts what is known means that the backend's clock was set.
    if (agrees && uncertainty > known) return;
    this.#best = { offset, uncertainty, at: receivedAt, isOwnWord };
  }

  /** Milliseconds since 1970: by the backend once it was heard in this run. */
  now(): number {
    if (this.#best !== null) return this.#clock.monotonic() + this.#best.offset;
    return this.#unheard();
  }

  /** Null until the backend was heard. */
  error(): ClockError | null {
    if (this.#best === null) return null;
    return {
      errorMs: Math.round(this.#clock.now() - this.now()),
      uncertaintyMs: Math.ceil(this.#uncertainty()),
    };
  }

  #uncertainty(): number {
    if (this.#best === null) return Number.POSITIVE_INFINITY;
    return this.#best.uncertainty + (this.#clock.monotonic() - this.#best.at) * DRIFT;
  }
}
