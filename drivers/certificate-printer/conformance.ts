import {
  type Check,
  type CheckResult,
  fail,
  failed,
  type Hands,
  ONLINE_WITHIN_MS,
  passed,
  skip,
  verdictOf,
} from '../conformance/index.ts';
import type { Clock } from '../device.ts';
import type { CertificatePrinter } from './driver.ts';
import type { CertificatePrinterEvent } from './events.ts';
import type { PrintOutcome } from './print-outcome.ts';
import { samplePage } from './sample-page.ts';
import type { CertificatePrinterStatus } from './state.ts';

/**
 * What hands do at a printer. `jam-paper` may jam the next sheet only. After `empty-tray`, `jam-paper` and `unplug` the
 * task that undoes it follows.
 */
export type CertificatePrinterTask =
  | 'empty-tray'
  | 'fill-tray'
  | 'jam-paper'
  | 'clear-jam'
  | 'unplug'
  | 'plug-in';

export interface CertificatePrinterContext {
  /** Opens the printer; each check closes what it opens. */
  readonly open: () => CertificatePrinter;
  readonly clock: Clock;
  readonly hands: Hands<CertificatePrinterTask>;
  /** Begins the names of the jobs, which must be new to the printer; no personal data. */
  readonly run: string;
  /** How long printing, or a person, may take, milliseconds. */
  readonly patienceMs?: number;
}

const PATIENCE_MS = 120_000;

/** One check's printer and what is needed to write a check down in one line after another. */
interface Desk {
  readonly printer: CertificatePrinter;
  readonly patienceMs: number;
  /** Another driver for the same printer, as after a restart of the kiosk. */
  restart(): CertificatePrinter;
  /** The same for the same name. */
  jobName(name: string): string;
  print(name: string, printer?: CertificatePrinter): Promise<PrintOutcome>;
  /** Ends the check as skipped if it cannot be done. */
  hands(task: CertificatePrinterTask): Promise<void>;
  /** Whether the status was like this, in time. */
  shows(want: (status: CertificatePrinterStatus) => boolean, withinMs: number): Promise<boolean>;
}

const isOnline = ({ device }: CertificatePrinterStatus): boolean => device === 'online';

const setUp = ({ open, clock, hands, run, patienceMs = PATIENCE_MS }: CertificatePrinterContext) => {
  const opened = [open()];
  const [printer] = opened as [CertificatePrinter];
  const jobName = (name: string): string => `${run}-${name}`;
  const desk: Desk = {
    printer,
    patienceMs,
    jobName,
    restart() {
      const another = open();
      opened.push(another);
      return another;
    },
    print: (name, by = printer) =>
      by.print({ pdf: samplePage(), jobName: jobName(name), copies: 1, timeoutMs: patienceMs }),
    async hands(task) {
      if (!(await hands(task))) skip(`nobody could do it: ${task}`);
    },
    shows: (want, withinMs) =>
      new Promise((resolve) => {
        const settle = (is: boolean): void => {
          stop();
          cancel();
          resolve(is);
        };
        const cancel = clock.after(withinMs, () => settle(false));
        const stop = printer.onStatus((status) => {
          if (want(status)) settle(true);
        });
        if (want(printer.status)) settle(true);
      }),
  };
  const close = async (): Promise<void> => {
    for (const each of opened) await each.close();
  };
  return { desk, close };
};

/** The number of the delivered job. */
const deliveredJob = (outcome: PrintOutcome): number =>
  outcome.ok ? outcome.value.jobId : fail(`${outcome.error.reason}: ${outcome.error.detail}`);

const check = (
  id: string,
  title: string,
  run: (desk: Desk) => Promise<CheckResult>,
): Check<CertificatePrinterContext> => ({
  id,
  title,
  async run(context) {
    const { desk, close } = setUp(context);
    try {
      return await verdictOf(async () => {
        if (!(await desk.shows(isOnline, ONLINE_WITHIN_MS)))
          return failed(`it is ${desk.printer.status.device}`);
        return run(desk);
      });
    } finally {
      await close();
    }
  },
});

