import type { Clock } from '@huimin/drivers';
import type { Snapshot } from '../../bridge/index.ts';

/** How long nobody may touch anything before the warning, and how long the warning stays; seconds. */
export interface IdleLimits {
  readonly normal: number;
  readonly elder: number;
  readonly warning: number;
}

/** The criteria's numbers: 120 s, 180 s in elder mode, then at least 30 s of warning. */
export const idleLimits: IdleLimits = { normal: 120, elder: 180, warning: 30 };

export interface IdleWatch {
  readonly warning: Snapshot['idle'];
  /** Somebody is there: starts the time again, as often as one likes. */
  touch(): void;
  /** Nobody is there any more: the warning begins now, unless it has. */
  hurry(): void;
  /** `off` where waiting is the kiosk's own (printing). */
  set(mode: 'off' | 'normal' | 'elder'): void;
  close(): void;
}

/** Counts down from the last touch; `onChange` each time the warning changes, `onEnd` when it has run out. */
export function watchIdle(options: {
  readonly clock: Clock;
  readonly limits: IdleLimits;
  readonly onChange: () => void;
  readonly onEnd: () => void;
}): IdleWatch {
  const { clock, limits, onChange, onEnd } = options;
  let mode: 'off' | 'normal' | 'elder' = 'off';
  let warning: Snapshot['idle'] = null;
  let cancel: () => void = () => undefined;

  const setWarning = (next: Snapshot['idle']): void => {
    const changed = warning?.secondsLeft !== next?.secondsLeft;
    warning = next;
    if (changed) onChange();
  };
  const tick = (secondsLeft: number): void => {
    if (secondsLeft <= 0) {
      setWarning(null);
      onEnd();
      if (mode !== 'off') restart();
      return;
    }
    setWarning({ secondsLeft, of: limits.warning });
    cancel = clock.after(1000, () => tick(secondsLeft - 1));
  };
  const restart = (): void => {
    cancel();
    if (mode === 'off') return;
    cancel = clock.after(limits[mode] * 1000, () => tick(limits.warning));
  };
  return {
    get warning() {
      return warning;
    },
    touch: () => {
      setWarning(null);
      restart();
    },
    hurry: () => {
      if (mode === 'off' || warning !== null) return;
      cancel();
      tick(limits.warning);
    },
    set: (next) => {
      if (next === mode) return;
      mode = next;
      setWarning(null);
      restart();
    },
    close: () => {
      mode = 'off';
      cancel();
    },
  };
}
