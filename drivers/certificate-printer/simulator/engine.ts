/** The works of the simulated certificate printer: jobs, paper, faults and time; no network. */

import type { Clock, Unsubscribe } from '../../device.ts';
import { JOB_STATE, PRINTER_STATE } from '../print-service.ts';

/**
 * `paper-out`, `tray-missing`, `jam`, `cover-open`, `toner-empty`, `output-full`, `overheated`, `paused` stop the sheet
 * that is being printed; it comes out, once, after mending. `paper-low`, `toner-low` are warnings. `busy`: takes no new
 * jobs for now. `slow`: answers late. `silent`: takes connections and never answers. `lying`: calls the job completed
 * although its sheet is stuck. `unplugged`: power gone; jobs are kept.
 */
export type CertificatePrinterFault =
  | 'paper-out'
  | 'paper-low'
  | 'tray-missing'
  | 'jam'
  | 'cover-open'
  | 'toner-low'
  | 'toner-empty'
  | 'output-full'
  | 'overheated'
  | 'paused'
  | 'busy'
  | 'slow'
  | 'silent'
  | 'lying'
  | 'unplugged';

interface FaultFacts {
  readonly stops?: true;
  readonly reasons?: readonly string[];
  /** Percent. */
  readonly toner?: number;
  /** Sheets in the tray. */
  readonly sheets?: number;
}

const FAULTS: Record<CertificatePrinterFault, FaultFacts> = {
  'paper-out': { stops: true, reasons: ['media-empty-error', 'media-needed-error'], sheets: 0 },
  'paper-low': { reasons: ['media-low-warning'], sheets: 5 },
  'tray-missing': { stops: true, reasons: ['input-tray-missing-error'], sheets: 0 },
  jam: { stops: true, reasons: ['media-jam-error'] },
  'cover-open': { stops: true, reasons: ['cover-open-error'] },
  'toner-low': { reasons: ['toner-low-warning'], toner: 8 },
  'toner-empty': { stops: true, reasons: ['toner-empty-error'], toner: 0 },
  'output-full': { stops: true, reasons: ['output-area-full-warning'] },
  overheated: { stops: true, reasons: ['fuser-over-temp-error'] },
  paused: { stops: true, reasons: ['paused'] },
  busy: {},
  slow: {},
  silent: {},
  lying: { reasons: ['media-jam-error'] },
  unplugged: { stops: true },
};
const TONER_PERCENT = 75;
const SHEETS = 250;

export const CERTIFICATE_PRINTER_FAULTS = Object.keys(FAULTS) as readonly CertificatePrinterFault[];

/** What has come out: all sheets of one job. */
export interface PrintedPage {
  readonly id: number;
  readonly name: string;
  readonly copies: number;
  readonly pdf: Uint8Array;
}

export interface SimulatedJob {
  readonly id: number;
  readonly name: string;
  readonly user: string;
  readonly copies: number;
  state: number;
  reasons: string[];
  /** When it was begun, as `upTime`; null until then. */
  begunAt: number | null;
  sheetsOut: number;
  sheets: number;
  pdf: Uint8Array | null;
}

/** Ended jobs that are remembered. */
const HISTORY = 200;

/** Pages of a PDF, counted without parsing it; a document that hides them in streams counts as one. */
const countPages = (pdf: Uint8Array): number =>
  Buffer.from(pdf)
    .toString('latin1')
    .match(/\/Type\s*\/Page(?![a-zA-Z])/g)?.length ?? 1;

export const isEnded = (job: SimulatedJob): boolean => job.state >= JOB_STATE.canceled;

export type PrinterEngine = ReturnType<typeof createPrinterEngine>;

