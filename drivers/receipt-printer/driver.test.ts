import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../device.ts';
import type { Transport } from '../transport/index.ts';
import type { ReceiptPrinterStatus } from './condition.ts';
import type { ReceiptDocument } from './document/index.ts';
import { type PrintedReceipt, receiptText } from './document/index.ts';
import { openReceiptPrinter, type ReceiptPrinter, type ReceiptPrinterOptions } from './driver.ts';
import { type SimulatedReceiptPrinterPort, startSimulatedReceiptPrinter } from './simulator/index.ts';
import { sampleReceipt } from './testing/sample-receipt.ts';

const ended: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0).reverse()) await end();
});

/** A driver over a real socket to a simulated printer. */
const bench = async (
  options: Partial<ReceiptPrinterOptions> & {
    speed?: number;
    wrap?: (transport: Transport) => Transport;
  } = {},
) => {
  const { speed = 0, wrap = (transport) => transport, ...rest } = options;
  const simulator: SimulatedReceiptPrinterPort = await startSimulatedReceiptPrinter({
    clock: systemClock,
    speedMmPerSecond: speed,
  });
  ended.push(simulator.close);
  const receipts: PrintedReceipt[] = [];
  simulator.onReceipt((receipt) => receipts.push(receipt));
  const printer = openReceiptPrinter({
    transport: wrap(simulator.transport),
    clock: systemClock,
    random: () => 0.5,
    columns: 48,
    pollIntervalMs: 20,
    answerTimeoutMs: 100,
    ...rest,
  });
  ended.push(printer.close);
  return { simulator, printer, receipts };
};

const until = (printer: ReceiptPrinter, want: (status: ReceiptPrinterStatus) => boolean): Promise<void> =>
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
const online = (status: ReceiptPrinterStatus) => status.device === 'online';

const slip = (text: string): ReceiptDocument => ({ lines: [{ kind: 'text', text }, { kind: 'cut' }] });
const printed = { ok: true, value: { kind: 'printed' } };
const error = (code: string, reason: string) => ({
  ok: false,
  error: expect.objectContaining({ code, reason }),
});

test('prints a receipt and knows that it is printed', async () => {
  const { printer, receipts } = await bench();
  expect(await printer.print(sampleReceipt())).toEqual(printed);
  expect(printer.status).toEqual({
    device: 'online',
    paper: 'full',
    cover: 'closed',
    cutter: 'ok',
    head: 'ok',
  });
  expect(receipts).toHaveLength(1);
  expect(receipts[0] && receiptText(receipts[0])).toContain('惠民自助服务终端');
});

test.each([
  ['paper-out', { device: 'userError', paper: 'out' }],
  ['cover-open', { device: 'userError', cover: 'open' }],
  ['jam', { device: 'hardwareError', paper: 'jammed' }],
] as const)('%s before printing: waits, says why, prints once when mended', async (fault, shown) => {
  const { printer, simulator, receipts } = await bench();
  await until(printer, online);
  await simulator.fault(fault);
  await until(printer, (status) => status.device !== 'online');
  expect(printer.status).toMatchObject(shown);
  const printing = printer.print(slip('一次'));
  await simulator.fault(null);
  expect(await printing).toEqual(printed);
  expect(receipts.map(receiptText)).toEqual(['一次']);
});

test.each([['cutter', { device: 'hardwareError', cutter: 'fault' }]] as const)(
  '%s in mid print: goes on after mending, prints once',
  async (fault, shown) => {
    const { wrap, sent } = watched();
    const { printer, simulator, receipts } = await bench({ speed: 150, wrap });
    const printing = printer.print(sampleReceipt());
    await sent;
    await moment();
    await simulator.fault(fault);
    await until(printer, (status) => status.device !== 'online');
    expect(printer.status).toMatchObject(shown);
    expect(receipts).toHaveLength(0);
    await simulator.fault(null);
    expect(await printing).toEqual(printed);
    expect(receipts).toHaveLength(1);
    expect(receipts[0] && receiptText(receipts[0]).match(/事项 34 /g)).toHaveLength(1);
  },
);

test('little paper is a warning only', async () => {
  const { printer, simulator } = await bench();
  await simulator.fault('paper-low');
  expect(await printer.print(slip('a'))).toEqual(printed);
  expect(printer.status).toEqual({
    device: 'online',
    paper: 'low',
    cover: 'closed',
    cutter: 'ok',
    head: 'ok',
  });
});

