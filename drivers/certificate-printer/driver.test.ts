import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { systemClock } from '../device.ts';
import { type CertificatePrinter, openCertificatePrinter } from './driver.ts';
import type { CertificatePrinterEvent } from './events.ts';
import type { PrintProgress } from './print-outcome.ts';
import type { CertificatePrinterFault, PrintedPage } from './simulator/engine.ts';
import { startSimulatedCertificatePrinter } from './simulator/simulator.ts';
import type { CertificatePrinterStatus } from './state.ts';
import { type CuttingProxy, startCuttingProxy } from './testing/cutting-proxy.ts';

const ended: (() => Promise<void>)[] = [];
const endAll = async () => {
  for (const end of ended.splice(0).reverse()) await end();
};
afterEach(endAll);

const PDF = new TextEncoder().encode(
  `%PDF-1.7\n1 0 obj <</Type /Page>> endobj\n${'x'.repeat(20_000)}\n%%EOF\n`,
);

/** A driver over real HTTP to a simulated printer; with `cable`, through a proxy that can be cut. */
const bench = async (options: { ppm?: number; createJob?: boolean; cable?: boolean } = {}) => {
  const { ppm = 600, createJob = true, cable = false } = options;
  let aheadMs = 0;
  const simulator = await startSimulatedCertificatePrinter({
    clock: { ...systemClock, monotonic: () => systemClock.monotonic() + aheadMs },
    pagesPerMinute: ppm,
    createJob,
  });
  ended.push(simulator.close);
  const pages: PrintedPage[] = [];
  simulator.onPage((page) => pages.push(page));
  let uri = simulator.uri;
  let proxy: CuttingProxy | null = null;
  if (cable) {
    proxy = await startCuttingProxy(simulator.port);
    ended.push(proxy.close);
    uri = `ipp://127.0.0.1:${proxy.port}/ipp/print`;
  }
  const open = (): CertificatePrinter => {
    const printer = openCertificatePrinter({
      uri,
      clock: systemClock,
      random: () => 0.5,
      pollIntervalMs: 20,
      answerTimeoutMs: 1_000,
    });
    ended.push(printer.close);
    return printer;
  };
  return {
    simulator,
    pages,
    open,
    printer: open(),
    cutWhen: proxy?.cutWhen ?? (() => undefined),
    /** The printer has been up for so much longer. */
    age: (ms: number) => {
      aheadMs += ms;
    },
  };
};

const until = (
  printer: CertificatePrinter,
  want: (status: CertificatePrinterStatus) => boolean,
): Promise<void> =>
  new Promise((resolve) => {
    if (want(printer.status)) resolve();
    else {
      const stop = printer.onStatus((status) => {
        if (!want(status)) return;
        stop();
        resolve();
      });
    }
  });

/** Resolves when the job reaches the phase. */
const phases = () => {
  const waiting = new Map<string, () => void>();
  const seen: string[] = [];
  return {
    seen,
    onState: ({ phase }: PrintProgress) => {
      seen.push(phase);
      waiting.get(phase)?.();
    },
    reached: (phase: PrintProgress['phase']) =>
      new Promise<void>((resolve) => (seen.includes(phase) ? resolve() : waiting.set(phase, resolve))),
  };
};

const job = (jobName = 'cert-1') => ({ pdf: PDF, jobName, copies: 1 });
const delivered = { ok: true, value: expect.objectContaining({ outcome: 'delivered' }) };
const failure = (outcome: string, reason: string) => ({
  ok: false,
  error: expect.objectContaining({ outcome, reason }),
});
/** First bytes of an HTTP request that carry this IPP operation. */
const carries = (operation: number) => (head: Buffer) => {
  const body = head.indexOf('\r\n\r\n');
  return body > 0 && head.readUInt16BE(body + 6) === operation;
};
const PRINT_JOB = 2;
const CREATE_JOB = 5;
const SEND_DOCUMENT = 6;

