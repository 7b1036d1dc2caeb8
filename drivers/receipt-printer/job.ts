/** One command on its way: sent at most once, finished exactly once. */

import { watchForEnd } from '../command-end.ts';
import {
  type Clock,
  type CommandError,
  type CommandOptions,
  commandError,
  err,
  ok,
  type Result,
} from '../device.ts';

export type JobResult = Result<null, CommandError>;

export interface JobOptions extends CommandOptions {
  /** Null for a reset, which is done once the line is at a known point and nothing is left to be sent. */
  readonly bytes: Uint8Array | null;
  readonly clock: Clock;
  /** How long the printer may say that it is fine, or nothing at all, without the receipt being printed. */
  readonly barrierTimeoutMs: number;
  /** Whether the last thing it said was why it is not printing: with its buffer full it cannot be asked again. */
  readonly isExcused: () => boolean;
}

export interface Job {
  readonly bytes: Uint8Array | null;
  readonly sent: boolean;
  readonly finished: boolean;
  readonly result: Promise<JobResult>;
  /** The bytes are being sent, for the one time; the watch over the printer begins. */
  markSent(): void;
  /** The printer has said why it is not printing: its time starts anew. */
  excuse(): void;
  /** Ends the job as canceled: `not-sent`, or `outcome-unknown` once sent. */
  cancel(detail: string): void;
  succeed(): void;
  fail(error: CommandError): void;
}

/** Worst case of a slow line and a slow mechanism: 9600 baud is about 1 ms a byte. */
const MS_PER_BYTE = 2;

export const outcomeUnknown = (detail: string): CommandError =>
  commandError('hardwareError', 'outcome-unknown', detail);

export const createJob = (options: JobOptions): Job => {
  const { bytes, clock, barrierTimeoutMs, isExcused } = options;
  const { promise, resolve } = Promise.withResolvers<JobResult>();
  let sent = false;
  let finished = false;
  let cancelWatch = (): void => {};

  const finish = (result: JobResult): void => {
    if (finished) return;
    finished = true;
    cancelWatch();
    stopWatching();
    resolve(result);
  };
  const fail = (error: CommandError): void => finish(err(error));
  const watch = (): void => {
    cancelWatch();
    cancelWatch = clock.after(barrierTimeoutMs + (bytes?.length ?? 0) * MS_PER_BYTE, () => {
      if (isExcused()) watch();
      else fail(outcomeUnknown('the printer did not confirm the receipt'));
    });
  };
  const end = (code: 'canceled' | 'timeOut', detail: string): void =>
    fail(commandError(code, sent ? 'outcome-unknown' : 'not-sent', detail));
  const stopWatching = watchForEnd(options, clock, (code) =>
    end(code, code === 'canceled' ? 'canceled by the caller' : `not done after ${options.timeoutMs} ms`),
  );

  return {
    bytes,
    get sent() {
      return sent;
    },
    get finished() {
      return finished;
    },
    result: promise,
    markSent() {
      sent = true;
      watch();
    },
    excuse() {
      if (sent && !finished) watch();
    },
    cancel: (detail) => end('canceled', detail),
    succeed: () => finish(ok(null)),
    fail,
  };
};
