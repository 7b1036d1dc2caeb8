import type { Clock } from './device.ts';
import type { Link, Transport } from './transport/index.ts';

export interface SuperviseOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  /** Uniform in [0, 1), for the jitter. */
  readonly random: () => number;
  /** The transport is open. Never called while a previous link is up, nor after `close()`. */
  readonly onUp: (link: Link) => void;
  /**
   * The link was lost, or opening failed. Failed attempts are told only when the reason changes, so a kiosk that
   * waits a week for its printer does not hear about every attempt. Never called after `close()`.
   */
  readonly onDown: (reason: string) => void;
}

export interface Supervisor {
  /** Closes the link if there is one, opens no more. Idempotent; resolves when the port is released. */
  close(): Promise<void>;
}

/** The first pause; it doubles with every attempt that did not lead to a lasting link. */
const FIRST_PAUSE_MS = 100;
/** Longest pause: a device that is plugged in again is noticed within two seconds. */
const LONGEST_PAUSE_MS = 1500;
/** A link that lasted this long was a real one; a shorter one (a port that opens and drops) keeps the pauses growing. */
const LASTING_MS = 2000;

/** The pause before attempt `attempt` (0 = first retry), milliseconds: capped, with the lower half as jitter. */
export const backoffMs = (attempt: number, random: () => number): number =>
  Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(attempt, 10)) * (0.5 + random() / 2);

/** Opens the transport, and opens it again whenever it is lost, until closed. Starts at once. */
export function supervise({ transport, clock, random, onUp, onDown }: SuperviseOptions): Supervisor {
  let closed = false;
  let attempts = 0;
  let lastFailure: string | null = null;
  let link: Link | null = null;
  let cancelPause: (() => void) | null = null;
  let opening: Promise<void> = Promise.resolve();

  const open = async (): Promise<void> => {
    const opened = await transport.open();
    if (closed) {
      if (opened.ok) await opened.value.close();
      return;
    }
    if (!opened.ok) {
      const changed = opened.error !== lastFailure;
      lastFailure = opened.error;
      pause();
      if (changed) onDown(opened.error);
      return;
    }
    const mine = opened.value;
    const openedAt = clock.monotonic();
    link = mine;
    lastFailure = null;
    mine.onClose((reason) => {
      link = null;
      if (closed) return;
      if (clock.monotonic() - openedAt >= LASTING_MS) attempts = 0;
      pause();
      onDown(reason);
    });
    onUp(mine);
  };

  const pause = () => {
    cancelPause = clock.after(backoffMs(attempts++, random), start);
  };
  const start = () => {
    opening = open();
  };
  start();

  return {
    async close() {
      closed = true;
      cancelPause?.();
      await opening;
      await link?.close();
    },
  };
}