test.each([true, false])('prints once and knows it, Create-Job offered: %s', async (createJob) => {
  const { printer, pages } = await bench({ createJob });
  const { seen, onState } = phases();
  expect(await printer.print({ ...job(), copies: 2, onState })).toEqual({
    ok: true,
    value: { outcome: 'delivered', jobId: 1 },
  });
  expect(pages).toEqual([{ id: 1, name: 'cert-1', copies: 2, pdf: PDF }]);
  expect(seen.filter((phase, index) => phase !== seen[index - 1])).toEqual([
    'waiting',
    'sending',
    'printing',
  ]);
  expect(printer.status).toEqual({
    device: 'online',
    paper: 'full',
    cover: 'closed',
    toner: 'full',
    reasons: [],
    supplies: [
      {
        name: 'Black Toner',
        type: 'toner',
        level: 75,
        lowWaterMark: 10,
        highWaterMark: 100,
        use: 'consumed',
      },
    ],
    trays: [{ name: 'main', level: 250, capacity: 250 }],
  });
});

const blocking: readonly (readonly [CertificatePrinterFault, Partial<CertificatePrinterStatus>])[] = [
  ['paper-out', { device: 'userError', paper: 'out' }],
  ['jam', { device: 'hardwareError', paper: 'jammed' }],
  ['cover-open', { device: 'userError', cover: 'open' }],
  ['toner-empty', { device: 'userError', toner: 'out' }],
  ['output-full', { device: 'userError', paper: 'full' }],
  ['tray-missing', { device: 'userError', paper: 'out' }],
  ['overheated', { device: 'hardwareError' }],
  ['paused', { device: 'offline' }],
];

test.each(blocking)('%s in mid job: shown, waited for, one sheet after mending', async (fault, shown) => {
  const { printer, simulator, pages } = await bench({ ppm: 200 });
  const { onState, reached } = phases();
  const printing = printer.print({ ...job(), onState });
  await reached('printing');
  await simulator.fault(fault);
  await reached('stopped');
  expect(printer.status).toMatchObject(shown);
  expect(pages).toHaveLength(0);
  await simulator.fault(null);
  expect(await printing).toEqual(delivered);
  expect(pages).toHaveLength(1);
});

test.each(blocking)('%s before the job: one sheet after mending', async (fault) => {
  const { printer, simulator, pages } = await bench();
  await simulator.fault(fault);
  const { onState, reached } = phases();
  const printing = printer.print({ ...job(), onState });
  await reached('stopped');
  await simulator.fault(null);
  expect(await printing).toEqual(delivered);
  expect(pages).toHaveLength(1);
});

test.each([
  ['paper-low', { paper: 'low' }],
  ['toner-low', { toner: 'low' }],
] as const)('%s is a warning', async (fault, shown) => {
  const { printer, simulator } = await bench();
  await simulator.fault(fault);
  expect(await printer.print(job())).toEqual(delivered);
  expect(printer.status).toMatchObject({ device: 'online', ...shown });
});

test('unplugged before sending: waits, prints once when it is back', async () => {
  const { printer, simulator, pages } = await bench();
  await simulator.fault('unplugged');
  await until(printer, (status) => status.device === 'noDevice');
  const printing = printer.print(job());
  await simulator.fault(null);
  expect(await printing).toEqual(delivered);
  expect(pages).toHaveLength(1);
});

test.each([true, false])(
  'unplugged while processing: found again, one sheet; Create-Job: %s',
  async (createJob) => {
    const { printer, simulator, pages } = await bench({ ppm: 200, createJob });
    const { onState, reached } = phases();
    const printing = printer.print({ ...job(), onState });
    await reached('printing');
    await simulator.fault('unplugged');
    await reached('lost');
    await simulator.fault(null);
    expect(await printing).toEqual(delivered);
    expect(pages).toHaveLength(1);
  },
);

