/** What printing a certificate needs, tells and ends with. */

import { type Clock, type CommandError, commandError, err, ok, type Result } from '../device.ts';
import type { PrinterWatch } from './printer-watch.ts';

export interface PrintError extends CommandError {
  /** `failed`: no sheet has come out or will. `unknown`: one may have, or still may; a person has to look. */
  readonly outcome: 'failed' | 'unknown';
}

export type PrintOutcome = Result<{ readonly outcome: 'delivered'; readonly jobId: number }, PrintError>;

export interface PrintProgress {
  /**
   * `waiting`: nothing sent yet; `sending`; `printing`: the printer has it; `stopped`: the printer has it and needs
   * help (see the status); `lost`: sent, connection lost, looking for it; `canceling`.
   */
  readonly phase: 'waiting' | 'sending' | 'printing' | 'stopped' | 'lost' | 'canceling';
  readonly jobId?: number;
}

export interface PrintEnvironment {
  readonly clock: Clock;
  readonly watch: PrinterWatch;
  /** Waits, or less when the signal is aborted. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  /** The pause before attempt `attempt` (0, 1, ...), milliseconds: grows, capped, jittered. */
  readonly backoffMs: (attempt: number) => number;
  readonly pollIntervalMs: number;
  readonly tell: (progress: PrintProgress) => void;
  /** The driver is being closed: the job is left to the printer. */
  readonly closing: AbortSignal;
}

export interface PrintOptions {
  readonly pdf: Uint8Array;
  readonly jobName: string;
  readonly copies: number;
  readonly signal: AbortSignal;
  /** Why the signal was aborted. */
  readonly whyAborted: () => 'canceled' | 'timeOut';
  /** An earlier call with this name ended with this: nobody knows whether a sheet came out. */
  readonly doubt?: PrintOutcome;
}

export const printError = (
  outcome: PrintError['outcome'],
  code: CommandError['code'],
  reason: string,
  detail: string,
): PrintOutcome => err({ ...commandError(code, reason, detail), outcome });

export const delivered = (jobId: number): PrintOutcome => ok({ outcome: 'delivered', jobId });
