import { isDeepStrictEqual } from 'node:util';
import { channel } from './channel.ts';
import type { Unsubscribe } from './device.ts';

/** What is true of a device now, and who hears when it changes. */
export interface StatusDesk<Status> {
  readonly current: Status;
  /** An equal status is told to nobody. */
  set(next: Status): void;
  listen(listener: (status: Status) => void): Unsubscribe;
  clear(): void;
}

export function statusDesk<Status>(initial: Status): StatusDesk<Status> {
  const changes = channel<Status>();
  let current = initial;
  return {
    get current() {
      return current;
    },
    set(next) {
      if (isDeepStrictEqual(next, current)) return;
      current = next;
      changes.tell(next);
    },
    listen: changes.listen,
    clear: changes.clear,
  };
}
