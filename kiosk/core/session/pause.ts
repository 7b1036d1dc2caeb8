import type { Clock } from '@huimin/drivers';

/** Waits `ms`, or less when the signal is aborted. */
export const pause = (clock: Clock, ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((done) => {
    const settle = (): void => {
      cancel();
      signal.removeEventListener('abort', settle);
      done();
    };
    const cancel = clock.after(ms, settle);
    signal.addEventListener('abort', settle);
    if (signal.aborted) settle();
  });