export const createPrinterEngine = (clock: Clock, pagesPerMinute: number) => {
  const sheetMs = 60_000 / pagesPerMinute;
  const listeners = new Set<(page: PrintedPage) => void>();
  let jobs: SimulatedJob[] = [];
  let fault: CertificatePrinterFault | null = null;
  let startedAt = clock.monotonic();
  let lastId = 0;
  let sheetsOut = 0;
  let cancelSheet: (() => void) | null = null;

  const upTime = (): number => 1 + Math.floor((clock.monotonic() - startedAt) / 1000);
  const facts = (): FaultFacts => (fault ? FAULTS[fault] : {});
  const isStopped = (): boolean => facts().stops === true;
  const current = (): SimulatedJob | undefined => jobs.find((job) => !isEnded(job) && job.pdf !== null);

  const end = (job: SimulatedJob, state: number, reason: string): void => {
    job.state = state;
    job.reasons = [reason];
    const ended = jobs.filter(isEnded);
    const forgotten = new Set(ended.slice(0, Math.max(0, ended.length - HISTORY)));
    jobs = jobs.filter((each) => !forgotten.has(each));
  };

  const sheetOut = (job: SimulatedJob): void => {
    cancelSheet = null;
    job.sheetsOut += 1;
    sheetsOut += 1;
    if (job.sheetsOut < job.sheets || job.pdf === null) return;
    end(job, JOB_STATE.completed, 'job-completed-successfully');
    const page: PrintedPage = { id: job.id, name: job.name, copies: job.copies, pdf: job.pdf };
    for (const listener of [...listeners]) listener(page);
  };

  const run = (): void => {
    const job = current();
    if (!job || cancelSheet) return;
    if (isStopped()) {
      if (job.state === JOB_STATE.processing) job.state = JOB_STATE.stopped;
      job.reasons = ['printer-stopped'];
      return;
    }
    job.state = JOB_STATE.processing;
    job.reasons = ['job-printing'];
    job.begunAt ??= upTime();
    cancelSheet = clock.after(sheetMs, () => {
      if (fault === 'lying') swallow(job);
      else sheetOut(job);
      run();
    });
  };

  /** Called completed; nothing has come out. */
  const swallow = (job: SimulatedJob): void => {
    cancelSheet = null;
    end(job, JOB_STATE.completed, 'job-completed-successfully');
  };

  /** The sheet that was on its way is printed anew from the printer's memory. */
  const stopSheet = (): void => {
    cancelSheet?.();
    cancelSheet = null;
  };

  return {
    get jobs(): readonly SimulatedJob[] {
      return jobs;
    },
    /** Whole seconds since power-on, at least 1 (RFC 8011 5.4.29). */
    get upTime(): number {
      return upTime();
    },
    get reasons(): readonly string[] {
      return facts().reasons ?? ['none'];
    },
    /** All sheets of all jobs so far. */
    get sheetsOut(): number {
      return sheetsOut;
    },
    get busy(): boolean {
      return fault === 'busy';
    },
    /** Percent of the toner, sheets in the tray. */
    get levels(): { readonly toner: number; readonly sheets: number } {
      return { toner: facts().toner ?? TONER_PERCENT, sheets: facts().sheets ?? SHEETS };
    },
    get state(): number {
      if (isStopped()) return PRINTER_STATE.stopped;
      return current() ? PRINTER_STATE.processing : PRINTER_STATE.idle;
    },
    /** A job waiting for its document. */
    create(name: string, user: string, copies: number): SimulatedJob {
      lastId += 1;
      const job: SimulatedJob = {
        id: lastId,
        name,
        user,
        copies,
        state: JOB_STATE.held,
        reasons: ['job-data-insufficient'],
        begunAt: null,
        sheetsOut: 0,
        sheets: copies,
        pdf: null,
      };
      jobs = [...jobs, job];
      return job;
    },
    /** Hands the job its document; false when it has one or has ended. */
    give(job: SimulatedJob, pdf: Uint8Array): boolean {
      if (job.pdf !== null || isEnded(job)) return false;
      job.pdf = pdf;
      job.sheets = job.copies * countPages(pdf);
      job.state = JOB_STATE.pending;
      job.reasons = ['none'];
      run();
      return true;
    },
    /** False when the job has ended. */
    cancel(job: SimulatedJob): boolean {
      if (isEnded(job)) return false;
      const printing = current() === job;
      end(job, JOB_STATE.canceled, 'job-canceled-by-user');
      if (printing) stopSheet();
      run();
      return true;
    },
    fault(name: CertificatePrinterFault | null): void {
      if (fault === 'unplugged' && name !== 'unplugged') startedAt = clock.monotonic();
      fault = name;
      if (isStopped()) stopSheet();
      run();
    },
    onPage(listener: (page: PrintedPage) => void): Unsubscribe {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: stopSheet,
  };
};
