/** One certificate printer, for as long as the kiosk runs: an IPP printer or a CUPS queue. */

import { type Clock, type CommandError, commandError, type Device, err, ok, type Result } from '../device.ts';
import { backoffMs } from '../supervisor.ts';
import { createIppClient } from './ipp-client.ts';
import { JOB_STATE } from './ipp-terms.ts';
import { printJob } from './print-job.ts';
import { type PrintEnvironment, type PrintOutcome, type PrintProgress, printError } from './print-outcome.ts';
import { createPrinterClient, isActive, type PrinterReport } from './printer-client.ts';
import { type CertificatePrinterStatus, sameStatus, stemOf, toStatus, unknownStatus } from './state.ts';

export interface CertificatePrinterOptions {
  /** e.g. `ipp://127.0.0.1:631/printers/cert` */
  readonly uri: string;
  readonly clock: Clock;
  /** Uniform in [0, 1), for the jitter of reconnecting. */
  readonly random: () => number;
  /** Pause between two looks at the printer, milliseconds. */
  readonly pollIntervalMs?: number;
  /** Owner of the jobs, as the printer sees it. */
  readonly user?: string;
  /** How long the printer may take to answer a question, milliseconds. */
  readonly answerTimeoutMs?: number;
}

export interface CertificateJob {
  readonly pdf: Uint8Array;
  /**
   * The intent to print, 1-255 bytes: the same name is never printed twice unless the earlier job failed. A new
   * attempt that a person has decided on needs a new name. No personal data: it stands in the printer's log.
   */
  readonly jobName: string;
  readonly copies: number;
  /** Before the document is sent: nothing is sent. After: the job is cancelled, and its end decides the outcome. */
  readonly signal?: AbortSignal;
  /** Called on changes. */
  readonly onState?: (progress: PrintProgress) => void;
}

export interface CertificatePrinter extends Device<CertificatePrinterStatus> {
  /**
   * Waits until the printer can be reached, sends the job, follows it to its end through faults and lost connections.
   * Delivered means: job-state `completed` and no media fault left. Reasons of failure: `not-sent`,
   * `invalid-request`, `pdf-unsupported`, `rejected`, `job-canceled`, `job-aborted`, `busy`; of not knowing:
   * `outcome-unknown`, `job-gone`, and `job-canceled`/`job-aborted` after sheets may have come out.
   */
  print(job: CertificateJob): Promise<PrintOutcome>;
  /**
   * What became of a job, e.g. after a restart of the kiosk. `absent` says that the printer does not list it; a
   * printer that forgets old jobs says so of printed ones as well. Error: `unreachable` (deviceNotReady).
   */
  lookup(jobName: string): Promise<Result<'delivered' | 'active' | 'failed' | 'absent', CommandError>>;
}

/** A single lost answer is a hiccup; the second in a row is a printer that does not answer. */
const LOST_ANSWERS = 2;
/** A CUPS queue says this for a moment at the start of every job; only when it lasts is its printer away. */
const CONNECTING = 'connecting-to-device';
const CONNECTING_GRACE_MS = 5_000;

/** Opens the printer; its state is watched from now on until `close()`. Throws a TypeError on a URI that is none. */
export const openCertificatePrinter = (options: CertificatePrinterOptions): CertificatePrinter => {
  const { uri, clock, random, pollIntervalMs = 500, user = 'kiosk', answerTimeoutMs = 5_000 } = options;
  const ipp = createIppClient({ uri, clock, user, timeoutMs: answerTimeoutMs });
  const client = createPrinterClient(ipp, user);
  const closing = new AbortController();
  const listeners = new Set<(status: CertificatePrinterStatus) => void>();
  let status = unknownStatus('starting');
  let lost = 0;
  let connectingSince: number | null = null;
  let busy: Promise<unknown> | null = null;

  const report = (next: CertificatePrinterStatus): void => {
    if (closing.signal.aborted || sameStatus(status, next)) return;
    status = next;
    for (const listener of [...listeners]) listener(next);
  };

  const withoutPassingConnection = (seen: PrinterReport): PrinterReport => {
    const connecting = seen.reasons.some((reason) => stemOf(reason) === CONNECTING);
    connectingSince = connecting ? (connectingSince ?? clock.monotonic()) : null;
    if (connectingSince === null || clock.monotonic() - connectingSince > CONNECTING_GRACE_MS) return seen;
    return { ...seen, reasons: seen.reasons.filter((reason) => stemOf(reason) !== CONNECTING) };
  };

  const refresh = async (): Promise<PrinterReport | null> => {
    const answer = await client.report();
    if (answer.ok) {
      lost = 0;
      const seen = withoutPassingConnection(answer.value);
      report(toStatus(seen.state, seen.reasons));
      return seen;
    }
    lost += 1;
    if (answer.error.kind === 'not-reached') report(unknownStatus('noDevice'));
    else if (lost >= LOST_ANSWERS) report(unknownStatus('offline'));
    return null;
  };

  const pause = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const awake = AbortSignal.any([signal, closing.signal]);
      const done = (): void => {
        cancel();
        awake.removeEventListener('abort', done);
        resolve();
      };
      const cancel = clock.after(ms, done);
      if (awake.aborted) done();
      else awake.addEventListener('abort', done);
    });

  const watch = async (): Promise<void> => {
    for (let misses = 0; !closing.signal.aborted; ) {
      const seen = await refresh();
      misses = seen ? 0 : misses + 1;
      await pause(
        seen ? pollIntervalMs : Math.max(pollIntervalMs, backoffMs(misses - 1, random)),
        closing.signal,
      );
    }
  };
  const watching = watch();

  const print = async ({ pdf, jobName, copies, signal, onState }: CertificateJob): Promise<PrintOutcome> => {
    let last: PrintProgress | null = null;
    const environment: PrintEnvironment = {
      clock,
      client,
      refresh,
      pause,
      backoffMs: (attempt) => backoffMs(attempt, random),
      pollIntervalMs,
      closing: closing.signal,
      tell(progress) {
        if (last?.phase === progress.phase && last.jobId === progress.jobId) return;
        last = progress;
        onState?.(progress);
      },
    };
    const either = signal ? AbortSignal.any([signal, closing.signal]) : closing.signal;
    return printJob(environment, { pdf, jobName, copies, signal: either });
  };

  return {
    get status() {
      return status;
    },
    onStatus(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async print(job) {
      if (closing.signal.aborted) return printError('failed', 'canceled', 'not-sent', 'the driver is closed');
      if (busy) return printError('failed', 'sequenceError', 'busy', 'another certificate is being printed');
      const printing = print(job);
      busy = printing;
      return printing.finally(() => {
        busy = null;
      });
    },
    async lookup(jobName) {
      const jobs = await client.jobs();
      if (!jobs.ok) return err(commandError('deviceNotReady', 'unreachable', jobs.error.detail));
      const named = jobs.value.filter((job) => job.name === jobName);
      if (named.some((job) => job.state === JOB_STATE.completed)) return ok('delivered');
      if (named.some(isActive)) return ok('active');
      return ok(named.length > 0 ? 'failed' : 'absent');
    },
    async close() {
      closing.abort();
      listeners.clear();
      ipp.close();
      await Promise.all([watching, busy]);
    },
  };
};
