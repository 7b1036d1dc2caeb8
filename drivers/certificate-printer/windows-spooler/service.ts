/**
 * A queue of the Windows spooler as a carrier of jobs. Documents are sent raw, so the printer must take PDF as it is. A
 * job is told to stay in the queue after printing (JOB_CONTROL_RETAIN), because the spooler forgets a job the moment it
 * has ended. The one delivered last stays, its document with it, so that it is found again after a restart; it is
 * released (JOB_CONTROL_RELEASE), and forgotten by the spooler, when the next one is delivered. "Printed" is what the
 * port monitor says: one that hears from its printer waits for the sheet, one that does not is content when the bytes
 * are out.
 */

import { z } from 'zod';
import { err, ok } from '../../device.ts';
import { unknownCapabilities } from '../capabilities.ts';
import {
  type Asked,
  type AskFailure,
  isActive,
  JOB_STATE,
  type JobReport,
  type PrinterReport,
  type PrintService,
} from '../print-service.ts';
import type { SpoolerFailure, SpoolerHelper, SpoolerRequest } from './helper.ts';
import { jobFrom, printerFrom } from './status-bits.ts';

export interface SpoolerServiceOptions {
  /** The queue, as Windows calls it. */
  readonly printer: string;
  readonly answerTimeoutMs: number;
}

const bits = z.int().min(0).max(0xffffffff);
const printerAnswer = z.strictObject({ status: bits, attributes: bits, driver: z.string() });
const jobAnswer = z.strictObject({
  id: z.int().min(1),
  name: z.string(),
  status: bits,
  pages: z.int().min(0),
  /** Whether it belongs to the user as whom the helper runs. */
  mine: z.boolean(),
});
const jobsAnswer = z.array(jobAnswer);
const createdAnswer = z.strictObject({ job: z.int().min(1) });
const done = z.null();

/** winerror.h */
const WIN32 = {
  invalidParameter: 87,
  busy: 170,
  serverUnavailable: 1722,
  callDidNotExecute: 1727,
  callFailed: 1726,
  invalidPrinterName: 1801,
} as const;

/** Writing into the spooler may take as long as a slow disk needs. */
const SENDING_TIMEOUT_MS = 120_000;

const failureOf = (failure: SpoolerFailure): AskFailure => {
  if (failure.kind !== 'win32') return failure;
  const { error, detail } = failure;
  switch (error) {
    case WIN32.serverUnavailable:
    case WIN32.callDidNotExecute:
    case WIN32.invalidPrinterName:
      return { kind: 'not-reached', detail };
    case WIN32.callFailed:
      return { kind: 'lost', detail };
    case WIN32.busy:
      return { kind: 'later', detail };
    default:
      return { kind: 'refused', detail };
  }
};

const toJobReport = ({ id, name, status, pages }: z.output<typeof jobAnswer>): JobReport => ({
  id,
  name,
  ...jobFrom(status),
  sheets: pages > 0 ? pages : undefined,
  // A job that only waits may have been printed before anybody looks again: nothing here says that it never began.
  begun: undefined,
});

/** Delivered, and in the queue only because it was told to stay. */
const isKept = ({ status, mine }: z.output<typeof jobAnswer>): boolean => {
  const { state, reasons } = jobFrom(status);
  return mine && state === JOB_STATE.completed && reasons.includes('job-saved');
};

export const createSpoolerService = (
  helper: SpoolerHelper,
  { printer, answerTimeoutMs }: SpoolerServiceOptions,
): PrintService => {
  /** Jobs deleted here: the spooler forgets them. */
  const deleted = new Map<number, JobReport>();
  /** Jobs that have got a document from here, or may have. */
  const documented = new Set<number>();

  const asDeleted = (job: JobReport): JobReport => {
    if (!isActive(job)) return job;
    const waitsForDocument =
      job.reasons.every((reason) => reason === 'job-incoming') && job.reasons.length > 0;
    return {
      ...job,
      state: JOB_STATE.canceled,
      reasons: ['job-canceled-by-user'],
      begun: waitsForDocument && !documented.has(job.id) ? false : undefined,
    };
  };

  const ask = async <T>(
    request: SpoolerRequest,
    answer: z.ZodType<T>,
    patienceMs = answerTimeoutMs,
  ): Promise<Awaited<Asked<T>>> => {
    const asked = await helper.ask(printer, request, answer, patienceMs);
    return asked.ok ? asked : err(failureOf(asked.error));
  };

  const jobNow = async (id: number): Asked<JobReport | null> => {
    const asked = await helper.ask(printer, { op: 'job', job: id }, jobAnswer, answerTimeoutMs);
    if (asked.ok) return ok(toJobReport(asked.value));
    const { error } = asked;
    return error.kind === 'win32' && error.error === WIN32.invalidParameter
      ? ok(null)
      : err(failureOf(error));
  };

  const look = async (): Asked<{ readonly report: PrinterReport; readonly driver: string }> => {
    const asked = await ask({ op: 'printer' }, printerAnswer);
    if (!asked.ok) return asked;
    const { status, attributes, driver } = asked.value;
    const report = {
      ...printerFrom(status, attributes),
      upTime: undefined,
      supplies: [],
      trays: [],
      configuration: driver,
    };
    return ok({ report, driver });
  };

  const releaseAllBut = async (id: number): Promise<void> => {
    const queue = await ask({ op: 'jobs' }, jobsAnswer);
    if (!queue.ok) return;
    for (const job of queue.value) {
      if (job.id !== id && isKept(job)) await ask({ op: 'release', job: job.id }, done);
    }
  };

  return {
    async report() {
      const seen = await look();
      return seen.ok ? ok(seen.value.report) : seen;
    },

    async knowledge() {
      const seen = await look();
      if (!seen.ok) return seen;
      const { report, driver } = seen.value;
      const operations = ['Create-Job', 'Send-Document', 'Cancel-Job', 'Get-Job-Attributes', 'Get-Jobs'];
      const capabilities = {
        ...unknownCapabilities('windows-spooler'),
        makeAndModel: driver,
        operations,
        maxCopies: 1,
      };
      return ok({ report, capabilities, createsFirst: true });
    },

    async jobs() {
      const asked = await ask({ op: 'jobs' }, jobsAnswer);
      return asked.ok ? ok([...asked.value.map(toJobReport), ...deleted.values()]) : asked;
    },

    async job(id) {
      const now = await jobNow(id);
      return now.ok ? ok(now.value ?? deleted.get(id) ?? null) : now;
    },

    async createJob({ name }) {
      const created = await ask({ op: 'create', name }, createdAnswer);
      return created.ok ? ok(created.value.job) : created;
    },

    async sendDocument(id, document) {
      documented.add(id);
      const sent = await ask({ op: 'send', job: id, document }, done, SENDING_TIMEOUT_MS);
      return sent.ok ? ok(undefined) : sent;
    },

    async printJob() {
      return err({ kind: 'unsupported', detail: 'the spooler creates jobs first' });
    },

    async cancel(id) {
      const before = await jobNow(id);
      const canceled = await ask({ op: 'cancel', job: id }, done);
      if (!canceled.ok) return canceled;
      if (before.ok && before.value) deleted.set(id, asDeleted(before.value));
      return ok(undefined);
    },

    settled(id) {
      // Whether this succeeds changes nothing for anybody: what stays is released with the next one.
      void releaseAllBut(id);
    },

    close: helper.close,
  };
};
