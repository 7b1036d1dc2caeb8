/** Looks at the printer for as long as the driver lives, and keeps what a job would otherwise have to ask first. */

import type { Clock } from '../device.ts';
import { backoffMs } from '../supervisor.ts';
import { type CertificatePrinterCapabilities, unknownCapabilities } from './capabilities.ts';
import type { Asked, JobReport, PrinterKnowledge, PrinterReport, PrintService } from './print-service.ts';
import { type CertificatePrinterStatus, sameStatus, stemOf, toStatus, unknownStatus } from './state.ts';

export interface PrinterWatch {
  /** The service, every lost answer of which is noticed here. */
  readonly service: PrintService;
  readonly status: CertificatePrinterStatus;
  readonly capabilities: CertificatePrinterCapabilities;
  /** Asks the printer for its state unless what is known is younger; reports it as the device's status. */
  refresh(maxAgeMs?: number): Promise<PrinterReport | null>;
  /** Asks what the printer can do. */
  learn(): Promise<PrinterKnowledge | null>;
  /** Asks for the jobs of this user. */
  list(): Asked<readonly JobReport[]>;
  /**
   * What a job needs to know, if all of it is known: the printer has answered just now and takes jobs, creates them
   * before it gets the document, and has been listed since the last lost answer without a job of this name.
   */
  foresee(jobName: string): PrinterKnowledge | null;
  /** A job of this name may exist from now on. */
  note(jobName: string): void;
  /** Resolves when the looking has ended, after `closing`. */
  readonly ended: Promise<void>;
}

export interface PrinterWatchOptions {
  readonly service: PrintService;
  readonly protocol: CertificatePrinterCapabilities['protocol'];
  readonly clock: Clock;
  readonly random: () => number;
  readonly pollIntervalMs: number;
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly closing: AbortSignal;
  /** Called on changes only. */
  readonly onStatus: (status: CertificatePrinterStatus) => void;
}

/** A single lost answer is a hiccup; the second in a row is a printer that does not answer. */
const LOST_ANSWERS = 2;
/** A CUPS queue says this for a moment at the start of every job; only when it lasts is its printer away. */
const CONNECTING = 'connecting-to-device';
const CONNECTING_GRACE_MS = 5_000;

export const watchPrinter = (options: PrinterWatchOptions): PrinterWatch => {
  const { protocol, clock, random, pollIntervalMs, pause, closing, onStatus } = options;
  let status = unknownStatus('starting');
  let capabilities = unknownCapabilities(protocol);
  let lost = 0;
  let connectingSince: number | null = null;
  let knowledge: PrinterKnowledge | null = null;
  let latest: { readonly report: PrinterReport; readonly at: number } | null = null;
  /** Names of all jobs there may be; null until they have been listed, `unlisted` by a printer that lists none. */
  let names: Set<string> | 'unlisted' | null = null;
  /** Names that jobs were given here. Only this driver makes jobs of its names. */
  const noted = new Set<string>();
  let losses = 0;

  const forget = (): void => {
    losses += 1;
    knowledge = null;
    latest = null;
    names = null;
  };
  const service = noticingLoss(options.service, forget);

  const tell = (next: CertificatePrinterStatus): void => {
    if (closing.aborted || sameStatus(status, next)) return;
    status = next;
    onStatus(next);
  };

  const withoutPassingConnection = (seen: PrinterReport): PrinterReport => {
    const connecting = seen.reasons.some((reason) => stemOf(reason) === CONNECTING);
    connectingSince = connecting ? (connectingSince ?? clock.monotonic()) : null;
    if (connectingSince === null || clock.monotonic() - connectingSince > CONNECTING_GRACE_MS) return seen;
    return { ...seen, reasons: seen.reasons.filter((reason) => stemOf(reason) !== CONNECTING) };
  };

  const see = (report: PrinterReport): PrinterReport => {
    const before = latest?.report.upTime;
    if (before !== undefined && report.upTime !== undefined && report.upTime < before) forget();
    lost = 0;
    const seen = withoutPassingConnection(report);
    latest = { report: seen, at: clock.monotonic() };
    tell(toStatus(seen.state, seen.reasons, seen));
    return seen;
  };

  const miss = (kind: string): null => {
    lost += 1;
    if (kind === 'not-reached') tell(unknownStatus('noDevice'));
    else if (lost >= LOST_ANSWERS) tell(unknownStatus('offline'));
    return null;
  };

  const refresh = async (maxAgeMs = 0): Promise<PrinterReport | null> => {
    if (latest && clock.monotonic() - latest.at < maxAgeMs) return latest.report;
    const answer = await service.report();
    return answer.ok ? see(answer.value) : miss(answer.error.kind);
  };

  const learn = async (): Promise<PrinterKnowledge | null> => {
    const answer = await service.knowledge();
    if (!answer.ok) return miss(answer.error.kind);
    const report = see(answer.value.report);
    knowledge = { ...answer.value, report };
    capabilities = knowledge.capabilities;
    return knowledge;
  };

  const list: PrinterWatch['list'] = async () => {
    const asked = losses;
    const jobs = await service.jobs();
    if (asked !== losses) return jobs;
    if (jobs.ok) names = new Set(jobs.value.map((job) => job.name));
    else if (jobs.error.kind !== 'later') names = 'unlisted';
    return jobs;
  };

  const look = async (): Promise<boolean> => {
    const seen = knowledge === null ? (await learn())?.report : await refresh();
    if (!seen) return false;
    // Read again through the variable: `see` forgets everything of a printer that has been started anew.
    const known: PrinterKnowledge | null = knowledge;
    if (known === null || known.report.configuration !== seen.configuration) await learn();
    if (names === null) await list();
    return true;
  };

  const watch = async (): Promise<void> => {
    for (let misses = 0; !closing.aborted; ) {
      misses = (await look()) ? 0 : misses + 1;
      const ms = misses === 0 ? pollIntervalMs : Math.max(pollIntervalMs, backoffMs(misses - 1, random));
      await pause(ms, closing);
    }
  };

  return {
    service,
    get status() {
      return status;
    },
    get capabilities() {
      return capabilities;
    },
    refresh,
    learn,
    list,
    foresee(jobName) {
      const fresh = latest !== null && clock.monotonic() - latest.at <= 2 * pollIntervalMs;
      if (!fresh || !latest?.report.acceptsJobs || !knowledge?.createsFirst) return null;
      const unheardOf = names instanceof Set && !names.has(jobName) && !noted.has(jobName);
      return unheardOf ? knowledge : null;
    },
    note(jobName) {
      noted.add(jobName);
    },
    ended: watch(),
  };
};

/** The service, with `onLoss` called for every answer that did not come. */
const noticingLoss = (service: PrintService, onLoss: () => void): PrintService => {
  const noticed = async <T>(asked: Asked<T>): Asked<T> => {
    const answer = await asked;
    if (!answer.ok && (answer.error.kind === 'lost' || answer.error.kind === 'not-reached')) onLoss();
    return answer;
  };
  return {
    report: () => noticed(service.report()),
    knowledge: () => noticed(service.knowledge()),
    jobs: () => noticed(service.jobs()),
    job: (id) => noticed(service.job(id)),
    createJob: (request) => noticed(service.createJob(request)),
    sendDocument: (id, pdf) => noticed(service.sendDocument(id, pdf)),
    printJob: (request, pdf) => noticed(service.printJob(request, pdf)),
    cancel: (id) => noticed(service.cancel(id)),
    settled: (id) => service.settled(id),
    close: () => service.close(),
  };
};