test('unplugged after the sheet came out, before it was asked for: delivered', async () => {
  const { printer, simulator, pages } = await bench();
  let plug = Promise.resolve();
  simulator.onPage(() => {
    plug = simulator.fault('unplugged');
  });
  const { onState, reached } = phases();
  const printing = printer.print({ ...job(), onState });
  await reached('lost');
  await plug;
  await simulator.fault(null);
  expect(await printing).toEqual(delivered);
  expect(pages).toHaveLength(1);
});

test('Create-Job answer lost: the empty job is cancelled, one sheet', async () => {
  const { printer, pages, cutWhen } = await bench({ cable: true });
  cutWhen(carries(CREATE_JOB), { afterReceived: 0 });
  expect(await printer.print(job())).toEqual({ ok: true, value: { outcome: 'delivered', jobId: 2 } });
  expect(pages).toHaveLength(1);
});

test('Send-Document answer lost: followed by number, one sheet', async () => {
  const { printer, pages, cutWhen } = await bench({ cable: true });
  cutWhen(carries(SEND_DOCUMENT), { afterReceived: 0 });
  expect(await printer.print(job())).toEqual({ ok: true, value: { outcome: 'delivered', jobId: 1 } });
  expect(pages).toHaveLength(1);
});

test('Print-Job answer lost: found by name, one sheet', async () => {
  const { printer, pages, cutWhen } = await bench({ cable: true, createJob: false });
  cutWhen(carries(PRINT_JOB), { afterReceived: 0 });
  expect(await printer.print(job())).toEqual(delivered);
  expect(pages).toHaveLength(1);
});

test('Print-Job cut in mid document: sent again only where the printer proves that it got nothing', async () => {
  const { printer, pages, cutWhen } = await bench({ cable: true, createJob: false });
  cutWhen(carries(PRINT_JOB), { afterSent: 5_000 });
  expect(await printer.print(job('no witness'))).toEqual(failure('unknown', 'outcome-unknown'));
  expect(await printer.print(job('a witness'))).toEqual(delivered);
  cutWhen(carries(PRINT_JOB), { afterSent: 5_000 });
  expect(await printer.print(job('proven'))).toEqual(delivered);
  expect(pages.map((page) => page.name)).toEqual(['a witness', 'proven']);
});

test('Print-Job cut in mid document, printer restarted: unknown, not sent again', async () => {
  const { printer, simulator, pages, cutWhen, age } = await bench({ cable: true, createJob: false });
  expect(await printer.print(job('a witness'))).toEqual(delivered);
  age(60_000);
  cutWhen(carries(PRINT_JOB), { afterSent: 5_000 });
  const { onState, reached } = phases();
  const printing = printer.print({ ...job(), onState });
  await reached('lost');
  await simulator.fault('unplugged');
  await simulator.fault(null);
  expect(await printing).toEqual(failure('unknown', 'outcome-unknown'));
  expect(pages).toHaveLength(1);
});

test('wherever the cable is cut: one sheet and delivered, or at most one sheet and not', async () => {
  const cut = fc.record({
    createJob: fc.boolean(),
    operation: fc.constantFrom(PRINT_JOB, CREATE_JOB, SEND_DOCUMENT, 9, 10, 11),
    at: fc.oneof(
      fc.record({ afterReceived: fc.nat(400) }),
      fc.record({ afterSent: fc.integer({ min: 1, max: 20_600 }) }),
    ),
  });
  await fc.assert(
    fc.asyncProperty(cut, async ({ createJob, operation, at }) => {
      const { printer, pages, cutWhen } = await bench({ cable: true, createJob, ppm: 3000 });
      cutWhen(carries(operation), at);
      // A document cut in the middle leaves a job that waits for the rest; a person's patience ends it.
      const result = await printer.print({ ...job(), signal: AbortSignal.timeout(1_000) });
      if (result.ok) expect(pages).toHaveLength(1);
      else expect(pages.length).toBeLessThanOrEqual(result.error.outcome === 'failed' ? 0 : 1);
      await endAll();
    }),
    { numRuns: 12 },
  );
});

