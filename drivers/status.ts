import { isDeepStrictEqual } from 'node:util';
import { channel } from './channel.ts';
import type { Clock, Unsubscribe } from './device.ts';

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

/** Whether a link that is up counts as a device that is there. */
export interface LastingLink {
  /** Calls back when it does: at once, or, after links that did not last, when this one has. */
  up(counts: () => void): void;
  /** The link is lost, or the port could not be opened; what was to be called back is not any more. */
  down(): void;
}

/** A shorter link makes the next one doubtful, milliseconds. */
const LASTING_MS = 1500;
/**
 * How long a link has to last before it counts, after none, one, and more doubtful ones; milliseconds. A device whose
 * plug was touched for a moment is still back within two seconds.
 */
const WAITS_MS = [0, 400, LASTING_MS] as const;

/** For drivers that know only that their port is open: one that opens and drops, again and again, is not told of. */
export function lastingLink(clock: Clock): LastingLink {
  let upSince: number | null = null;
  let doubtful = 0;
  let cancel = (): void => {};
  return {
    up(counts) {
      upSince = clock.monotonic();
      const wait = WAITS_MS[doubtful] ?? LASTING_MS;
      if (wait === 0) counts();
      else cancel = clock.after(wait, counts);
    },
    down() {
      cancel();
      if (upSince === null) return;
      doubtful = clock.monotonic() - upSince < LASTING_MS ? doubtful + 1 : 0;
      upSince = null;
    },
  };
}