test('unplugged in mid print: unknown, never sent again, the torn-off part does not hang on the next receipt', async () => {
  const { wrap, sent } = watched();
  const { printer, simulator, receipts } = await bench({ speed: 150, wrap });
  const printing = printer.print(sampleReceipt());
  await sent;
  await moment();
  await simulator.fault('unplugged');
  expect(await printing).toEqual(error('hardwareError', 'outcome-unknown'));
  await until(printer, (status) => status.device === 'noDevice');
  await simulator.fault(null);
  expect(await printer.print(slip('next'))).toEqual(printed);
  expect(receipts).toHaveLength(2);
  expect(receipts[0] && receiptText(receipts[0])).toContain('惠民');
  expect(receipts[0] && receiptText(receipts[0])).not.toContain('next');
  expect(receipts[1] && receiptText(receipts[1])).toBe('next');
});

test('not there yet: waits, prints when it appears', async () => {
  const { printer, simulator, receipts } = await bench();
  await simulator.fault('unplugged');
  await until(printer, (status) => status.device === 'noDevice');
  const printing = printer.print(slip('late'));
  await simulator.fault(null);
  expect(await printing).toEqual(printed);
  expect(receipts.map(receiptText)).toEqual(['late']);
});

test('a printer that does not answer is offline, and back when it answers', async () => {
  const { printer, simulator } = await bench();
  await until(printer, online);
  await simulator.fault('no-answer');
  await until(printer, (status) => status.device === 'offline');
  await simulator.fault(null);
  await until(printer, online);
  expect(await printer.print(slip('a'))).toEqual(printed);
});

test('aborted while waiting: nothing is sent', async () => {
  const { printer, simulator, receipts } = await bench();
  await simulator.fault('paper-out');
  const abort = new AbortController();
  const printing = printer.print(slip('never'), { signal: abort.signal });
  await until(printer, (status) => status.paper === 'out');
  abort.abort();
  expect(await printing).toEqual(error('canceled', 'not-sent'));
  await simulator.fault(null);
  expect(await printer.print(slip('after'))).toEqual(printed);
  expect(receipts.map(receiptText)).toEqual(['after']);
  expect(await printer.print(slip('x'), { signal: abort.signal })).toEqual(error('canceled', 'not-sent'));
});

/** Tells when a whole receipt has been handed to the line. */
const watched = () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const wrap = (transport: Transport): Transport => ({
    name: transport.name,
    async open() {
      const opened = await transport.open();
      if (!opened.ok) return opened;
      const link = opened.value;
      const write = async (bytes: Uint8Array): Promise<void> => {
        await link.write(bytes);
        if (bytes.length > 1_100) resolve();
      };
      return { ok: true, value: { ...link, write } };
    },
  });
  return { wrap, sent: promise };
};
const moment = () => new Promise((resolve) => setTimeout(resolve, 200));

/** Drops every answer to GS r but the first `kept`. */
const withoutBarriers =
  (kept: number) =>
  (transport: Transport): Transport => ({
    name: transport.name,
    async open() {
      const opened = await transport.open();
      if (!opened.ok) return opened;
      const link = opened.value;
      let seen = 0;
      return {
        ok: true,
        value: {
          ...link,
          onData: (listener) =>
            link.onData((chunk) => listener(chunk.filter((byte) => (byte & 0x90) !== 0 || ++seen <= kept))),
        },
      };
    },
  });

test('a printer that takes the receipt but never confirms it: outcome unknown', async () => {
  const { printer, receipts } = await bench({ wrap: withoutBarriers(1), barrierTimeoutMs: 300 });
  expect(await printer.print(slip('silent'))).toEqual(error('hardwareError', 'outcome-unknown'));
  expect(receipts).toHaveLength(1);
});

test('one receipt at a time; bad documents and a closed driver are answers', async () => {
  const { printer } = await bench();
  const first = printer.print(slip('1'));
  expect(await printer.print(slip('2'))).toEqual(error('sequenceError', 'busy'));
  expect(await printer.print(slip('𠮷'))).toEqual(error('invalidData', 'missing-glyph'));
  expect(await first).toEqual(printed);
  const waiting = printer.print(slip('3'));
  await printer.close();
  await printer.close();
  expect((await waiting).ok).toBe(false);
  expect(await printer.print(slip('4'))).toEqual(error('canceled', 'not-sent'));
});