/** A trouble in the middle of a job: shown, waited for, and one page after mending. */
const trouble = async (
  { printer, print, hands, shows, patienceMs }: Desk,
  name: string,
  [raise, clear]: readonly [CertificatePrinterTask, CertificatePrinterTask],
  isShown: (status: CertificatePrinterStatus) => boolean,
): Promise<CheckResult> => {
  await hands(raise);
  let isOver = false;
  const printing = print(name).finally(() => {
    isOver = true;
  });
  const shown = await shows(isShown, patienceMs);
  const early = isOver;
  await hands(clear);
  const outcome = await printing;
  if (!shown) return failed(`it never said so, but was ${printer.status.device}`);
  if (early) return failed('it was done before anybody had mended it');
  deliveredJob(outcome);
  const mended = await shows((status) => isOnline(status) && !isShown(status), patienceMs);
  return mended ? passed() : failed('it does not say that it is mended');
};

export const certificatePrinterChecks: readonly Check<CertificatePrinterContext>[] = [
  check('tells-its-status', 'It tells its status within 5 s', async ({ printer }) => {
    const { paper, toner, supplies } = printer.status;
    const levels = supplies.map(({ name, level }) => `${name} ${level ?? '?'} %`).join(', ');
    return passed(`paper ${paper}, toner ${toner}${levels === '' ? '' : `; ${levels}`}`);
  }),

  check('tells-what-it-can-do', 'It tells what it can do, and takes PDF', async ({ printer }) => {
    const { makeAndModel, operations, pdf } = printer.capabilities;
    if (operations === null) return failed('it does not tell its operations');
    if (pdf === false) return failed('it does not take PDF');
    return passed(makeAndModel ?? 'no name');
  }),

  check('prints-a-page', 'It prints a page and says so', async ({ printer, print }) => {
    const events: CertificatePrinterEvent[] = [];
    printer.onEvent((event) => events.push(event));
    const jobId = deliveredJob(await print('page'));
    const presented = events.some((event) => event.name === 'MediaPresented' && event.jobId === jobId);
    return presented ? passed(`job ${jobId}`) : failed('no MediaPresented came');
  }),

  check('prints-a-name-once', 'The same job is never printed twice', async ({ print, restart }) => {
    const first = deliveredJob(await print('once'));
    const same = deliveredJob(await print('once'));
    const afterRestart = deliveredJob(await print('once', restart()));
    return same === first && afterRestart === first
      ? passed()
      : failed(`printed as job ${[...new Set([first, same, afterRestart])].join(' and ')}`);
  }),

  check('finds-a-job-again', 'What became of a job is known after a restart', async (desk) => {
    const { print, restart, jobName } = desk;
    deliveredJob(await print('found'));
    const printer = restart();
    const found = await printer.lookup(jobName('found'));
    const never = await printer.lookup(jobName('never'));
    if (!found.ok || !never.ok) return failed('it does not list its jobs');
    if (found.value !== 'delivered') return failed(`a delivered job is ${found.value}`);
    return never.value === 'absent' ? passed() : failed(`a job that never was is ${never.value}`);
  }),

  check('cancels-before-sending', 'A job cancelled before it is sent is not sent', async (desk) => {
    const { printer, jobName } = desk;
    const outcome = await printer.print({
      pdf: samplePage(),
      jobName: jobName('cancelled'),
      copies: 1,
      signal: AbortSignal.abort(),
    });
    if (outcome.ok || outcome.error.reason !== 'not-sent') return failed('it was sent');
    const found = await printer.lookup(jobName('cancelled'));
    return found.ok && found.value === 'absent' ? passed() : failed('the printer knows the job');
  }),

  check('waits-for-paper', 'An empty tray is shown, and the page comes when it is filled', (desk) =>
    trouble(desk, 'paper', ['empty-tray', 'fill-tray'], ({ paper }) => paper === 'out'),
  ),

  check('waits-for-a-jam', 'A jam is shown, and the page comes when it is cleared', (desk) =>
    trouble(desk, 'jam', ['jam-paper', 'clear-jam'], ({ paper }) => paper === 'jammed'),
  ),

  check('comes-back', 'Unplugged it is missed; plugged in again it prints', async (desk) => {
    const { printer, print, hands, shows, patienceMs } = desk;
    await hands('unplug');
    const missed = await shows(({ device }) => device === 'noDevice' || device === 'offline', patienceMs);
    await hands('plug-in');
    if (!missed) return failed(`unplugged it was ${printer.status.device}`);
    if (!(await shows(isOnline, patienceMs))) return failed(`plugged in it is ${printer.status.device}`);
    deliveredJob(await print('back'));
    return passed();
  }),
];