test('the same intent is never printed twice, also not after a restart of the kiosk', async () => {
  const { printer, open, simulator, pages } = await bench({ ppm: 200 });
  const { onState, reached } = phases();
  const printing = printer.print({ ...job(), onState });
  await reached('printing');
  await simulator.fault('jam');
  await printer.close();
  expect(await printing).toEqual(failure('unknown', 'outcome-unknown'));
  const restarted = open();
  expect(await restarted.lookup('cert-1')).toEqual({ ok: true, value: 'active' });
  const again = restarted.print(job());
  await simulator.fault(null);
  expect(await again).toEqual(delivered);
  expect(await restarted.print(job())).toEqual(delivered);
  expect(await restarted.lookup('cert-1')).toEqual({ ok: true, value: 'delivered' });
  expect(await restarted.lookup('cert-2')).toEqual({ ok: true, value: 'absent' });
  expect(pages).toHaveLength(1);
});

test('aborted before sending: nothing is sent; aborted in mid job: cancelled, no sheet', async () => {
  const { printer, simulator, pages } = await bench({ ppm: 60 });
  await simulator.fault('unplugged');
  await until(printer, (status) => status.device === 'noDevice');
  const early = new AbortController();
  const never = printer.print({ ...job('never'), signal: early.signal });
  early.abort();
  expect(await never).toEqual(failure('failed', 'not-sent'));
  expect(await printer.lookup('never')).toEqual({
    ok: false,
    error: expect.objectContaining({ reason: 'unreachable' }),
  });
  await simulator.fault(null);

  // A count of no sheets is believed of a printer that has been seen to count.
  expect(await printer.print(job('first'))).toEqual(delivered);
  const late = new AbortController();
  const { onState, reached } = phases();
  const printing = printer.print({ ...job('late'), signal: late.signal, onState });
  await reached('printing');
  expect(await printer.print(job('other'))).toEqual(failure('failed', 'busy'));
  late.abort();
  expect(await printing).toEqual(failure('failed', 'job-canceled'));
  expect(await printer.lookup('late')).toEqual({ ok: true, value: 'failed' });
  expect(pages.map((page) => page.name)).toEqual(['first']);
  await printer.close();
  expect(await printer.print(job())).toEqual(failure('failed', 'not-sent'));
});

test('capabilities are told; levels follow; thresholds and the delivered page are events', async () => {
  const { printer, simulator } = await bench();
  const events: CertificatePrinterEvent[] = [];
  printer.onEvent((event) => events.push(event));
  expect(printer.capabilities).toMatchObject({ makeAndModel: null, formats: null, color: null });
  await until(printer, (status) => status.device === 'online');
  expect(printer.capabilities).toEqual({
    protocol: 'ipp',
    makeAndModel: 'Simulated certificate printer',
    operations: expect.arrayContaining(['Create-Job', 'Send-Document', 'Get-Jobs', 'Cancel-Job']),
    formats: ['application/pdf', 'application/octet-stream'],
    pdf: true,
    mediaSupported: ['iso_a4_210x297mm'],
    mediaReady: ['iso_a4_210x297mm'],
    sides: ['one-sided'],
    maxCopies: 99,
    resolutions: [600],
    color: false,
    supplies: ['Black Toner'],
  });
  await simulator.fault('toner-low');
  await until(printer, (status) => status.toner === 'low');
  expect(printer.status.supplies[0]).toMatchObject({ name: 'Black Toner', level: 8 });
  await simulator.fault('paper-out');
  await until(printer, (status) => status.paper === 'out');
  expect(printer.status.trays).toEqual([{ name: 'main', level: 0, capacity: 250 }]);
  await simulator.fault(null);
  await until(printer, (status) => status.paper === 'full');
  expect(await printer.print(job())).toEqual(delivered);
  expect(events).toEqual([
    { name: 'TonerThreshold', toner: 'low' },
    { name: 'PaperThreshold', paper: 'out' },
    { name: 'TonerThreshold', toner: 'full' },
    { name: 'PaperThreshold', paper: 'full' },
    { name: 'MediaPresented', jobId: 1 },
  ]);
  expect(await printer.print({ ...job('too many'), copies: 100 })).toEqual(
    failure('failed', 'invalid-request'),
  );
});

