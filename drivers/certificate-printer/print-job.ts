/**
 * One certificate from intent to sheet. "Sent" is not "printed", and nothing is printed twice: whenever an answer is
 * lost, the printer is asked what became of the job before anything else is done.
 */

import { countsSheets, isProvenEmpty } from './job-end.ts';
import { followJob } from './job-follower.ts';
import { type PrintEnvironment, type PrintOptions, type PrintOutcome, printError } from './print-outcome.ts';
import { type AskFailure, isActive, isFinal, JOB_STATE, type PrinterKnowledge } from './print-service.ts';

/** RFC 8011: name(MAX) is 255 octets. */
const MAX_NAME_BYTES = 255;
/** Between the two looks that prove a job absent: a printer registers what it has received well within this. */
const ABSENCE_MS = 2_000;

/** The job was created, and its document never came (RFC 8011 5.3.8): the kiosk stopped in between. */
const WITHOUT_DOCUMENT: readonly string[] = ['job-data-insufficient', 'job-incoming'];

const notSent = ({ whyAborted }: PrintOptions): PrintOutcome =>
  whyAborted() === 'timeOut'
    ? printError('failed', 'timeOut', 'not-sent', 'the time was over before the document was sent')
    : printError('failed', 'canceled', 'not-sent', 'canceled before the document was sent');

const invalid = (detail: string): PrintOutcome =>
  printError('failed', 'invalidData', 'invalid-request', detail);

/** What was known about the printer just before a document was sent. */
interface Before {
  readonly knowledge: PrinterKnowledge;
  /** Jobs with our name that ended earlier without a sheet: not the one we are about to send. */
  readonly setAside: ReadonlySet<number>;
  readonly newestJob: number | undefined;
}

/** How an attempt to send ended: with a result, or with nothing sent and a new attempt allowed. */
type Attempt = PrintOutcome | 'again';

/** Prints, once. Never throws on anything a printer or a network may do. */
export const printJob = async (
  environment: PrintEnvironment,
  options: PrintOptions,
): Promise<PrintOutcome> => {
  const { watch, pause, backoffMs, tell } = environment;
  const { jobName, signal, copies, pdf } = options;
  const nameBytes = new TextEncoder().encode(jobName).length;
  if (
    pdf.length === 0 ||
    nameBytes === 0 ||
    nameBytes > MAX_NAME_BYTES ||
    !Number.isInteger(copies) ||
    copies < 1
  ) {
    return invalid('the job needs a document, a name of 1-255 bytes and at least 1 copy');
  }
  /** Jobs created by this call which never got a document: they cannot print. */
  const orphans = new Set<number>();
  for (let attempt = 0; ; attempt += 1) {
    if (attempt > 0) await pause(backoffMs(attempt - 1), signal);
    if (signal.aborted) return notSent(options);
    tell({ phase: 'waiting' });
    const foreseen = options.doubt ? null : watch.foresee(jobName);
    const before = foreseen
      ? { knowledge: foreseen, setAside: orphans, newestJob: undefined }
      : await lookBefore(environment, options, orphans);
    if (before === 'again') continue;
    if (!('knowledge' in before)) return before;
    const { capabilities, createsFirst } = before.knowledge;
    if (capabilities.pdf === false) {
      return printError('failed', 'unsupportedCommand', 'pdf-unsupported', 'the printer does not take PDF');
    }
    if (capabilities.maxCopies !== null && copies > capabilities.maxCopies) {
      return invalid(`the printer makes at most ${capabilities.maxCopies} copies of one job`);
    }
    if (signal.aborted) return notSent(options);
    tell({ phase: 'sending' });
    watch.note(jobName);
    const result = createsFirst
      ? await createAndSend(environment, options, before, orphans)
      : await sendAtOnce(environment, options, before);
    if (result !== 'again') return result;
  }
};

/** Asks the printer everything that must be known before a job of this name may be made. */
const lookBefore = async (
  environment: PrintEnvironment,
  options: PrintOptions,
  orphans: ReadonlySet<number>,
): Promise<Before | Attempt> => {
  const { watch } = environment;
  const { jobName, doubt } = options;
  const knowledge = await watch.learn();
  if (!knowledge?.report.acceptsJobs) return 'again';
  const known = await watch.list();
  // A printer that does not list its jobs is taken at its word; one that does not answer now is asked again.
  if (!known.ok && !isFinal(known.error)) return 'again';
  const jobs = known.ok ? known.value : [];
  const named = jobs.filter((job) => job.name === jobName && !orphans.has(job.id));
  // The name is the intent. What an earlier attempt (before a restart, say) has sent is followed, not sent again.
  const earlier = named.find((job) => isActive(job) || job.state === JOB_STATE.completed);
  if (earlier) {
    return followJob(environment, {
      ...options,
      id: earlier.id,
      setAside: new Set(),
      documentDoubtful: earlier.reasons.some((reason) => WITHOUT_DOCUMENT.includes(reason)),
    });
  }
  if (doubt) return doubt;
  const counts = countsSheets(jobs);
  const doubtful = named.find((job) => !isProvenEmpty(job, counts));
  if (doubtful) {
    const detail = `job ${doubtful.id} of this name ended without success, and a sheet may have come out`;
    return printError('unknown', 'hardwareError', 'outcome-unknown', detail);
  }
  return {
    knowledge,
    setAside: new Set([...orphans, ...named.map((job) => job.id)]),
    newestJob: jobs.length > 0 ? Math.max(...jobs.map((job) => job.id)) : undefined,
  };
};

