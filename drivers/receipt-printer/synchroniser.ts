/**
 * Brings a freshly opened line to a known point: automatic status off, no barrier answer under way from before, no
 * torn-off receipt on the paper.
 *
 * Bytes and answers of an earlier connection, or of the kiosk before it was restarted, may still stand in the
 * printer. Answers to GS r look alike, but come in order: after the answer to our own barrier and a quiet time, none
 * can follow.
 */

import type { Clock } from '../device.ts';
import { AUTOMATIC_STATUS_OFF, BARRIER, CUT } from './esc-pos/index.ts';

export interface SynchroniserOptions {
  readonly clock: Clock;
  /** False for a printer that answers no barrier: what can be done is done, and nothing is waited for. */
  readonly confirms: boolean;
  readonly send: (bytes: Uint8Array) => void;
  /** Whether the printer works through its buffer now; attempts count only then. */
  readonly isReady: () => boolean;
  /** The state has become `done` or `failed`. */
  readonly onSettled: () => void;
}

export interface Synchroniser {
  readonly state: 'needed' | 'running' | 'done' | 'failed';
  /** `tornOff`: part of a receipt may stand on the paper; it must not hang on the next resident's receipt. */
  start(tornOff: boolean): void;
  /** A barrier answer that belongs to no receipt. */
  answer(): void;
  /** Back to `needed`. */
  again(): void;
  stop(): void;
}

/** Between an older answer and ours stand five bytes: far less than this even at 9600 baud. */
const QUIET_MS = 300;
/** With padding in between it takes a second at 9600 baud. */
const QUIET_AFTER_PADDING_MS = 2_000;
const ATTEMPT_MS = 3_000;
/** Enough for a printer that is still printing a receipt from before. */
const ATTEMPTS = 5;
/**
 * Swallowed by a command that was cut off in its data; ignored by the printer otherwise (NUL is no command). As long
 * as the longest strip of a picture; a long QR code takes up to two more attempts.
 */
const PADDING = new Uint8Array(1024);
const FLUSH = Uint8Array.of(...AUTOMATIC_STATUS_OFF, ...BARRIER);
const CUT_OFF = Uint8Array.of(0x0a, ...CUT.partial, ...BARRIER);

export const createSynchroniser = ({
  clock,
  confirms,
  send,
  isReady,
  onSettled,
}: SynchroniserOptions): Synchroniser => {
  let state: Synchroniser['state'] = 'needed';
  let toCutOff = false;
  let quietMs = QUIET_MS;
  let attempts = 0;
  let cancelTimer = (): void => {};

  const wait = (): void => {
    cancelTimer = clock.after(ATTEMPT_MS, () => {
      if (!isReady()) {
        wait();
        return;
      }
      attempts += 1;
      if (attempts >= ATTEMPTS) {
        state = 'failed';
        onSettled();
        return;
      }
      quietMs = QUIET_AFTER_PADDING_MS;
      send(Uint8Array.of(...PADDING, ...FLUSH));
      wait();
    });
  };

  const quiet = (): void => {
    if (toCutOff) {
      toCutOff = false;
      quietMs = QUIET_MS;
      send(CUT_OFF);
      wait();
      return;
    }
    state = 'done';
    onSettled();
  };

  return {
    get state() {
      return state;
    },
    start(tornOff) {
      state = 'running';
      attempts = 0;
      if (!confirms) {
        send(tornOff ? Uint8Array.of(...PADDING, ...CUT_OFF) : FLUSH);
        state = 'done';
        onSettled();
        return;
      }
      toCutOff = tornOff;
      quietMs = tornOff ? QUIET_AFTER_PADDING_MS : QUIET_MS;
      send(tornOff ? Uint8Array.of(...PADDING, ...FLUSH) : FLUSH);
      wait();
    },
    answer() {
      if (state !== 'running') return;
      cancelTimer();
      cancelTimer = clock.after(quietMs, quiet);
    },
    again() {
      cancelTimer();
      state = 'needed';
    },
    stop() {
      cancelTimer();
    },
  };
};
