import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { formatReport, runChecks } from '../../conformance/index.ts';
import { systemClock } from '../../device.ts';
import { type CertificatePrinterTask, certificatePrinterChecks } from '../conformance.ts';
import { type CertificatePrinter, openCertificatePrinter } from '../driver.ts';
import { simulatedSpooler } from '../testing/simulated-spooler.ts';
import { PRINTER_STATUS } from './status-bits.ts';

let folder: string;
let spooler: ReturnType<typeof simulatedSpooler>;
const opened: CertificatePrinter[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'spooler-'));
  spooler = simulatedSpooler(folder);
});
afterEach(async () => {
  for (const printer of opened.splice(0)) await printer.close();
  rmSync(folder, { recursive: true, force: true });
});

const PDF = new TextEncoder().encode('%PDF-1.4 certificate');
const delivered = { ok: true, value: expect.objectContaining({ outcome: 'delivered' }) };
const failure = (outcome: string, reason: string) => ({
  ok: false,
  error: expect.objectContaining({ outcome, reason }),
});

const open = (options: { printer?: string; helper?: string[]; answerTimeoutMs?: number } = {}) => {
  const printer = openCertificatePrinter({
    protocol: 'windows-spooler',
    printer: options.printer ?? 'Certificates',
    helper: options.helper ?? spooler.command,
    pollIntervalMs: 20,
    random: () => 0.5,
    ...(options.answerTimeoutMs && { answerTimeoutMs: options.answerTimeoutMs }),
  });
  opened.push(printer);
  return printer;
};
const reach = async (printer: CertificatePrinter, shown: object) =>
  vi.waitFor(() => expect(printer.status).toMatchObject(shown), { timeout: 5_000, interval: 5 });
const pages = () => spooler.queue().pages.map((page) => Buffer.from(page, 'base64').toString());
const job = (jobName = 'cert-1') => ({ pdf: PDF, jobName, copies: 1 });

test('prints once and knows it; the same name is not printed again after a restart', async () => {
  const printer = open();
  await reach(printer, { device: 'online' });
  expect(printer.capabilities).toMatchObject({
    protocol: 'windows-spooler',
    makeAndModel: 'Simulated PDF Driver',
    maxCopies: 1,
  });
  expect(await printer.print(job())).toEqual(delivered);
  await printer.close();
  const restarted = open();
  expect(await restarted.print(job())).toEqual(delivered);
  expect(await restarted.lookup('cert-1')).toEqual({ ok: true, value: 'delivered' });
  expect(pages()).toEqual(['%PDF-1.4 certificate']);
  expect(await restarted.print({ ...job('two'), copies: 2 })).toEqual(failure('failed', 'invalid-request'));
});

test('the queue keeps the last delivered job, its document with it, until the next one is delivered', async () => {
  const printer = open();
  const kept = () => spooler.queue().jobs.map(({ name }) => name);
  expect(await printer.print(job('first'))).toEqual(delivered);
  expect(kept()).toEqual(['first']);
  await printer.close();
  // Also what a driver left behind that is gone.
  const restarted = open();
  expect(await restarted.print(job('second'))).toEqual(delivered);
  await vi.waitFor(() => expect(kept()).toEqual(['second']));
  expect(spooler.queue().released).toEqual([1]);
  expect(await restarted.lookup('first')).toEqual({ ok: true, value: 'absent' });
  expect(await restarted.print(job('third'))).toEqual(delivered);
  await vi.waitFor(() => expect(kept()).toEqual(['third']));
  expect(await restarted.print(job('second'))).toEqual(delivered);
  expect(pages()).toHaveLength(3);
});

test('it conforms', async () => {
  const bits: Record<CertificatePrinterTask, number | null> = {
    'empty-tray': PRINTER_STATUS.PAPER_OUT,
    'fill-tray': 0,
    'jam-paper': PRINTER_STATUS.PAPER_JAM,
    'clear-jam': 0,
    unplug: null,
    'plug-in': null,
  };
  const report = await runChecks({
    subject: 'spooler',
    checks: certificatePrinterChecks,
    context: {
      open: () => open(),
      clock: systemClock,
      hands: async (task) => {
        const status = bits[task];
        if (status !== null) spooler.status(status);
        return status !== null;
      },
      run: 'conformance',
      patienceMs: 8_000,
    },
    now: () => performance.now(),
  });
  expect(report.conforms, formatReport(report)).toBe(true);
  expect(report.checks.filter(({ outcome }) => outcome === 'skipped').map(({ id }) => id)).toEqual([
    'comes-back',
  ]);
});

