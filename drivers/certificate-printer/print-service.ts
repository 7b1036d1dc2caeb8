/**
 * What the driver asks of whatever carries its jobs: an IPP printer, a CUPS queue or the Windows spooler. States and
 * reasons are IPP's (RFC 8011), whoever tells them, so that what they mean is decided once.
 */

import type { Result } from '../device.ts';
import type { CertificatePrinterCapabilities } from './capabilities.ts';
import type { InputTray, Supply } from './supplies.ts';

/** RFC 8011 5.3.7 */
export const JOB_STATE = {
  pending: 3,
  held: 4,
  processing: 5,
  stopped: 6,
  canceled: 7,
  aborted: 8,
  completed: 9,
} as const;

/** RFC 8011 5.4.11 */
export const PRINTER_STATE = { idle: 3, processing: 4, stopped: 5 } as const;

/** The printer at one moment. */
export interface PrinterReport {
  /** One of `PRINTER_STATE`, if told. */
  readonly state: number | undefined;
  /** As `printer-state-reasons` (RFC 8011 5.4.12). */
  readonly reasons: readonly string[];
  readonly acceptsJobs: boolean;
  /** Seconds since it was started, if told. */
  readonly upTime: number | undefined;
  readonly supplies: readonly Supply[];
  readonly trays: readonly InputTray[];
  /** Another text than before: what the printer can do may have changed. */
  readonly configuration: string;
}

/** What is asked once, and again when the printer comes back or its configuration changes. */
export interface PrinterKnowledge {
  readonly report: PrinterReport;
  readonly capabilities: CertificatePrinterCapabilities;
  /** A job is created first and gets its document then, so that its number is known before a byte of it leaves. */
  readonly createsFirst: boolean;
}

export interface JobReport {
  readonly id: number;
  readonly name: string;
  /** One of `JOB_STATE`. */
  readonly state: number;
  readonly reasons: readonly string[];
  /** Sheets or impressions that have come out, if told. */
  readonly sheets: number | undefined;
  /** Whether the printer has ever begun to process it, if told. */
  readonly begun: boolean | undefined;
}

/** Why a question has no answer, or a request was not carried out. */
export interface AskFailure {
  /**
   * `not-reached`: no connection, so nothing was seen of it. `lost`: anything may have been seen. `later`: refused for
   * now, nothing was taken. `unsupported`: it does not know this operation. `refused`: refused for good.
   */
  readonly kind: 'not-reached' | 'lost' | 'later' | 'unsupported' | 'refused';
  /** One sentence for a technician. */
  readonly detail: string;
}

/** Refused for good, as opposed to for now. */
export const isFinal = ({ kind }: AskFailure): boolean => kind === 'refused' || kind === 'unsupported';

export type Asked<T> = Promise<Result<T, AskFailure>>;

export interface JobRequest {
  readonly name: string;
  readonly copies: number;
}

/** A call may be made at any time, also while another one is under way. */
export interface PrintService {
  report(): Asked<PrinterReport>;
  knowledge(): Asked<PrinterKnowledge>;
  /** This user's jobs, waiting ones first: a job that ends in between is told at least once. */
  jobs(): Asked<readonly JobReport[]>;
  /** `null`: the printer does not know this job. */
  job(id: number): Asked<JobReport | null>;
  /** A job without a document; it cannot print. The number is the job's. */
  createJob(request: JobRequest): Asked<number>;
  sendDocument(id: number, pdf: Uint8Array): Asked<void>;
  /** Job and document in one, for services that do not create first. */
  printJob(request: JobRequest, pdf: Uint8Array): Asked<number>;
  cancel(id: number): Asked<void>;
  /** The job is delivered, and that is told. Those delivered before it need not be remembered any longer. */
  settled(id: number): void;
  /** Ends every call under way; resolves when nothing of it is left. */
  close(): Promise<void>;
}

export const isActive = (job: JobReport): boolean => job.state < JOB_STATE.canceled;
