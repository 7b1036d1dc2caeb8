import type { Unsubscribe } from './device.ts';

/** Listeners and a way to call them. */
export interface Channel<T> {
  tell(value: T): void;
  listen(listener: (value: T) => void): Unsubscribe;
  clear(): void;
}

/** A listener that stops listening, or starts, while a value is being told takes part from the next value on. */
export function channel<T>(): Channel<T> {
  const listeners = new Set<(value: T) => void>();
  return {
    tell(value) {
      for (const listener of [...listeners]) listener(value);
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    clear: () => listeners.clear(),
  };
}
