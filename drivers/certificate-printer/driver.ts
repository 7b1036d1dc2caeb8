/** One certificate printer, for as long as the kiosk runs: an IPP printer, a CUPS queue or a Windows queue. */

import { channel } from '../channel.ts';
import { parseConfig } from '../config.ts';
import {
  type CommandError,
  type CommandOptions,
  commandError,
  type Device,
  type DriverOptions,
  err,
  type Result,
  systemClock,
} from '../device.ts';
import { backoffMs } from '../supervisor.ts';
import type { CertificatePrinterCapabilities } from './capabilities.ts';
import { type CertificatePrinterConfig, certificatePrinterConfigSchema } from './config.ts';
import { type CertificatePrinterEvent, thresholds } from './events.ts';
import { cancelJobs, type LookedUp, lookUp } from './named-jobs.ts';
import { openService, type SessionOptions } from './open-service.ts';
import { printJob } from './print-job.ts';
import { type PrintEnvironment, type PrintOutcome, type PrintProgress, printError } from './print-outcome.ts';
import { watchPrinter } from './printer-watch.ts';
import type { CertificatePrinterStatus } from './state.ts';
import { limited } from './time-limit.ts';

export type CertificatePrinterOptions = CertificatePrinterConfig & DriverOptions & SessionOptions;

export interface CertificateJob extends CommandOptions {
  readonly pdf: Uint8Array;
  /**
   * The intent to print, 1-255 bytes: the same name is never printed twice unless it is proven that the earlier job
   * put out nothing. That holds for as long as this driver lives, and after a restart for as long as the printer
   * remembers the job: a Windows queue remembers the delivered job until the next one is delivered. A new attempt that
   * a person has decided on needs a new name. No personal data: it stands in the printer's log.
   */
  readonly jobName: string;
  readonly copies: number;
  /** Before the document is sent: nothing is sent. After: the job is cancelled, and its end decides the outcome. */
  readonly signal?: AbortSignal;
  /** As if `signal` were aborted after this time, milliseconds. */
  readonly timeoutMs?: number;
  /** Called on changes. */
  readonly onState?: (progress: PrintProgress) => void;
}

export interface CertificatePrinter
  extends Device<CertificatePrinterStatus, CertificatePrinterCapabilities, CertificatePrinterEvent> {
  /**
   * Waits until the printer can be reached, sends the job, follows it to its end through faults and lost connections.
   * Delivered means: job-state `completed` and no media fault left. Reasons of failure: `not-sent`,
   * `invalid-request`, `pdf-unsupported`, `rejected`, `job-canceled`, `job-aborted`, `busy`; of not knowing:
   * `outcome-unknown`, `job-gone`, and `job-canceled`/`job-aborted` after sheets may have come out.
   */
  print(job: CertificateJob): Promise<PrintOutcome>;
  /**
   * What became of a job, e.g. after a restart of the kiosk. `absent` says that the printer does not list it; a
   * printer that forgets old jobs says so of printed ones as well. `unknown`: it ended without success, and a sheet may
   * have come out; a person has to look. Error: `unreachable` (deviceNotReady), or the command's own end.
   */
  lookup(jobName: string, options?: CommandOptions): Promise<Result<LookedUp, CommandError>>;
  /**
   * Cancels every job of this name that has not ended, a running `print` of it included, and says what became of it as
   * `lookup` does: `failed` = ended without a sheet. Errors: `unreachable`, and `not-canceled` when the printer went on
   * for 10 s.
   */
  cancel(jobName: string, options?: CommandOptions): Promise<Result<LookedUp, CommandError>>;
}

/** Opens the printer; it is watched from now on until `close()`. Throws a ConfigError on a wrong configuration. */
export const openCertificatePrinter = (options: CertificatePrinterOptions): CertificatePrinter => {
  // An address on the network needs no port of this machine.
  const {
    clock = systemClock,
    random = Math.random,
    startPortHost: _noPort,
    record,
    replay,
    ...given
  } = options;
  const config = parseConfig('the certificate printer', certificatePrinterConfigSchema, given);
  const { pollIntervalMs } = config;
  const closing = new AbortController();
  const statuses = channel<CertificatePrinterStatus>();
  const events = channel<CertificatePrinterEvent>();
  const crossings = thresholds();
  /** What was delivered, and what nobody knows of: neither is sent again. */
  const outcomes = new Map<string, PrintOutcome>();
  let running: { readonly jobName: string; readonly abort: AbortController; ended: Promise<unknown> } | null =
    null;

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

  const underlying = openService(config, clock, { ...(record && { record }), ...(replay && { replay }) });
  const watch = watchPrinter({
    service: underlying,
    protocol: config.protocol ?? 'ipp',
    clock,
    random,
    pollIntervalMs,
    pause,
    closing: closing.signal,
    onStatus: (status) => {
      statuses.tell(status);
      for (const event of crossings(status)) events.tell(event);
    },
  });

  const print = async (job: CertificateJob, abort: AbortSignal): Promise<PrintOutcome> => {
    const { pdf, jobName, copies, onState } = job;
    const doubt = outcomes.get(jobName);
    if (doubt?.ok) return doubt;
    let last: PrintProgress | null = null;
    const environment: PrintEnvironment = {
      clock,
      watch,
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
    const limit = limited(job, clock, [abort, closing.signal]);
    const outcome = await printJob(environment, {
      pdf,
      jobName,
      copies,
      signal: limit.signal,
      whyAborted: limit.why,
      ...(doubt && { doubt }),
    });
    limit.end();
    if (outcome.ok || outcome.error.outcome === 'unknown') outcomes.set(jobName, outcome);
    if (outcome.ok) events.tell({ name: 'MediaPresented', jobId: outcome.value.jobId });
    return outcome;
  };

  /** Carries out a command that only asks; closing, cancelling and time end it. */
  const asking = async <T>(
    command: CommandOptions,
    ask: (signal: AbortSignal) => Promise<Result<T, CommandError>>,
  ): Promise<Result<T, CommandError>> => {
    const { signal, why, end } = limited(command, clock, [closing.signal]);
    const { promise: ended, resolve } = Promise.withResolvers<Result<T, CommandError>>();
    const onAbort = (): void => resolve(err(commandError(why(), 'ended', 'the command was ended')));
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort);
    return Promise.race([ended, ask(signal)]).finally(() => {
      // A joined signal that is listened to lives as long as the driver does.
      signal.removeEventListener('abort', onAbort);
      end();
    });
  };

  return {
    get status() {
      return watch.status;
    },
    get capabilities() {
      return watch.capabilities;
    },
    onStatus: statuses.listen,
    onEvent: events.listen,
    async print(job) {
      if (closing.signal.aborted) return printError('failed', 'canceled', 'not-sent', 'the driver is closed');
      if (running)
        return printError('failed', 'sequenceError', 'busy', 'another certificate is being printed');
      const abort = new AbortController();
      const printing = print(job, abort.signal);
      running = { jobName: job.jobName, abort, ended: printing };
      return printing.finally(() => {
        running = null;
      });
    },
    lookup: (jobName, command = {}) => asking(command, () => lookUp(watch.service, jobName)),
    cancel(jobName, command = {}) {
      if (running?.jobName === jobName) running.abort.abort();
      return asking(command, (signal) =>
        cancelJobs({ service: watch.service, clock, pause, signal }, jobName),
      );
    },
    async close() {
      closing.abort();
      statuses.clear();
      events.clear();
      await underlying.close();
      await Promise.all([watch.ended, running?.ended]);
    },
  };
};
