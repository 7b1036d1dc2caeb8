import type { Clock, CommandOptions } from './device.ts';

/**
 * Calls back when a command is to end before it is done: its caller aborts it, or its time is over. Not for a signal
 * that was aborted before. The returned function stops watching; whoever ends the command calls it.
 */
export function watchForEnd(
  { signal, timeoutMs }: CommandOptions,
  clock: Clock,
  end: (code: 'canceled' | 'timeOut') => void,
): () => void {
  const aborted = () => end('canceled');
  const cancelTimeout = timeoutMs === undefined ? () => {} : clock.after(timeoutMs, () => end('timeOut'));
  signal?.addEventListener('abort', aborted, { once: true });
  return () => {
    cancelTimeout();
    signal?.removeEventListener('abort', aborted);
  };
}
