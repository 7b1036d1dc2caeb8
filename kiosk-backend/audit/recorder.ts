import type { Storage } from '../storage/index.ts';
import { type Act, recordActs } from './record.ts';

/** Puts on record what is only read, many acts with one commit. */
export interface Recorder {
  /** Resolves once the act is on record for good; rejects when it is not, and then nothing may be told. */
  record(act: Act): Promise<void>;
}

/** Acts written at once at most, so that one commit stays short. */
const MOST_AT_ONCE = 500;

interface Waiting {
  readonly act: Act;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * A recorder for reads by many kiosks at once: while one commit is on its way, the acts that come meanwhile gather for
 * the next, so that a crowd of lookups costs a few commits.
 */
export function startRecorder(db: Storage): Recorder {
  let waiting: Waiting[] = [];
  let busy = false;

  const write = async (): Promise<void> => {
    busy = true;
    while (waiting.length > 0) {
      const group = waiting.slice(0, MOST_AT_ONCE);
      waiting = waiting.slice(MOST_AT_ONCE);
      try {
        await db.transaction().execute((trx) =>
          recordActs(
            trx,
            group.map(({ act }) => act),
          ),
        );
        for (const { resolve } of group) resolve();
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    busy = false;
  };

  return {
    record: (act) =>
      new Promise<void>((resolve, reject) => {
        waiting.push({ act, resolve, reject });
        if (!busy) void write();
      }),
  };
}
