import type { Clock, CommandOptions } from '../device.ts';

/** A command's end from outside, whichever comes first. */
export interface Limit {
  readonly signal: AbortSignal;
  /** Why `signal` was aborted. */
  readonly why: () => 'canceled' | 'timeOut';
  /** The command is over: nothing is waited for any longer. */
  end(): void;
}

/** Joins a command's own signal and time with what else ends it. */
export const limited = (
  { signal, timeoutMs }: CommandOptions,
  clock: Clock,
  others: readonly AbortSignal[],
): Limit => {
  const time = new AbortController();
  let why: 'canceled' | 'timeOut' = 'canceled';
  const joined = AbortSignal.any([...others, ...(signal ? [signal] : []), time.signal]);
  const end =
    timeoutMs === undefined
      ? () => undefined
      : clock.after(timeoutMs, () => {
          if (!joined.aborted) why = 'timeOut';
          time.abort();
        });
  return { signal: joined, why: () => why, end };
};