test('busy: asked again until it takes the job; slow: waited for; silent: shown, printed once after mending', async () => {
  const { printer, simulator, pages } = await bench();
  await until(printer, (status) => status.device === 'online');
  for (const fault of ['busy', 'slow', 'silent'] as const) {
    await simulator.fault(fault);
    const { seen, onState, reached } = phases();
    const printing = printer.print({ ...job(fault), onState });
    if (fault === 'silent') await until(printer, (status) => status.device === 'offline');
    else await reached('sending');
    // Sent a second time: the first time it was refused.
    const isSending = (phase: string): boolean => phase === 'sending';
    if (fault === 'busy') await vi.waitFor(() => expect(seen.filter(isSending).length).toBeGreaterThan(1));
    expect(pages.map((page) => page.name)).not.toContain(fault);
    await simulator.fault(null);
    expect(await printing).toEqual(delivered);
  }
  expect(pages.map((page) => page.name)).toEqual(['busy', 'slow', 'silent']);
});

test('a printer that says completed while the sheet is stuck is not believed until the jam is gone', async () => {
  const { printer, simulator } = await bench();
  await simulator.fault('lying');
  const { onState, reached } = phases();
  let isOver = false;
  const printing = printer.print({ ...job(), onState }).finally(() => {
    isOver = true;
  });
  await reached('stopped');
  await until(printer, (status) => status.paper === 'jammed');
  const said = { ok: true, value: 'delivered' };
  await vi.waitFor(async () => expect(await printer.lookup('cert-1')).toEqual(said));
  for (let looks = 0; looks < 25; looks += 1) {
    expect(await printer.lookup('cert-1')).toEqual(said);
    expect(isOver).toBe(false);
  }
  await simulator.fault(null);
  expect(await printing).toEqual(delivered);
});

test('cancel by name: a running print ends with what is known; lookup and cancel say so', async () => {
  const { printer, open, simulator, pages } = await bench({ ppm: 60 });
  expect(await printer.cancel('nobody')).toEqual({ ok: true, value: 'absent' });
  await simulator.fault('jam');
  const { onState, reached } = phases();
  const printing = printer.print({ ...job(), onState });
  await reached('stopped');
  expect(await printer.cancel('cert-1')).toEqual({ ok: true, value: 'failed' });
  expect(await printing).toMatchObject({ ok: false, error: { reason: 'job-canceled' } });
  await simulator.fault(null);

  const left = printer.print({ ...job('left behind') });
  await vi.waitFor(async () =>
    expect(await printer.lookup('left behind')).toEqual({ ok: true, value: 'active' }),
  );
  await printer.close();
  await left;
  // Begun, and the printer has not been seen to count: its zero proves nothing.
  const restarted = open();
  expect(await restarted.cancel('left behind')).toEqual({ ok: true, value: 'unknown' });
  expect(pages).toEqual([]);
});

test('cancelled at the printer after sheets came out, restarted: unknown, and not printed again', async () => {
  const { printer, open, simulator, pages } = await bench({ ppm: 600 });
  const counted = () => simulator.sheetsOut;
  const printing = printer.print({ ...job(), copies: 20 });
  await vi.waitFor(() => expect(counted()).toBeGreaterThan(0));
  await printer.close();
  expect(await printing).toEqual(failure('unknown', 'outcome-unknown'));
  const unknown = { ok: true, value: 'unknown' };
  expect(await open().cancel('cert-1')).toEqual(unknown);
  const out = counted();
  expect(out).toBeLessThan(20);

  const restarted = open();
  expect(await restarted.lookup('cert-1')).toEqual(unknown);
  const again = await restarted.print({ ...job(), copies: 20 });
  expect(again).toEqual(failure('unknown', 'outcome-unknown'));
  expect(again).toMatchObject({ error: { detail: expect.stringContaining('job 1 ') } });
  expect(await restarted.print(job('another'))).toEqual(delivered);
  expect(counted()).toBe(out + 1);
  expect(pages.map(({ name }) => name)).toEqual(['another']);
});

