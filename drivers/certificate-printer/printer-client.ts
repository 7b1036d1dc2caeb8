/** The questions a certificate printer is asked, in the driver's own terms. */

import { err, ok, type Result } from '../device.ts';
import type { IppCall, IppClient } from './ipp-client.ts';
import { GROUP, type IppAttribute, type IppMessage } from './ipp-message.ts';
import {
  type Attributes,
  booleanOf,
  groupOf,
  groupsOf,
  integerAttribute,
  isSuccess,
  JOB_STATE,
  numbersOf,
  OPERATION,
  STATUS,
  textAttribute,
  textsOf,
} from './ipp-terms.ts';

export interface PrinterReport {
  readonly state: number | undefined;
  readonly reasons: readonly string[];
  readonly acceptsJobs: boolean;
  /** Seconds since it was started, if told. */
  readonly upTime: number | undefined;
}

export interface Capabilities {
  readonly report: PrinterReport;
  readonly createJob: boolean;
  readonly pdf: boolean;
  /** Job attributes that this printer understands, of those a certificate wants: A4, one side. */
  readonly jobAttributes: readonly IppAttribute[];
}

export interface JobReport {
  readonly id: number;
  readonly name: string;
  readonly state: number;
  readonly reasons: readonly string[];
  /** Sheets or impressions that have come out, if told. */
  readonly sheets: number | undefined;
}

/** Why a question has no answer: `refused` carries the printer's IPP status. */
export type AskFailure =
  | { readonly kind: 'not-reached' | 'lost'; readonly detail: string }
  | { readonly kind: 'refused'; readonly code: number; readonly detail: string };

export interface PrintRequest {
  readonly name: string;
  readonly copies: number;
  readonly pdf: Uint8Array;
  readonly jobAttributes: readonly IppAttribute[];
}

/** Sending may take as long as a slow printer needs to swallow the page; breaking off would truncate it. */
const SENDING_TIMEOUT_MS = 120_000;

const STATE_ATTRIBUTES = [
  'printer-state',
  'printer-state-reasons',
  'printer-is-accepting-jobs',
  'printer-up-time',
];
const CAPABILITY_ATTRIBUTES = [
  'operations-supported',
  'document-format-supported',
  'media-supported',
  'sides-supported',
];
const JOB_ATTRIBUTES = [
  'job-id',
  'job-name',
  'job-originating-user-name',
  'job-state',
  'job-state-reasons',
  'job-impressions-completed',
  'job-media-sheets-completed',
];
const A4 = 'iso_a4_210x297mm';
const ONE_SIDED = 'one-sided';
const PDF = 'application/pdf';

const toPrinterReport = (printer: Attributes): PrinterReport => ({
  state: numbersOf(printer, 'printer-state')[0],
  reasons: textsOf(printer, 'printer-state-reasons'),
  acceptsJobs: booleanOf(printer, 'printer-is-accepting-jobs') ?? true,
  upTime: numbersOf(printer, 'printer-up-time')[0],
});

const toJobReport = (job: Attributes): JobReport | null => {
  const id = numbersOf(job, 'job-id')[0];
  const state = numbersOf(job, 'job-state')[0];
  if (id === undefined || state === undefined) return null;
  const counts = [
    ...numbersOf(job, 'job-media-sheets-completed'),
    ...numbersOf(job, 'job-impressions-completed'),
  ];
  return {
    id,
    state,
    name: textsOf(job, 'job-name')[0] ?? '',
    reasons: textsOf(job, 'job-state-reasons'),
    sheets: counts.length > 0 ? Math.max(...counts) : undefined,
  };
};

export type PrinterClient = ReturnType<typeof createPrinterClient>;

