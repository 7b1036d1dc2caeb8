/**
 * A Windows spooler made of software, behind the helper's JSON lines: run as a program in place of the PowerShell
 * script. As on Windows the queue outlives the helper: it lies in a file that the running program writes, beside a file of
 * what hands do to the printer, which only the test writes. A job moves one step each time that anybody asks for it,
 * stays when it is printed, and is forgotten when it is released.
 */

import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { JOB_STATUS, PRINTER_STATUS } from '../windows-spooler/status-bits.ts';

export interface SpooledJob {
  readonly id: number;
  readonly name: string;
  status: number;
  document: string | null;
}

export interface SpoolerQueue {
  jobs: SpooledJob[];
  lastId: number;
  /** Documents that have come out, in Base64. */
  pages: string[];
  released: number[];
  /** The number of the last trouble that has happened. */
  troubled: number;
}

/** The next request of this kind ends the helper, before or after it is carried out, or is answered with something else. */
export interface SpoolerTrouble {
  readonly number: number;
  readonly op: string;
  readonly do: 'die-before' | 'die-after' | 'say' | 'hang';
  readonly say?: string;
}

/** What hands do. */
export interface SpoolerHands {
  readonly printer: number;
  readonly attributes: number;
  readonly trouble: SpoolerTrouble | null;
}

const EMPTY: SpoolerQueue = { jobs: [], lastId: 0, pages: [], released: [], troubled: 0 };
const IDLE: SpoolerHands = { printer: 0, attributes: 0, trouble: null };

/** Files are replaced in one go: whoever reads sees the old one or the new one. */
const write = (folder: string, name: string, value: SpoolerQueue | SpoolerHands): void => {
  const part = join(folder, `${name}.${process.pid}.part`);
  writeFileSync(part, JSON.stringify(value));
  renameSync(part, join(folder, name));
};
const read = <T>(folder: string, name: string, otherwise: T): T => {
  const file = join(folder, name);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : otherwise;
};
const HANDS = 'hands.json';
const QUEUE_FILE = 'queue.json';

/** The test's end of a spooler whose files lie in an empty folder. */
export const simulatedSpooler = (folder: string) => {
  let hands = IDLE;
  let troubles = 0;
  const queue = (): SpoolerQueue => read(folder, QUEUE_FILE, EMPTY);
  return {
    command: [process.execPath, fileURLToPath(import.meta.url), folder],
    queue,
    /** Sets bits of the printer's status. */
    status(printer: number): void {
      hands = { ...hands, printer };
      write(folder, HANDS, hands);
    },
    trouble(trouble: Omit<SpoolerTrouble, 'number'>): void {
      troubles += 1;
      hands = { ...hands, trouble: { ...trouble, number: troubles } };
      write(folder, HANDS, hands);
    },
    /** A job without a document, left by a helper that is gone. */
    leave(name: string): void {
      const now = queue();
      const id = now.lastId + 1;
      const job = { id, name, status: JOB_STATUS.SPOOLING, document: null };
      write(folder, QUEUE_FILE, { ...now, lastId: id, jobs: [...now.jobs, job] });
    },
    /** Whether every trouble so far has happened. */
    troubled: (): boolean => queue().troubled === troubles,
  };
};

const INVALID_PARAMETER = 87;
const INVALID_PRINTER_NAME = 1801;
const QUEUE = 'Certificates';
const STOPS =
  PRINTER_STATUS.PAPER_JAM | PRINTER_STATUS.PAPER_OUT | PRINTER_STATUS.DOOR_OPEN | PRINTER_STATUS.OFFLINE;

class Refused extends Error {
  readonly number: number;

  constructor(number: number) {
    super(`Windows error ${number}`);
    this.number = number;
  }
}

const step = (queue: SpoolerQueue, hands: SpoolerHands, job: SpooledJob): void => {
  if (job.document === null || (job.status & JOB_STATUS.PRINTED) !== 0) return;
  if ((hands.printer & STOPS) !== 0) job.status = JOB_STATUS.PRINTING | JOB_STATUS.ERROR;
  else if (job.status !== JOB_STATUS.PRINTING) job.status = JOB_STATUS.PRINTING;
  else {
    job.status = JOB_STATUS.PRINTED | JOB_STATUS.COMPLETE | JOB_STATUS.RETAINED;
    queue.pages.push(job.document);
  }
};

interface Request {
  readonly id: number;
  readonly op: string;
  readonly printer: string;
  readonly job?: number;
  readonly name?: string;
}

const carryOut = (queue: SpoolerQueue, hands: SpoolerHands, request: Request, document: string): unknown => {
  if (request.printer !== QUEUE) throw new Refused(INVALID_PRINTER_NAME);
  const told = ({ id, name, status }: SpooledJob) => ({ id, name, status, pages: 0, mine: true });
  const named = (): SpooledJob => {
    const job = queue.jobs.find((each) => each.id === request.job);
    if (!job) throw new Refused(INVALID_PARAMETER);
    return job;
  };
  switch (request.op) {
    case 'printer':
      return { status: hands.printer, attributes: hands.attributes, driver: 'Simulated PDF Driver' };
    case 'jobs':
      return queue.jobs.map(told);
    case 'job':
      step(queue, hands, named());
      return told(named());
    case 'create':
      queue.lastId += 1;
      queue.jobs.push({
        id: queue.lastId,
        name: request.name ?? '',
        status: JOB_STATUS.SPOOLING,
        document: null,
      });
      return { job: queue.lastId };
    case 'send':
      named().document = document;
      named().status = 0;
      return null;
    case 'cancel':
      named();
      queue.jobs = queue.jobs.filter((each) => each.id !== request.job);
      return null;
    default:
      queue.released.push(named().id);
      queue.jobs = queue.jobs.filter((each) => each.id !== request.job);
      return null;
  }
};

const main = async (folder: string): Promise<void> => {
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  const next = async (): Promise<string | undefined> => (await lines.next()).value;
  const say = (line: string): void => {
    process.stdout.write(`${line}\n`);
  };
  say('{"ready":1}');
  for (let line = await next(); line !== undefined; line = await next()) {
    const request: Request = JSON.parse(line);
    const document = request.op === 'send' ? ((await next()) ?? '') : '';
    const hands = read(folder, HANDS, IDLE);
    const before = read(folder, QUEUE_FILE, EMPTY);
    const queue = structuredClone(before);
    const due = hands.trouble?.op === request.op && hands.trouble.number > before.troubled;
    const trouble = due ? hands.trouble : null;
    if (trouble) queue.troubled = trouble.number;
    if (trouble && trouble.do !== 'die-after') {
      write(folder, QUEUE_FILE, queue);
      if (trouble.do === 'die-before') process.exit(1);
      if (trouble.do === 'say') say(trouble.say ?? '');
      continue;
    }
    try {
      const value = carryOut(queue, hands, request, document);
      if (JSON.stringify(queue) !== JSON.stringify(before)) write(folder, QUEUE_FILE, queue);
      if (trouble) process.exit(1);
      say(JSON.stringify({ id: request.id, value }));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      say(JSON.stringify({ id: request.id, error: error.number }));
    }
  }
};

const [, started, folder] = process.argv;
if (started === fileURLToPath(import.meta.url) && folder !== undefined) await main(folder);
