/** Follows a job that the printer has, to its end. */

import { countsSheets, isProvenEmpty } from './job-end.ts';
import {
  delivered,
  type PrintEnvironment,
  type PrintOptions,
  type PrintOutcome,
  printError,
} from './print-outcome.ts';
import { isFinal, JOB_STATE, type JobReport } from './print-service.ts';
import { mediaFault, toStatus } from './state.ts';

export interface FollowOptions extends PrintOptions {
  readonly id: number;
  /** Jobs of the same name that are not this one. */
  readonly setAside: ReadonlySet<number>;
  /** The document's answer was lost: the job may never have got all of it. */
  readonly documentDoubtful: boolean;
}

/** The first looks come quickly (a fast printer is done in 15 ms), then ever more slowly, up to the polling interval. */
const FIRST_LOOK_MS = 1;
const SLOWER = 1.15;
/** While a job moves, the printer itself is looked at no more often than this. */
const REPORT_AGE_MS = 100;
/** A job that has its document leaves `pending` or shows a reason; one without waits for it until this is over. */
const DOCUMENT_GRACE_MS = 30_000;
/** How long the printer may take to end a job that it was told to cancel. */
const CANCEL_GRACE_MS = 10_000;

const NEVER = new AbortController().signal;

/** What has been seen of the job on the way. */
interface Seen {
  /** A state was seen that a job has only once the printer has begun it. */
  begun: boolean;
  canceledAt: number | null;
}

const unknown = (
  code: 'canceled' | 'timeOut' | 'hardwareError',
  reason: string,
  detail: string,
): PrintOutcome => printError('unknown', code, reason, detail);

/** A job that ended without success. What was seen of it may disprove what the printer says, never prove it. */
const ended = (
  job: JobReport,
  seen: Seen,
  counts: boolean,
  whyCanceled: 'canceled' | 'timeOut',
): PrintOutcome => {
  const begun = seen.begun || job.begun;
  const outcome = isProvenEmpty({ ...job, begun }, counts) ? 'failed' : 'unknown';
  const why = job.reasons.filter((reason) => reason !== 'none').join(' ');
  return job.state === JOB_STATE.canceled
    ? printError(outcome, whyCanceled, 'job-canceled', `the job was canceled: ${why}`)
    : printError(outcome, 'hardwareError', 'job-aborted', `the printer gave the job up: ${why}`);
};

export const followJob = async (
  environment: PrintEnvironment,
  options: FollowOptions,
): Promise<PrintOutcome> => {
  const { watch, clock, pause, backoffMs, pollIntervalMs, tell, closing } = environment;
  const { service, refresh } = watch;
  const { signal, setAside, documentDoubtful, jobName, copies, whyAborted } = options;
  const seen: Seen = { begun: false, canceledAt: null };
  const begun = clock.monotonic();
  let { id } = options;
  let misses = 0;
  let lookMs = FIRST_LOOK_MS;

  const cancel = async (): Promise<void> => {
    seen.canceledAt ??= clock.monotonic();
    tell({ phase: 'canceling', jobId: id });
    await service.cancel(id);
  };
  const rest = async (ms: number): Promise<void> => pause(ms, seen.canceledAt === null ? signal : NEVER);

  for (;;) {
    await rest(lookMs);
    lookMs = Math.min(pollIntervalMs, lookMs * SLOWER);
    if (closing.aborted)
      return unknown('canceled', 'outcome-unknown', 'the driver was closed while the printer had the job');
    if (signal.aborted && seen.canceledAt === null) await cancel();
    if (seen.canceledAt !== null && clock.monotonic() - seen.canceledAt > CANCEL_GRACE_MS) {
      return unknown(
        whyAborted(),
        'outcome-unknown',
        'canceled, but the printer did not say how the job ended',
      );
    }
    const answer = await service.job(id);
    if (!answer.ok) {
      if (isFinal(answer.error)) {
        const detail = `the printer has the job and does not tell of it: ${answer.error.detail}`;
        return unknown('hardwareError', 'outcome-unknown', detail);
      }
      tell({ phase: seen.canceledAt === null ? 'lost' : 'canceling', jobId: id });
      await rest(backoffMs(misses));
      misses += 1;
      continue;
    }
    misses = 0;
    const job = answer.value;
    if (job === null || job.name !== jobName) {
      // Numbers begin anew on some printers after a restart; the name is what identifies the job.
      const jobs = await service.jobs();
      if (!jobs.ok) {
        if (isFinal(jobs.error)) {
          const detail = `the printer no longer knows the job and lists none: ${jobs.error.detail}`;
          return unknown('hardwareError', 'outcome-unknown', detail);
        }
        await rest(backoffMs(0));
        continue;
      }
      const renumbered = jobs.value.find((each) => each.name === jobName && !setAside.has(each.id));
      if (!renumbered || renumbered.id === id) {
        return unknown('hardwareError', 'job-gone', 'the printer no longer knows the job');
      }
      id = renumbered.id;
      continue;
    }
    switch (job.state) {
      case JOB_STATE.canceled:
      case JOB_STATE.aborted: {
        const jobs = await service.jobs();
        const counts = jobs.ok && countsSheets(jobs.value);
        return ended(job, seen, counts, seen.canceledAt === null ? 'canceled' : whyAborted());
      }
      case JOB_STATE.completed: {
        const printer = await refresh();
        if (printer) {
          const fault = mediaFault(printer.reasons);
          // The last sheet of the tray leaves it empty: that is no fault of a job whose sheets are counted as out.
          const counted = job.sheets !== undefined && job.sheets >= copies;
          if (fault === 'none' || (fault === 'no-paper' && counted)) {
            service.settled(id);
            return delivered(id);
          }
          if (seen.canceledAt === null) tell({ phase: 'stopped', jobId: id });
        }
        break;
      }
      default: {
        if (job.state !== JOB_STATE.pending && job.state !== JOB_STATE.held) seen.begun = true;
        const justBegun = clock.monotonic() - begun < REPORT_AGE_MS;
        const maxAgeMs = justBegun ? Number.POSITIVE_INFINITY : REPORT_AGE_MS;
        const printer = await refresh(job.state === JOB_STATE.stopped ? 0 : maxAgeMs);
        const needsHelp =
          job.state === JOB_STATE.stopped ||
          (printer !== null && toStatus(printer.state, printer.reasons).device !== 'online');
        if (seen.canceledAt === null) tell({ phase: needsHelp ? 'stopped' : 'printing', jobId: id });
        const starved = documentDoubtful && !seen.begun && !needsHelp;
        if (starved && seen.canceledAt === null && clock.monotonic() - begun > DOCUMENT_GRACE_MS)
          await cancel();
      }
    }
  }
};