export const createPrinterClient = (ipp: IppClient, user: string) => {
  const ask = async (call: IppCall): Promise<Result<IppMessage, AskFailure>> => {
    const answer = await ipp.call(call);
    if (!answer.ok) return answer;
    const { code } = answer.value;
    if (isSuccess(code)) return answer;
    const message = textsOf(groupOf(answer.value, GROUP.operation), 'status-message')[0] ?? '';
    return err({
      kind: 'refused',
      code,
      detail: `IPP status 0x${code.toString(16).padStart(4, '0')} ${message}`.trim(),
    });
  };
  const requested = (names: readonly string[]): IppAttribute =>
    textAttribute('keyword', 'requested-attributes', ...names);
  const jobName = (name: string): IppAttribute => textAttribute('name', 'job-name', name);
  const target = (id: number): IppAttribute => integerAttribute('job-id', id);
  const format = textAttribute('mimeMediaType', 'document-format', PDF);

  const newJobId = (answer: Result<IppMessage, AskFailure>): Result<number, AskFailure> => {
    if (!answer.ok) return answer;
    const id = numbersOf(groupOf(answer.value, GROUP.job), 'job-id')[0];
    // Accepted, but which job it is was not said: as good as an answer that was lost on the way.
    return id === undefined ? err({ kind: 'lost', detail: 'the answer names no job' }) : ok(id);
  };

  const listJobs = async (which: 'not-completed' | 'completed'): Promise<Result<JobReport[], AskFailure>> => {
    const answer = await ask({
      operation: OPERATION.getJobs,
      attributes: [textAttribute('keyword', 'which-jobs', which), requested(JOB_ATTRIBUTES)],
    });
    if (!answer.ok) return answer;
    const mine = groupsOf(answer.value, GROUP.job).filter((job) => {
      const owner = textsOf(job, 'job-originating-user-name')[0];
      return owner === undefined || owner === user;
    });
    return ok(mine.map(toJobReport).filter((job) => job !== null));
  };

  return {
    async report(): Promise<Result<PrinterReport, AskFailure>> {
      const answer = await ask({
        operation: OPERATION.getPrinterAttributes,
        attributes: [requested(STATE_ATTRIBUTES)],
      });
      return answer.ok ? ok(toPrinterReport(groupOf(answer.value, GROUP.printer))) : answer;
    },

    async capabilities(): Promise<Result<Capabilities, AskFailure>> {
      const answer = await ask({
        operation: OPERATION.getPrinterAttributes,
        attributes: [requested([...STATE_ATTRIBUTES, ...CAPABILITY_ATTRIBUTES])],
      });
      if (!answer.ok) return answer;
      const printer = groupOf(answer.value, GROUP.printer);
      const operations = numbersOf(printer, 'operations-supported');
      const formats = textsOf(printer, 'document-format-supported');
      const wishes = [
        { name: 'media', supported: 'media-supported', value: A4 },
        { name: 'sides', supported: 'sides-supported', value: ONE_SIDED },
      ];
      return ok({
        report: toPrinterReport(printer),
        createJob: operations.includes(OPERATION.createJob) && operations.includes(OPERATION.sendDocument),
        pdf: formats.length === 0 || formats.includes(PDF),
        jobAttributes: wishes
          .filter((wish) => textsOf(printer, wish.supported).includes(wish.value))
          .map((wish) => textAttribute('keyword', wish.name, wish.value)),
      });
    },

    /** This user's jobs, waiting ones first: a job that ends between the two questions is in the second answer. */
    async jobs(): Promise<Result<JobReport[], AskFailure>> {
      const waiting = await listJobs('not-completed');
      if (!waiting.ok) return waiting;
      const ended = await listJobs('completed');
      return ended.ok ? ok([...waiting.value, ...ended.value]) : ended;
    },

    /** `null`: the printer does not know this job. */
    async job(id: number): Promise<Result<JobReport | null, AskFailure>> {
      const answer = await ask({
        operation: OPERATION.getJobAttributes,
        attributes: [target(id), requested(JOB_ATTRIBUTES)],
      });
      if (answer.ok) return ok(toJobReport(groupOf(answer.value, GROUP.job)));
      const unknown = answer.error.kind === 'refused' && answer.error.code === STATUS.notFound;
      return unknown ? ok(null) : answer;
    },

    async printJob({ name, copies, pdf, jobAttributes }: PrintRequest): Promise<Result<number, AskFailure>> {
      return newJobId(
        await ask({
          operation: OPERATION.printJob,
          attributes: [jobName(name), format],
          jobAttributes: [integerAttribute('copies', copies), ...jobAttributes],
          data: pdf,
          timeoutMs: SENDING_TIMEOUT_MS,
        }),
      );
    },

    async createJob({
      name,
      copies,
      jobAttributes,
    }: Omit<PrintRequest, 'pdf'>): Promise<Result<number, AskFailure>> {
      return newJobId(
        await ask({
          operation: OPERATION.createJob,
          attributes: [jobName(name)],
          jobAttributes: [integerAttribute('copies', copies), ...jobAttributes],
        }),
      );
    },

    async sendDocument(id: number, pdf: Uint8Array): Promise<Result<void, AskFailure>> {
      const last: IppAttribute = { name: 'last-document', values: [{ type: 'boolean', value: true }] };
      const answer = await ask({
        operation: OPERATION.sendDocument,
        attributes: [target(id), format, last],
        data: pdf,
        timeoutMs: SENDING_TIMEOUT_MS,
      });
      return answer.ok ? ok(undefined) : answer;
    },

    async cancel(id: number): Promise<Result<void, AskFailure>> {
      const answer = await ask({ operation: OPERATION.cancelJob, attributes: [target(id)] });
      return answer.ok ? ok(undefined) : answer;
    },
  };
};

export const isActive = (job: JobReport): boolean => job.state < JOB_STATE.canceled;
