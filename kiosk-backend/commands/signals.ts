import { constants } from 'node:os';

/** Told to end, the process ends in order: what is removed at its exit is removed. */
export function endOnSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => process.exit(128 + constants.signals[signal]));
}
