/** A key and when it came, in milliseconds on the page's clock. */
export interface KeyAt {
  readonly key: string;
  readonly at: number;
}

/** No hand types this fast for long: keys closer than this come from a scanner that acts as a keyboard. */
export const burstGapMs = 35;

/** Silence after which a batch of keys is complete. */
export const batchIdleMs = 50;

/** At most this many keys travel in one message; the bridge takes 200. */
const batchLimit = 200;

/**
 * Tells a scanner's keys from a hand's. Two or more characters, each within 35 ms of the one before, make a burst;
 * whatever ends it (Enter, Tab, a space inside it) belongs to the scanner and must not press anything.
 */
export class BurstFilter {
  #run = 0;
  #last = Number.NEGATIVE_INFINITY;
  #batch: KeyAt[] = [];

  /** Takes a key. True when it belongs to a burst and must not reach the page's controls. */
  take(key: KeyAt): boolean {
    const close = key.at - this.#last < burstGapMs;
    const character = key.key.length === 1;
    const inBurst = close && this.#run >= 2;
    this.#last = key.at;
    this.#run = character ? (close ? this.#run + 1 : 1) : 0;
    this.#batch.push(key);
    return inBurst;
  }

  /** True when the batch should go to the core now rather than after the silence. */
  get complete(): boolean {
    const last = this.#batch.at(-1);
    return last !== undefined && (last.key === 'Enter' || this.#batch.length >= batchLimit);
  }

  /** Hands the batch over and forgets it. */
  drain(): KeyAt[] {
    const batch = this.#batch;
    this.#batch = [];
    return batch;
  }
}
