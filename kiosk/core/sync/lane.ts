import type { Clock } from '@huimin/drivers';

/**
 * What a lane's task answers: `again` there is more to do now; `rest` nothing until `wake` or the interval;
 * `retry` it failed in a way that may pass.
 */
export type LaneOutcome = 'again' | 'rest' | 'retry';

export interface Lane {
  /** Runs the task soon, whatever it was waiting for. */
  wake(): void;
  close(): Promise<void>;
}

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;

/**
 * The delay before attempt `failures + 1`: doubling from half a second, capped at thirty, and anywhere in the upper
 * half of that, so that ten thousand kiosks do not come back in the same second.
 */
export function backoffMs(failures: number, random: () => number): number {
  const full = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.max(0, failures - 1));
  return full / 2 + random() * (full / 2);
}

/** Runs one task over and over, never twice at once, so that one lane's trouble is not another's. */
export function startLane(options: {
  readonly task: () => Promise<LaneOutcome>;
  readonly restMs: number;
  readonly clock: Clock;
  readonly random: () => number;
  /** The task threw: it is tried again like any failure. */
  readonly onFailure: (cause: unknown) => void;
}): Lane {
  const { task, restMs, clock, random, onFailure } = options;
  let failures = 0;
  let closed = false;
  let woken = false;
  let running: Promise<void> | null = null;
  let cancelTimer: () => void = () => undefined;

  const run = async (): Promise<void> => {
    woken = false;
    const outcome = await task().catch((cause: unknown): LaneOutcome => {
      onFailure(cause);
      return 'retry';
    });
    failures = outcome === 'retry' ? failures + 1 : 0;
    if (closed) return;
    const delay =
      woken || outcome === 'again' ? 0 : outcome === 'rest' ? restMs : backoffMs(failures, random);
    schedule(delay);
  };
  const schedule = (delay: number): void => {
    cancelTimer();
    cancelTimer = clock.after(delay, () => {
      running = run().finally(() => {
        running = null;
      });
    });
  };
  schedule(0);
  return {
    wake: () => {
      if (closed) return;
      woken = true;
      failures = 0;
      if (running === null) schedule(0);
    },
    close: async () => {
      closed = true;
      cancelTimer();
      await running;
    },
  };
}
