import type { Clock } from '../device.ts';
import type { Presence } from './presence-sensor.ts';

export interface DwellTimes {
  readonly presentAfterMs: number;
  readonly notPresentAfterMs: number;
}

/** Lets a presence count only when it has lasted. */
export interface Dwell {
  see(presence: 'present' | 'notPresent'): void;
  /** Nothing is known any more, at once. */
  forget(): void;
}

/** `tell` is called with changes only. What is seen first counts at once. */
export function dwell(clock: Clock, times: DwellTimes, tell: (presence: Presence) => void): Dwell {
  let counted: Presence = 'unknown';
  let seen: Presence = 'unknown';
  let cancel = () => {};

  const count = (presence: Presence): void => {
    if (presence === counted) return;
    counted = presence;
    tell(presence);
  };
  return {
    see(presence) {
      if (presence === seen) return;
      seen = presence;
      cancel();
      if (counted === 'unknown') return count(presence);
      if (presence === counted) return;
      const after = presence === 'present' ? times.presentAfterMs : times.notPresentAfterMs;
      cancel = clock.after(after, () => count(presence));
    },
    forget() {
      cancel();
      seen = 'unknown';
      count('unknown');
    },
  };
}
