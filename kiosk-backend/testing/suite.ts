import type { Storage } from '../storage/index.ts';

/** A running demo backend, as a suite of tests meets it. */
export interface Bench {
  readonly url: string;
  /** A connection of its own to the same database. */
  readonly db: Storage;
  /** The backend's clock. */
  setNow(time: string): void;
}
