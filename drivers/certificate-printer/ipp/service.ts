/** An IPP printer or CUPS queue as a carrier of jobs. */

import { err, ok, type Result } from '../../device.ts';
import type { Asked, AskFailure, JobReport, JobRequest, PrintService } from '../print-service.ts';
import type { IppCall, IppClient } from './client.ts';
import { GROUP, type IppAttribute, type IppMessage } from './message.ts';
import {
  CAPABILITY_ATTRIBUTES,
  STATE_ATTRIBUTES,
  toCapabilities,
  toPrinterReport,
} from './printer-attributes.ts';
import {
  type Attributes,
  groupOf,
  groupsOf,
  integerAttribute,
  isComeBackLater,
  isSuccess,
  numbersOf,
  OPERATION,
  STATUS,
  textAttribute,
  textsOf,
} from './terms.ts';

export interface IppServiceOptions {
  /** Owner of the jobs. */
  readonly user: string;
  /** The paper of a certificate, named as in PWG 5101.1. */
  readonly media: string;
}

/** Sending may take as long as a slow printer needs to swallow the page; breaking off would truncate it. */
const SENDING_TIMEOUT_MS = 120_000;

export const JOB_ATTRIBUTES = [
  'job-id',
  'job-name',
  'job-originating-user-name',
  'job-state',
  'job-state-reasons',
  'job-impressions-completed',
  'job-media-sheets-completed',
  'time-at-processing',
] as const;

const PDF = 'application/pdf';
const ONE_SIDED = 'one-sided';
/** How a job's own wishes are named, and where a printer says what it can do of them. */
const SUPPORTED = { media: 'media-supported', sides: 'sides-supported' } as const;

/** RFC 8011 5.3.14.2: no-value until the printer begins the job, from then on a time. */
const begunOf = (job: Attributes): boolean | undefined => {
  if (numbersOf(job, 'time-at-processing').length > 0) return true;
  return job.get('time-at-processing')?.[0]?.type === 'no-value' ? false : undefined;
};

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
    begun: begunOf(job),
  };
};

const refusalOf = (code: number): AskFailure['kind'] => {
  if (isComeBackLater(code)) return 'later';
  return code === STATUS.operationNotSupported ? 'unsupported' : 'refused';
};

export const createIppService = (ipp: IppClient, { user, media }: IppServiceOptions): PrintService => {
  /** What the printer understands of what a certificate wants; learnt with its capabilities. */
  let wishes: readonly IppAttribute[] = [];

  const ask = async (call: IppCall): Promise<Result<IppMessage, AskFailure & { readonly code?: number }>> => {
    const answer = await ipp.call(call);
    if (!answer.ok) return answer;
    const { code } = answer.value;
    if (isSuccess(code)) return answer;
    const message = textsOf(groupOf(answer.value, GROUP.operation), 'status-message')[0] ?? '';
    const detail = `IPP status 0x${code.toString(16).padStart(4, '0')} ${message}`.trim();
    return err({ kind: refusalOf(code), code, detail });
  };
  const requested = (...names: readonly string[]): IppAttribute =>
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

  const listJobs = async (which: 'not-completed' | 'completed'): Asked<JobReport[]> => {
    const answer = await ask({
      operation: OPERATION.getJobs,
      attributes: [textAttribute('keyword', 'which-jobs', which), requested(...JOB_ATTRIBUTES)],
    });
    if (!answer.ok) return answer;
    const mine = groupsOf(answer.value, GROUP.job).filter((job) => {
      const owner = textsOf(job, 'job-originating-user-name')[0];
      return owner === undefined || owner === user;
    });
    return ok(mine.map(toJobReport).filter((job) => job !== null));
  };

  const jobAttributes = ({ copies }: JobRequest): readonly IppAttribute[] => [
    integerAttribute('copies', copies),
    ...wishes,
  ];

  return {
    async report() {
      const answer = await ask({
        operation: OPERATION.getPrinterAttributes,
        attributes: [requested(...STATE_ATTRIBUTES)],
      });
      return answer.ok ? ok(toPrinterReport(groupOf(answer.value, GROUP.printer))) : answer;
    },

    async knowledge() {
      const answer = await ask({
        operation: OPERATION.getPrinterAttributes,
        attributes: [requested(...STATE_ATTRIBUTES, ...CAPABILITY_ATTRIBUTES)],
      });
      if (!answer.ok) return answer;
      const printer = groupOf(answer.value, GROUP.printer);
      wishes = Object.entries({ media, sides: ONE_SIDED })
        .filter(([name, wish]) => textsOf(printer, SUPPORTED[name as keyof typeof SUPPORTED]).includes(wish))
        .map(([name, wish]) => textAttribute('keyword', name, wish));
      const operations = numbersOf(printer, 'operations-supported');
      return ok({
        report: toPrinterReport(printer),
        capabilities: toCapabilities(printer),
        createsFirst: operations.includes(OPERATION.createJob) && operations.includes(OPERATION.sendDocument),
      });
    },

    async jobs() {
      const waiting = await listJobs('not-completed');
      if (!waiting.ok) return waiting;
      const ended = await listJobs('completed');
      return ended.ok ? ok([...waiting.value, ...ended.value]) : ended;
    },

    async job(id) {
      const answer = await ask({
        operation: OPERATION.getJobAttributes,
        attributes: [target(id), requested(...JOB_ATTRIBUTES)],
      });
      if (!answer.ok) return answer.error.code === STATUS.notFound ? ok(null) : answer;
      return ok(toJobReport(groupOf(answer.value, GROUP.job)));
    },

    async createJob(request) {
      return newJobId(
        await ask({
          operation: OPERATION.createJob,
          attributes: [jobName(request.name)],
          jobAttributes: jobAttributes(request),
        }),
      );
    },

    async sendDocument(id, pdf) {
      const last: IppAttribute = { name: 'last-document', values: [{ type: 'boolean', value: true }] };
      const answer = await ask({
        operation: OPERATION.sendDocument,
        attributes: [target(id), format, last],
        data: pdf,
        timeoutMs: SENDING_TIMEOUT_MS,
      });
      return answer.ok ? ok(undefined) : answer;
    },

    async printJob(request, pdf) {
      return newJobId(
        await ask({
          operation: OPERATION.printJob,
          attributes: [jobName(request.name), format],
          jobAttributes: jobAttributes(request),
          data: pdf,
          timeoutMs: SENDING_TIMEOUT_MS,
        }),
      );
    },

    async cancel(id) {
      const answer = await ask({ operation: OPERATION.cancelJob, attributes: [target(id)] });
      return answer.ok ? ok(undefined) : answer;
    },

    // How long jobs are remembered is the printer's own business.
    settled: () => undefined,

    async close() {
      ipp.close();
    },
  };
};
