/** What becomes of a print when a printer refuses to tell, or tells little. The printer's answers are given one by one. */

import { expect, test, vi } from 'vitest';
import { err, ok } from '../device.ts';
import { manualClock } from '../transport/index.ts';
import { unknownCapabilities } from './capabilities.ts';
import { lookUp } from './named-jobs.ts';
import { printJob } from './print-job.ts';
import type { PrintOutcome } from './print-outcome.ts';
import { type AskFailure, JOB_STATE, type JobReport, type PrintService } from './print-service.ts';
import { watchPrinter } from './printer-watch.ts';

const NAME = 'certificate';
const report = {
  state: 3,
  reasons: [],
  acceptsJobs: true,
  upTime: 1,
  supplies: [],
  trays: [],
  configuration: '',
};
const refuses = (kind: AskFailure['kind']) => async () => err({ kind, detail: kind });
const job = (state: number, told: Partial<JobReport> = {}): JobReport => ({
  id: 1,
  name: NAME,
  state,
  reasons: [],
  sheets: undefined,
  begun: undefined,
  ...told,
});

/** A printer that takes every job as number 1 and answers otherwise as told. */
const service = (createsFirst: boolean, told: Partial<PrintService>): PrintService => ({
  report: async () => ok(report),
  knowledge: async () => ok({ report, capabilities: unknownCapabilities('ipp'), createsFirst }),
  jobs: async () => ok([]),
  job: async () => ok(null),
  createJob: async () => ok(1),
  sendDocument: async () => ok(undefined),
  printJob: async () => ok(1),
  cancel: async () => ok(undefined),
  settled: () => undefined,
  close: async () => undefined,
  ...told,
});

/** How a print ends; null: it has not ended after an hour. */
const print = async (printer: PrintService): Promise<PrintOutcome | null> => {
  const clock = manualClock();
  const closing = new AbortController();
  const pause = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      if (signal.aborted) resolve();
      else clock.after(ms, resolve);
    });
  const pollIntervalMs = 500;
  const watch = watchPrinter({
    service: printer,
    protocol: 'ipp',
    clock,
    random: () => 0.5,
    pollIntervalMs,
    pause,
    closing: closing.signal,
    onStatus: () => undefined,
  });
  let outcome: PrintOutcome | null = null;
  const printing = printJob(
    {
      clock,
      watch,
      pause,
      backoffMs: () => 1_000,
      pollIntervalMs,
      tell: () => undefined,
      closing: closing.signal,
    },
    {
      pdf: new Uint8Array(9),
      jobName: NAME,
      copies: 1,
      signal: new AbortController().signal,
      whyAborted: () => 'canceled',
    },
  ).then((ended) => {
    outcome = ended;
  });
  for (let minute = 0; minute < 60 && outcome === null; minute += 1) await clock.advance(60_000);
  const ended = outcome;
  closing.abort();
  await clock.advance(60_000);
  if (ended !== null) await printing;
  await watch.ended;
  return ended;
};

const ends = (outcome: string, reason: string) => ({ ok: false, error: { outcome, reason } });

test.each(['refused', 'unsupported'] as const)(
  'Print-Job answer lost, Get-Jobs %s: unknown',
  async (kind) => {
    const printer = service(false, { printJob: refuses('lost'), jobs: refuses(kind) });
    expect(await print(printer)).toMatchObject(ends('unknown', 'outcome-unknown'));
  },
);

test.each(['refused', 'unsupported'] as const)('the job is gone, Get-Jobs %s: unknown', async (kind) => {
  expect(await print(service(true, { jobs: refuses(kind) }))).toMatchObject(
    ends('unknown', 'outcome-unknown'),
  );
});

test.each(['refused', 'unsupported'] as const)('Get-Job-Attributes %s: unknown', async (kind) => {
  expect(await print(service(true, { job: refuses(kind) }))).toMatchObject(
    ends('unknown', 'outcome-unknown'),
  );
});

test.each([
  ['told neither of a beginning nor of sheets', {}, 'unknown'],
  ['sheets counted as none by a printer that has never counted', { sheets: 0 }, 'unknown'],
  ['begun', { begun: true }, 'unknown'],
  ['begun and none counted', { begun: true, sheets: 0 }, 'unknown'],
  ['never begun', { begun: false }, 'failed'],
  ['never begun, but a sheet counted', { begun: false, sheets: 1 }, 'unknown'],
] as const)('pending at every look, then aborted, %s: %s', async (_, told, outcome) => {
  const states = [JOB_STATE.pending, JOB_STATE.pending, JOB_STATE.aborted];
  const look = async () => ok(job(states.shift() ?? JOB_STATE.aborted, told));
  expect(await print(service(true, { job: look }))).toMatchObject(ends(outcome, 'job-aborted'));
});

test('seen at work: that it never began is not believed; a count of none is, of a printer that counts', async () => {
  const looking = () => {
    const states = [JOB_STATE.processing, JOB_STATE.aborted];
    return async () => ok(job(states.shift() ?? JOB_STATE.aborted, { begun: false, sheets: 0 }));
  };
  expect(await print(service(true, { job: looking() }))).toMatchObject(ends('unknown', 'job-aborted'));
  const other = job(JOB_STATE.completed, { id: 7, name: 'other', sheets: 1 });
  expect(await print(service(true, { job: looking(), jobs: async () => ok([other]) }))).toMatchObject(
    ends('failed', 'job-aborted'),
  );
});

test.each([
  [{}, 'unknown'],
  [{ begun: true, sheets: 3 }, 'unknown'],
  [{ begun: false }, 'failed'],
] as const)(
  'an earlier job of the name that was aborted, %j: looked up as %s, and believed',
  async (told, became) => {
    const createJob = vi.fn(async () => ok(2));
    const completed = async () => ok(job(JOB_STATE.completed, { id: 2 }));
    const jobs = async () => ok([job(JOB_STATE.aborted, told)]);
    const printer = service(true, { jobs, createJob, job: completed });
    expect(await lookUp(printer, NAME)).toEqual({ ok: true, value: became });
    const outcome = await print(printer);
    if (became === 'failed') {
      expect(outcome).toMatchObject({ ok: true, value: { jobId: 2 } });
    } else {
      expect(outcome).toMatchObject({
        ...ends('unknown', 'outcome-unknown'),
        error: { detail: expect.stringContaining('job 1 ') },
      });
    }
    expect(createJob).toHaveBeenCalledTimes(became === 'failed' ? 1 : 0);
  },
);
