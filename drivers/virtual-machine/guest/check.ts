import { type Clock, systemClock } from '../../device.ts';

/** One thing to be shown on a real kernel; it throws where it is not so. */
export interface GuestCheck {
  readonly name: string;
  /** A program of the host that it cannot do without. */
  readonly needs?: string;
  /** Resolves with what was measured, in a few words. What is handed to `undo` is called at the end, last first. */
  run(undo: Undo): Promise<string>;
}

export type Undo = (action: () => unknown) => void;

/** How long anything may take before it counts as failed: an emulated machine beside other work is slow. */
const PATIENCE_MS = 90_000;

/** Fails with a sentence when `promise` takes too long. */
export async function inTime<T>(what: string, promise: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`waited in vain: ${what}`)), PATIENCE_MS);
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Looks again and again until there is something to see, for what the kernel tells nobody. */
export async function until<T>(what: string, look: () => T | null | Promise<T | null>): Promise<T> {
  const givenUp = performance.now() + PATIENCE_MS;
  let seen = await look();
  while (seen === null) {
    if (performance.now() > givenUp) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
    seen = await look();
  }
  return seen;
}

export async function runCheck({ name, run }: GuestCheck): Promise<CheckResult> {
  const actions: (() => unknown)[] = [];
  const start = performance.now();
  const attempt = async (work: () => Promise<string>): Promise<Pick<CheckResult, 'ok' | 'detail'>> => {
    try {
      return { ok: true, detail: await work() };
    } catch (error) {
      return { ok: false, detail: toldInFull(error) };
    }
  };
  const outcomes = [await attempt(() => run((action) => void actions.push(action)))];
  for (const action of actions.reverse()) {
    outcomes.push(
      await attempt(() =>
        inTime(
          'the end of what was started',
          Promise.resolve(action()).then(() => ''),
        ),
      ),
    );
  }
  const failures = outcomes.filter(({ ok }) => !ok).map(({ detail }) => detail);
  const ok = failures.length === 0;
  const detail = ok ? (outcomes[0]?.detail ?? '') : failures.join('\n');
  return { name, ok, detail, ms: Math.round(performance.now() - start) };
}

export interface CheckResult {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly ms: number;
}

export const toldInFull = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);

/** Lets things that have a time limit of their own take longer than on a real machine. */
export const patientClock: Clock = {
  ...systemClock,
  after: (ms, callback) => systemClock.after(ms * 6, callback),
};

/** Whole milliseconds since `start` (of `performance.now()`). */
export const since = (start: number): string => `${Math.round(performance.now() - start)} ms`;
