import type { Clock } from '@huimin/drivers';
import {
  type Breaker,
  type BreakerLimits,
  begun,
  ended,
  failed,
  hurried,
  isProbe,
  type LaneOutcome,
  LIMITS,
  startedBreaker,
  woken,
} from './breaker.ts';

/** Runs one task over and over, never twice at once, so that one lane's trouble is not another's. */
export interface Lane {
  readonly status: Breaker;
  /** There is something to do. */
  wake(): void;
  /** The way to the backend is open again. */
  hurry(): void;
  close(): Promise<void>;
}

export interface LaneOptions {
  /** `probing` asks for a small attempt: the lane is open. */
  readonly task: (probing: boolean) => Promise<LaneOutcome>;
  readonly limits?: Partial<BreakerLimits>;
  readonly clock: Clock;
  readonly random: () => number;
  /** The task threw: it is tried again like any failure. */
  readonly onFailure: (cause: unknown) => void;
  /** An attempt ended, and `status` tells what it came to. */
  readonly onEnd?: () => void;
}

export function startLane(options: LaneOptions): Lane {
  const { task, clock, random, onFailure, onEnd } = options;
  const limits = { ...LIMITS, ...options.limits };
  let breaker = startedBreaker(clock.monotonic());
  let closed = false;
  let running: Promise<void> | null = null;
  let cancelTimer: () => void = () => undefined;

  const step = (next: Breaker): void => {
    breaker = next;
    cancelTimer();
    if (closed || next.nextTry === null) return;
    cancelTimer = clock.after(Math.max(0, next.nextTry - clock.monotonic()), () => {
      running = run().finally(() => {
        running = null;
      });
    });
  };
  const run = async (): Promise<void> => {
    const probing = isProbe(breaker, limits);
    step(begun(breaker, clock.monotonic()));
    const outcome = await task(probing).catch((cause: unknown): LaneOutcome => {
      onFailure(cause);
      return failed('unforeseen');
    });
    step(ended(breaker, outcome, clock.monotonic(), limits, random));
    try {
      onEnd?.();
    } catch (cause) {
      onFailure(cause);
    }
  };
  step(breaker);
  return {
    get status() {
      return breaker;
    },
    wake: () => step(woken(breaker, clock.monotonic())),
    hurry: () => step(hurried(breaker, clock.monotonic(), limits, random)),
    close: async () => {
      closed = true;
      cancelTimer();
      await running;
    },
  };
}
