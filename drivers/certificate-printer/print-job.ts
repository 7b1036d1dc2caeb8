/**
 * One certificate from intent to sheet. "Sent" is not "printed", and nothing is printed twice: whenever an answer is
 * lost, the printer is asked what became of the job before anything else is done.
 */

import { isComeBackLater, JOB_STATE, STATUS } from './ipp-terms.ts';
import { followJob } from './job-follower.ts';
import { type PrintEnvironment, type PrintOptions, type PrintOutcome, printError } from './print-outcome.ts';
import { type AskFailure, type Capabilities, isActive } from './printer-client.ts';

/** RFC 8011: name(MAX) is 255 octets. */
const MAX_NAME_BYTES = 255;
/** Between the two looks that prove a job absent: a printer registers what it has received well within this. */
const ABSENCE_MS = 2_000;

const notSent = (): PrintOutcome =>
  printError('failed', 'canceled', 'not-sent', 'canceled before the document was sent');

/** What was known about the printer just before a document was sent. */
interface Before {
  readonly capabilities: Capabilities;
  /** Jobs with our name that ended without success earlier: not the one we are about to send. */
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
  const { client, pause, backoffMs, tell } = environment;
  const { jobName, signal, copies, pdf } = options;
  const nameBytes = new TextEncoder().encode(jobName).length;
  if (
    pdf.length === 0 ||
    nameBytes === 0 ||
    nameBytes > MAX_NAME_BYTES ||
    !Number.isInteger(copies) ||
    copies < 1
  ) {
    return printError(
      'failed',
      'invalidData',
      'invalid-request',
      'the job needs a document, a name of 1-255 bytes and at least 1 copy',
    );
  }
  /** Jobs created by this call which never got a document: they cannot print. */
  const orphans = new Set<number>();
  for (let attempt = 0; ; attempt += 1) {
    if (attempt > 0) await pause(backoffMs(attempt - 1), signal);
    if (signal.aborted) return notSent();
    tell({ phase: 'waiting' });
    const capabilities = await client.capabilities();
    await environment.refresh();
    if (!capabilities.ok || !capabilities.value.report.acceptsJobs) continue;
    if (!capabilities.value.pdf) {
      return printError('failed', 'unsupportedCommand', 'pdf-unsupported', 'the printer does not take PDF');
    }
    const known = await client.jobs();
    if (!known.ok && known.error.kind !== 'refused') continue;
    const jobs = known.ok ? known.value : [];
    const named = jobs.filter((job) => job.name === jobName && !orphans.has(job.id));
    const setAside = new Set([...orphans, ...named.map((job) => job.id)]);
    // The name is the intent. What an earlier attempt (before a restart, say) has sent is followed, not sent again.
    const earlier = named.find((job) => isActive(job) || job.state === JOB_STATE.completed);
    if (earlier)
      return followJob(environment, {
        ...options,
        id: earlier.id,
        setAside: new Set(),
        documentDoubtful: false,
      });
    if (signal.aborted) return notSent();
    const newestJob = jobs.length > 0 ? Math.max(...jobs.map((job) => job.id)) : undefined;
    const before: Before = { capabilities: capabilities.value, setAside, newestJob };
    tell({ phase: 'sending' });
    const result = capabilities.value.createJob
      ? await createAndSend(environment, options, before, orphans)
      : await sendAtOnce(environment, options, before);
    if (result !== 'again') return result;
  }
};

const refused = (failure: AskFailure): Attempt =>
  failure.kind === 'refused' && !isComeBackLater(failure.code)
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
  { capabilities, setAside }: Before,
  orphans: Set<number>,
): Promise<Attempt> => {
  const { client, pause, backoffMs, tell } = environment;
  const { signal, pdf, jobName, copies } = options;
  const created = await client.createJob({
    name: jobName,
    copies,
    jobAttributes: capabilities.jobAttributes,
  });
  if (!created.ok) {
    if (created.error.kind === 'lost') await leaveOrphans(environment, options, setAside, orphans);
    return refused(created.error);
  }
  const id = created.value;
  for (let attempt = 0; ; attempt += 1) {
    if (signal.aborted) {
      await client.cancel(id);
      return notSent();
    }
    tell({ phase: 'sending', jobId: id });
    const sent = await client.sendDocument(id, pdf);
    if (sent.ok) return followJob(environment, { ...options, id, setAside, documentDoubtful: false });
    if (sent.error.kind === 'lost') {
      return followJob(environment, { ...options, id, setAside, documentDoubtful: true });
    }
    if (sent.error.kind === 'refused' && !isComeBackLater(sent.error.code)) {
      await client.cancel(id);
      const detail = `the printer refused the document: ${sent.error.detail}`;
      return printError('failed', 'commandErrorCode', 'rejected', detail);
    }
    await pause(backoffMs(attempt), signal);
  }
};

/** Finds the job whose Create-Job answer was lost and cancels it. Waits until the printer can be asked. */
const leaveOrphans = async (
  { client, pause, backoffMs }: PrintEnvironment,
  { signal, jobName }: PrintOptions,
  setAside: ReadonlySet<number>,
  orphans: Set<number>,
): Promise<void> => {
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    const jobs = await client.jobs();
    if (jobs.ok) {
      const left = jobs.value.filter((job) => job.name === jobName && !setAside.has(job.id));
      for (const job of left) {
        orphans.add(job.id);
        await client.cancel(job.id);
      }
      return;
    }
    if (jobs.error.kind === 'refused') return;
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
  const { jobAttributes } = before.capabilities;
  const sent = await environment.client.printJob({ name: jobName, copies, pdf, jobAttributes });
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
  const { client, pause, backoffMs, tell } = environment;
  const { signal, jobName } = options;
  const unknown = (detail: string): PrintOutcome =>
    printError('unknown', signal.aborted ? 'canceled' : 'hardwareError', 'outcome-unknown', detail);
  let absences = 0;
  for (let attempt = 0; ; attempt += 1) {
    if (signal.aborted) return unknown('canceled while the connection was lost');
    tell({ phase: 'lost' });
    const jobs = await client.jobs();
    const report = jobs.ok ? await client.report() : jobs;
    if (!jobs.ok || !report.ok) {
      const failure = jobs.ok ? report : jobs;
      if (
        !failure.ok &&
        failure.error.kind === 'refused' &&
        failure.error.code === STATUS.operationNotSupported
      ) {
        return unknown('the answer was lost and the printer does not list its jobs');
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
    const upBefore = before.capabilities.report.upTime;
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
