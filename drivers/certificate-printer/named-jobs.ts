/** Jobs by their names, whoever made them: after a restart the name is all that is left of an intent. */

import { type Clock, type CommandError, commandError, err, ok, type Result } from '../device.ts';
import { type AskFailure, isActive, JOB_STATE, type JobReport, type PrintService } from './print-service.ts';

export type LookedUp = 'delivered' | 'active' | 'failed' | 'absent';

/** How long the printer may take to end a job that it was told to cancel. */
const CANCEL_GRACE_MS = 10_000;
const LOOK_MS = 50;

const unreachable = ({ detail }: AskFailure): Result<never, CommandError> =>
  err(commandError('deviceNotReady', 'unreachable', detail));

const whatBecameOf = (named: readonly JobReport[]): LookedUp => {
  if (named.some((job) => job.state === JOB_STATE.completed)) return 'delivered';
  if (named.some(isActive)) return 'active';
  return named.length > 0 ? 'failed' : 'absent';
};

const named = async (
  service: PrintService,
  jobName: string,
): Promise<Result<readonly JobReport[], CommandError>> => {
  const jobs = await service.jobs();
  return jobs.ok ? ok(jobs.value.filter((job) => job.name === jobName)) : unreachable(jobs.error);
};

export const lookUp = async (
  service: PrintService,
  jobName: string,
): Promise<Result<LookedUp, CommandError>> => {
  const jobs = await named(service, jobName);
  return jobs.ok ? ok(whatBecameOf(jobs.value)) : jobs;
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
    const jobs = await named(service, jobName);
    if (!jobs.ok) return jobs;
    const active = jobs.value.filter(isActive);
    if (active.length === 0) return ok(whatBecameOf(jobs.value));
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