test('deleted while it waited in the queue: nobody knows; deleted before it had a document: nothing came out', async () => {
  const printer = open();
  await reach(printer, { device: 'online' });
  spooler.trouble({ op: 'send', do: 'die-before' });
  const told: string[] = [];
  const abort = new AbortController();
  const printing = printer.print({
    ...job(),
    signal: abort.signal,
    onState: ({ phase }) => told.push(phase),
  });
  await vi.waitFor(() => expect(spooler.troubled()).toBe(true));
  await vi.waitFor(() => expect(told).toContain('printing'));
  abort.abort();
  // The helper died with the document in its hands: whether the spooler got it, only the spooler knows.
  expect(await printing).toEqual(failure('unknown', 'job-canceled'));

  await printer.close();
  spooler.leave('orphan');
  const restarted = open();
  expect(await restarted.lookup('orphan')).toEqual({ ok: true, value: 'active' });
  expect(await restarted.cancel('orphan')).toEqual({ ok: true, value: 'failed' });
  expect(pages()).toEqual([]);
});

const FAULTS = [
  ['PAPER_OUT', { device: 'userError', paper: 'out' }],
  ['PAPER_JAM', { device: 'hardwareError', paper: 'jammed' }],
  ['DOOR_OPEN', { device: 'userError', cover: 'open' }],
  ['OFFLINE', { device: 'offline' }],
] as const;

test('faults in mid job: shown, waited for, one page after mending', async () => {
  const printer = open();
  for (const [index, [fault, shown]] of FAULTS.entries()) {
    await reach(printer, { device: 'online' });
    spooler.status(PRINTER_STATUS[fault]);
    const told: string[] = [];
    const printing = printer.print({ ...job(fault), onState: ({ phase }) => told.push(phase) });
    await reach(printer, shown);
    await vi.waitFor(() => expect(told).toContain('stopped'));
    expect(pages()).toHaveLength(index);
    spooler.status(0);
    expect(await printing).toEqual(delivered);
    expect(pages()).toHaveLength(index + 1);
  }
});

test.each(['create', 'send', 'job'])(
  'the helper dies at "%s", before or after it is done: one page if delivered, none if failed, else at most one',
  async (op) => {
    for (const [index, when] of (['die-before', 'die-after'] as const).entries()) {
      spooler.trouble({ op, do: when });
      const printer = open();
      await reach(printer, { device: 'online' });
      const before = pages().length;
      const result = await printer.print({ ...job(`cert-${index}`), timeoutMs: 3_000 });
      const out = pages().length - before;
      if (result.ok) expect(out).toBe(1);
      else expect(out).toBeLessThanOrEqual(result.error.outcome === 'failed' ? 0 : 1);
      await vi.waitFor(() => expect(spooler.troubled()).toBe(true));
      await printer.close();
    }
  },
);

test('a helper that talks nonsense is started anew', async () => {
  const printer = open();
  for (const [index, say] of ['nonsense', '{"id":1}', '[]'].entries()) {
    await reach(printer, { device: 'online' });
    spooler.trouble({ op: 'printer', do: 'say', say });
    await vi.waitFor(() => expect(spooler.troubled()).toBe(true));
    expect(await printer.print(job(say))).toEqual(delivered);
    expect(pages()).toHaveLength(index + 1);
  }
});

test('a helper that hangs is ended and started anew', async () => {
  const printer = open({ answerTimeoutMs: 500 });
  await reach(printer, { device: 'online' });
  spooler.trouble({ op: 'printer', do: 'hang' });
  await vi.waitFor(() => expect(spooler.troubled()).toBe(true));
  expect(await printer.print(job())).toEqual(delivered);
});

test('cancelled in mid job: taken out of the queue, nobody knows about the sheet', async () => {
  const printer = open();
  await reach(printer, { device: 'online' });
  spooler.status(PRINTER_STATUS.PAPER_JAM);
  const printing = printer.print(job());
  await reach(printer, { paper: 'jammed' });
  await vi.waitFor(() => expect(spooler.queue().jobs[0]?.status).toBeGreaterThan(8));
  expect(await printer.cancel('cert-1')).toEqual({ ok: true, value: 'unknown' });
  expect(await printing).toEqual(failure('unknown', 'job-canceled'));
  expect(spooler.queue().jobs).toEqual([]);
});

test('a queue that does not exist is no device; a program that does not start neither', async () => {
  await reach(open({ printer: 'Nobody' }), { device: 'noDevice' });
  await reach(open({ helper: [join(folder, 'no-such-program')] }), { device: 'noDevice' });
});
