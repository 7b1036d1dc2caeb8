/** Jobs by their names, whoever made them: after a restart the name is all that is left of an intent. */

import { type Clock, type CommandError, commandError, err, ok, type Result } from '../device.ts';
import { countsSheets, isProvenEmpty } from './job-end.ts';
import { type AskFailure, isActive, JOB_STATE, type JobReport, type PrintService } from './print-service.ts';

/**
 * `failed`: it has ended, and it is proven that no sheet came out. `unknown`: it has ended without success, and a sheet
 * may have come out. `absent`: the printer does not list it.
 */
export type LookedUp = 'delivered' | 'active' | 'failed' | 'unknown' | 'absent';

/** How long the printer may take to end a job that it was told to cancel. */
const CANCEL_GRACE_MS = 10_000;
const LOOK_MS = 50;

const unreachable = ({ detail }: AskFailure): Result<never, CommandError> =>
  err(commandError('deviceNotReady', 'unreachable', detail));

interface Named {
  readonly active: readonly JobReport[];
  readonly became: LookedUp;
}

const whatBecameOf = (named: readonly JobReport[], counts: boolean): LookedUp => {
  if (named.some((job) => job.state === JOB_STATE.completed)) return 'delivered';
  if (named.some(isActive)) return 'active';
  if (named.length === 0) return 'absent';
  return named.every((job) => isProvenEmpty(job, counts)) ? 'failed' : 'unknown';
};

const ask = async (service: PrintService, jobName: string): Promise<Result<Named, CommandError>> => {
  const jobs = await service.jobs();
  if (!jobs.ok) return unreachable(jobs.error);
  const named = jobs.value.filter((job) => job.name === jobName);
  return ok({ active: named.filter(isActive), became: whatBecameOf(named, countsSheets(jobs.value)) });
};

export const lookUp = async (
  service: PrintService,
  jobName: string,
): Promise<Result<LookedUp, CommandError>> => {
  const named = await ask(service, jobName);
  return named.ok ? ok(named.value.became) : named;
};

export interface CancelEnvironment {
  readonly service: PrintService;
  readonly clock: Clock;
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
}

/** Cancels and waits until the printer says how the jobs ended. */
export const cancelJobs = async (
  { service, clock, pause, signal }: CancelEnvironment,
  jobName: string,
): Promise<Result<LookedUp, CommandError>> => {
  const begun = clock.monotonic();
  const asked = new Set<number>();
  for (;;) {
    const named = await ask(service, jobName);
    if (!named.ok) return named;
    const { active, became } = named.value;
    if (active.length === 0) return ok(became);
    if (clock.monotonic() - begun > CANCEL_GRACE_MS) {
      return err(commandError('hardwareError', 'not-canceled', 'the printer did not end the job'));
    }
    for (const { id } of active) {
      if (asked.has(id)) continue;
      asked.add(id);
      const canceled = await service.cancel(id);
      if (!canceled.ok && canceled.error.kind === 'not-reached') return unreachable(canceled.error);
    }
    await pause(LOOK_MS, signal);
    if (signal.aborted) return err(commandError('canceled', 'ended', 'the command was ended'));
  }
};