test('a job that was never begun is printed when it is asked for again', async () => {
  const { printer, open, simulator, pages } = await bench();
  await simulator.fault('jam');
  const { onState, reached } = phases();
  const printing = printer.print({ ...job(), onState });
  await reached('stopped');
  await printer.close();
  await printing;
  const restarted = open();
  expect(await restarted.cancel('cert-1')).toEqual({ ok: true, value: 'failed' });
  await simulator.fault(null);
  expect(await restarted.print(job())).toEqual(delivered);
  expect(pages).toHaveLength(1);
});

test('questions leave nothing behind that listens', async () => {
  const { printer } = await bench();
  await until(printer, (status) => status.device === 'online');
  const joined = vi.spyOn(AbortSignal, 'any');
  try {
    await printer.lookup('cert-1', { signal: new AbortController().signal, timeoutMs: 5_000 });
    await printer.cancel('cert-1');
    await printer.print(job());
    await printer.close();
    const signals = joined.mock.results.flatMap(({ value }) => (value instanceof AbortSignal ? [value] : []));
    expect(signals.length).toBeGreaterThan(2);
    for (const signal of signals) expect(getEventListeners(signal, 'abort')).toEqual([]);
  } finally {
    joined.mockRestore();
  }
});

test('time limits: before sending nothing is sent; a question that is not answered ends', async () => {
  const { printer, simulator, pages } = await bench();
  await simulator.fault('silent');
  const timeOut = expect.objectContaining({ code: 'timeOut' });
  expect(await printer.lookup('x', { timeoutMs: 50 })).toEqual({ ok: false, error: timeOut });
  expect(await printer.cancel('x', { timeoutMs: 50 })).toEqual({ ok: false, error: timeOut });
  const aborted = AbortSignal.abort();
  expect(await printer.lookup('x', { signal: aborted })).toEqual({
    ok: false,
    error: expect.objectContaining({ code: 'canceled' }),
  });
  await simulator.fault('unplugged');
  expect(await printer.print({ ...job(), timeoutMs: 50 })).toEqual({
    ok: false,
    error: expect.objectContaining({ code: 'timeOut', outcome: 'failed', reason: 'not-sent' }),
  });
  await simulator.fault(null);
  expect(pages).toEqual([]);
});

test('a job whose fate nobody knows is not sent again under its name', async () => {
  const { printer, pages, cutWhen } = await bench({ cable: true, createJob: false });
  cutWhen(carries(PRINT_JOB), { afterSent: 5_000 });
  expect(await printer.print(job())).toEqual(failure('unknown', 'outcome-unknown'));
  expect(await printer.print(job())).toEqual(failure('unknown', 'outcome-unknown'));
  expect(pages).toEqual([]);
});

test('requests that make no sense are refused before anything is sent', async () => {
  const { printer } = await bench();
  expect(await printer.print(job(''))).toEqual(failure('failed', 'invalid-request'));
  expect(await printer.print(job('明'.repeat(86)))).toEqual(failure('failed', 'invalid-request'));
  expect(await printer.print({ ...job(), copies: 0 })).toEqual(failure('failed', 'invalid-request'));
  expect(await printer.print({ ...job(), pdf: new Uint8Array() })).toEqual(
    failure('failed', 'invalid-request'),
  );
  expect(() => openCertificatePrinter({ uri: 'ftp://x', clock: systemClock, random: Math.random })).toThrow(
    TypeError,
  );
});
