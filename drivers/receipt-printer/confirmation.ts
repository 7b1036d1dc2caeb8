/**
 * When an answer to GS r may be believed. One receipt has one barrier, so its answer stands alone: several such bytes
 * in a row are the rest of an automatic status whose beginning was lost on the line, and prove nothing.
 */

import type { Clock } from '../device.ts';

export interface Confirmation {
  /** A byte that looks like the answer to GS r, while a receipt is under way. */
  barrier(): void;
  stop(): void;
}

export interface ConfirmationOptions {
  readonly clock: Clock;
  /** The answer stood alone. */
  readonly onAlone: () => void;
  /** It did not. */
  readonly onDoubt: () => void;
}

/** Three bytes take 3 ms at 9600 baud; the rest is for USB converters and a busy machine. */
const ALONE_FOR_MS = 50;

export const createConfirmation = ({ clock, onAlone, onDoubt }: ConfirmationOptions): Confirmation => {
  let seen = 0;
  let cancelTimer = (): void => {};
  const settle = (): void => {
    const alone = seen === 1;
    seen = 0;
    if (alone) onAlone();
    else onDoubt();
  };
  return {
    barrier() {
      seen += 1;
      cancelTimer();
      cancelTimer = clock.after(ALONE_FOR_MS, settle);
    },
    stop() {
      seen = 0;
      cancelTimer();
    },
  };
};
