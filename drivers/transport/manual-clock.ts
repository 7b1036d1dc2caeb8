import type { Clock } from '../device.ts';

/** A clock for tests: time stands still until it is advanced. */
export interface ManualClock extends Clock {
  /** Moves time forward, running what falls due in order, with pending promises settled in between. */
  advance(ms: number): Promise<void>;
}

export function manualClock(startMs = 0): ManualClock {
  let now = startMs;
  let order = 0;
  const timers = new Map<number, { at: number; run: () => void }>();

  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  const nextDue = (until: number) => {
    let next: [number, { at: number; run: () => void }] | null = null;
    for (const entry of timers) if (entry[1].at <= until && (!next || entry[1].at < next[1].at)) next = entry;
    return next;
  };

  return {
    now: () => now,
    monotonic: () => now,
    after(ms, callback) {
      const id = order++;
      timers.set(id, { at: now + Math.max(0, ms), run: callback });
      return () => timers.delete(id);
    },
    async advance(ms) {
      const until = now + ms;
      await settle();
      for (let due = nextDue(until); due; due = nextDue(until)) {
        const [id, timer] = due;
        timers.delete(id);
        now = timer.at;
        timer.run();
        await settle();
      }
      now = until;
    },
  };
}
