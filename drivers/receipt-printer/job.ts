/** One receipt on its way: sent at most once, finished exactly once. */

import { type Clock, type CommandError, commandError, err, type Result } from '../device.ts';

export type PrintResult = Result<{ readonly kind: 'printed' }, CommandError>;

export interface JobOptions {
  readonly bytes: Uint8Array;
  readonly clock: Clock;
  /** How long the printer may say that it is fine, or nothing at all, without the receipt being printed. */
  readonly barrierTimeoutMs: number;
  readonly signal?: AbortSignal;
}

export interface Job {
  readonly sent: boolean;
  readonly result: Promise<PrintResult>;
  /** The bytes, for the one time they are sent; the watch over the printer begins. */
  send(): Uint8Array;
  /** The printer has said why it is not printing: its time starts anew. */
  excuse(): void;
  /** Ends the job as canceled: `not-sent`, or `outcome-unknown` once sent. */
  cancel(detail: string): void;
  finish(result: PrintResult): void;
}

/** Worst case of a slow line and a slow mechanism: 9600 baud is about 1 ms a byte. */
const MS_PER_BYTE = 2;

export const createJob = ({ bytes, clock, barrierTimeoutMs, signal }: JobOptions): Job => {
  const { promise, resolve } = Promise.withResolvers<PrintResult>();
  let sent = false;
  let finished = false;
  let cancelWatch = (): void => {};

  const finish = (result: PrintResult): void => {
    if (finished) return;
    finished = true;
    cancelWatch();
    signal?.removeEventListener('abort', aborted);
    resolve(result);
  };
  const watch = (): void => {
    cancelWatch();
    cancelWatch = clock.after(barrierTimeoutMs + bytes.length * MS_PER_BYTE, () =>
      finish(
        err(commandError('hardwareError', 'outcome-unknown', 'the printer did not confirm the receipt')),
      ),
    );
  };
  const cancel = (detail: string): void =>
    finish(err(commandError('canceled', sent ? 'outcome-unknown' : 'not-sent', detail)));
  const aborted = (): void => cancel('canceled by the caller');
  signal?.addEventListener('abort', aborted);

  return {
    get sent() {
      return sent;
    },
    result: promise,
    send() {
      sent = true;
      watch();
      return bytes;
    },
    excuse() {
      if (sent && !finished) watch();
    },
    cancel,
    finish,
  };
};
