import type { Clock } from '../../device.ts';

/** How often a process with an open port is asked whether it still listens, milliseconds. */
const BEAT_MS = 2500;
/** Beats after which a question that nothing followed is taken for unanswered: five seconds. */
const BEATS_TO_ANSWER = 2;
/** A beat this late, milliseconds: the whole machine slept, or has more to do than it can, and judges nobody. */
const LATE_MS = 1000;

export interface Heartbeat {
  /** Does nothing while it runs. */
  start(): void;
  stop(): void;
  /** The process has said something, whatever it was. */
  heard(): void;
}

export interface HeartbeatOptions {
  readonly clock: Clock;
  readonly ping: () => void;
  /** Told at most once for each start; it has stopped then. */
  readonly onSilent: () => void;
}

/**
 * Finds out that a process has stopped answering, five seconds after the first question that it left unanswered.
 *
 * Patience is counted in our own beats and not in time: between two of them everything that has arrived is read, so
 * that an answer which came while this process was held up counts before anybody is given up.
 */
export function heartbeat({ clock, ping, onSilent }: HeartbeatOptions): Heartbeat {
  let cancel: (() => void) | null = null;
  let asked = 0;

  const wait = (): void => {
    const due = clock.monotonic() + BEAT_MS;
    cancel = clock.after(BEAT_MS, () => beat(clock.monotonic() - due >= LATE_MS));
  };
  const beat = (isLate: boolean): void => {
    if (isLate) asked = 0;
    if (asked === BEATS_TO_ANSWER) {
      cancel = null;
      onSilent();
      return;
    }
    asked += 1;
    ping();
    wait();
  };

  return {
    start() {
      if (cancel !== null) return;
      asked = 0;
      wait();
    },
    stop() {
      cancel?.();
      cancel = null;
    },
    heard() {
      asked = 0;
    },
  };
}