const refused = (failure: AskFailure): Attempt =>
  isFinal(failure)
    ? printError('failed', 'commandErrorCode', 'rejected', `the printer refused the job: ${failure.detail}`)
    : 'again';

/**
 * Create-Job first: the job's number is known before a byte of the document leaves, so the document is sent for one
 * job only, and what became of it can always be asked for by number. A job whose Create-Job answer was lost has no
 * document, cannot print, and is left behind for good.
 */
const createAndSend = async (
  environment: PrintEnvironment,
  options: PrintOptions,
  { setAside }: Before,
  orphans: Set<number>,
): Promise<Attempt> => {
  const { pause, backoffMs, tell } = environment;
  const { service } = environment.watch;
  const { signal, pdf, jobName, copies } = options;
  const created = await service.createJob({ name: jobName, copies });
  if (!created.ok) {
    if (created.error.kind === 'lost') await leaveOrphans(environment, options, setAside, orphans);
    return refused(created.error);
  }
  const id = created.value;
  for (let attempt = 0; ; attempt += 1) {
    if (signal.aborted) {
      await service.cancel(id);
      return notSent(options);
    }
    tell({ phase: 'sending', jobId: id });
    const sent = await service.sendDocument(id, pdf);
    if (sent.ok) return followJob(environment, { ...options, id, setAside, documentDoubtful: false });
    // Refused for good after "come again later": perhaps it has the document already.
    if (sent.error.kind === 'lost' || (attempt > 0 && isFinal(sent.error))) {
      return followJob(environment, { ...options, id, setAside, documentDoubtful: true });
    }
    if (isFinal(sent.error)) {
      await service.cancel(id);
      const detail = `the printer refused the document: ${sent.error.detail}`;
      return printError('failed', 'commandErrorCode', 'rejected', detail);
    }
    await pause(backoffMs(attempt), signal);
  }
};

/** Finds the job whose Create-Job answer was lost and cancels it. Waits until the printer can be asked. */
const leaveOrphans = async (
  { watch: { service }, pause, backoffMs }: PrintEnvironment,
  { signal, jobName }: PrintOptions,
  setAside: ReadonlySet<number>,
  orphans: Set<number>,
): Promise<void> => {
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    const jobs = await service.jobs();
    if (jobs.ok) {
      const left = jobs.value.filter((job) => job.name === jobName && !setAside.has(job.id));
      for (const job of left) {
        orphans.add(job.id);
        await service.cancel(job.id);
      }
      return;
    }
    if (isFinal(jobs.error)) return;
    await pause(backoffMs(attempt), signal);
  }
};

/** Print-Job: document and job in one request, for printers without Create-Job. */
const sendAtOnce = async (
  environment: PrintEnvironment,
  options: PrintOptions,
  before: Before,
): Promise<Attempt> => {
  const { pdf, jobName, copies } = options;
  const sent = await environment.watch.service.printJob({ name: jobName, copies }, pdf);
  if (sent.ok) {
    return followJob(environment, {
      ...options,
      id: sent.value,
      setAside: before.setAside,
      documentDoubtful: false,
    });
  }
  return sent.error.kind === 'lost' ? find(environment, options, before) : refused(sent.error);
};

/**
 * A Print-Job was sent and its answer lost. Found by name: it is followed. Not found: it may be sent again only if
 * the printer proves that it never got it, which takes all of these: it has not been restarted since (its up-time has
 * not gone back); its list still shows the newest job from before (lists drop the oldest first, so ours would still
 * be there); and two looks, two seconds apart, agree. Anything less is `unknown`.
 */
const find = async (
  environment: PrintEnvironment,
  options: PrintOptions,
  before: Before,
): Promise<Attempt> => {
  const { pause, backoffMs, tell } = environment;
  const { service } = environment.watch;
  const { signal, jobName, whyAborted } = options;
  const unknown = (detail: string): PrintOutcome =>
    printError('unknown', signal.aborted ? whyAborted() : 'hardwareError', 'outcome-unknown', detail);
  let absences = 0;
  for (let attempt = 0; ; attempt += 1) {
    if (signal.aborted) return unknown('canceled while the connection was lost');
    tell({ phase: 'lost' });
    const jobs = await service.jobs();
    const report = jobs.ok ? await service.report() : jobs;
    if (!jobs.ok || !report.ok) {
      const failure = jobs.ok ? report : jobs;
      if (!failure.ok && isFinal(failure.error)) {
        return unknown(`the answer was lost and the printer does not tell: ${failure.error.detail}`);
      }
      await pause(backoffMs(attempt), signal);
      continue;
    }
    const found = jobs.value.find((job) => job.name === jobName && !before.setAside.has(job.id));
    if (found) {
      return followJob(environment, {
        ...options,
        id: found.id,
        setAside: before.setAside,
        documentDoubtful: true,
      });
    }
    const upBefore = before.knowledge.report.upTime;
    const upNow = report.value.upTime;
    const sameRun = upBefore !== undefined && upNow !== undefined && upNow >= upBefore;
    const witness = jobs.value.some((job) => job.id === before.newestJob);
    if (!sameRun || !witness)
      return unknown('the answer was lost and the printer cannot tell what became of the job');
    absences += 1;
    if (absences >= 2) return 'again';
    await pause(ABSENCE_MS, signal);
  }
};
