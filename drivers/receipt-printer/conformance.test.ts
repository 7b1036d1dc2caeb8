import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runChecks } from '../conformance/index.ts';
import { systemClock } from '../device.ts';
import { parseRecording, recordingTransport, replayTransport } from '../recording/index.ts';
import { memoryTransport, openPty, type Transport } from '../transport/index.ts';
import {
  type ReceiptPrinterCheckContext,
  type ReceiptPrinterTask,
  receiptPrinterChecks,
} from './conformance.ts';
import { type PrintedReceipt, receiptText } from './document/index.ts';
import { openReceiptPrinter, type ReceiptPrinterOptions } from './driver.ts';
import { receiptRedaction } from './esc-pos/index.ts';
import {
  type ReceiptPrinterFault,
  simulateReceiptPrinterOn,
  startSimulatedReceiptPrinter,
} from './simulator/index.ts';

const SPEED = 400;
const FAULTS: Partial<Record<ReceiptPrinterTask, ReceiptPrinterFault | null>> = {
  'remove-paper': 'paper-out',
  'load-paper': null,
  'open-cover': 'cover-open',
  'close-cover': null,
  unplug: 'unplugged',
  'plug-in': null,
};

interface Subject {
  readonly transport: ReceiptPrinterOptions['transport'];
  readonly setFault: (fault: ReceiptPrinterFault | null) => void | Promise<void>;
  readonly slips: readonly PrintedReceipt[];
}

/** Hands and eyes of a test: faults are made, and what is to be seen is looked for on the last slip. */
const contextOf = ({ transport, setFault, slips }: Subject): ReceiptPrinterCheckContext => ({
  open: () => openReceiptPrinter({ transport, pollIntervalMs: 50 }),
  async hands(task) {
    const fault = FAULTS[task];
    if (fault !== undefined) {
      await setFault(fault);
      return true;
    }
    const last = slips.at(-1);
    if (task.includes('WAITED')) return last !== undefined && receiptText(last) === 'WAITED';
    return last !== undefined;
  },
});

const check = (subject: string, context: ReceiptPrinterCheckContext, checks = receiptPrinterChecks) =>
  runChecks({ subject, checks, context, now: () => performance.now() });

test('the simulated printer in process conforms', { timeout: 60_000 }, async () => {
  const { transport, peer } = memoryTransport('receipt printer in process');
  const slips: PrintedReceipt[] = [];
  const mechanism = simulateReceiptPrinterOn(peer, {
    clock: systemClock,
    columns: 48,
    speedMmPerSecond: SPEED,
  });
  mechanism.onReceipt((slip) => slips.push(slip));
  onTestFinished(mechanism.close);
  const report = await check('in process', {
    ...contextOf({
      transport,
      slips,
      setFault(fault) {
        mechanism.fault(fault);
        peer.refuse(fault === 'unplugged' ? 'no such port' : null);
        if (fault === 'unplugged') peer.drop();
      },
    }),
  });
  expect(report.checks.map(({ id, outcome }) => [id, outcome])).toEqual(
    receiptPrinterChecks.map(({ id }) => [id, 'passed']),
  );
});

test('over TCP it conforms', { timeout: 60_000 }, async () => {
  const simulator = await startSimulatedReceiptPrinter({ clock: systemClock, speedMmPerSecond: SPEED });
  onTestFinished(simulator.close);
  const slips: PrintedReceipt[] = [];
  simulator.onReceipt((slip) => slips.push(slip));
  const { host, port } = simulator;
  const report = await check('over TCP', {
    ...contextOf({ transport: { kind: 'tcp', host, port }, slips, setFault: simulator.fault }),
  });
  expect(report.checks.map(({ outcome }) => outcome)).toEqual(receiptPrinterChecks.map(() => 'passed'));
});

const pty = await openPty();
const note = pty.ok ? '' : ` (skipped: ${pty.error})`;

test.skipIf(!pty.ok)(
  `over a serial port in a process of its own it conforms${note}`,
  { timeout: 60_000 },
  async () => {
    if (!pty.ok) return;
    const { path, master, close } = pty.value;
    onTestFinished(close);
    const slips: PrintedReceipt[] = [];
    const mechanism = simulateReceiptPrinterOn(master, {
      clock: systemClock,
      columns: 48,
      speedMmPerSecond: SPEED,
    });
    mechanism.onReceipt((slip) => slips.push(slip));
    onTestFinished(mechanism.close);
    // Each opening starts a process, so not all is asked; and a pseudo-terminal cannot be plugged in again.
    const asked = ['prints-text', 'tells-cover-open', 'waits-for-paper'];
    const report = await check(
      `serial ${path}`,
      contextOf({
        transport: { kind: 'serial', path, baudRate: 115200 },
        slips,
        setFault: mechanism.fault,
      }),
      receiptPrinterChecks.filter(({ id }) => asked.includes(id)),
    );
    expect(report.checks.map(({ id, outcome }) => [id, outcome])).toEqual(asked.map((id) => [id, 'passed']));
  },
);

const RECORDING = join(import.meta.dirname, 'recordings', 'prints-over-tcp.jsonl');
/** Rounds of questions are asked when they are needed and not by the clock, so that a session can be told twice. */
const SELDOM_MS = 600_000;

/** Nobody is there: what is left is what a printer does by itself. */
const alone = (transport: Transport): ReceiptPrinterCheckContext => ({
  open: () =>
    openReceiptPrinter({
      transport,
      pollIntervalMs: SELDOM_MS,
      automaticStatus: false,
      answerTimeoutMs: 10_000,
    }),
  hands: async () => false,
});

test('a recorded session conforms when it is replayed, without the words that were printed', async () => {
  const recording = parseRecording(readFileSync(RECORDING, 'utf8'));
  if (!recording.ok) throw new Error(recording.error);
  const replay = replayTransport(recording.value, { redact: receiptRedaction });
  const report = await check('the recording', alone(replay.transport));
  expect(replay.divergence).toBeNull();
  expect(replay.left).toBe(0);
  expect(report.conforms).toBe(true);
  expect(report.checks.filter(({ outcome }) => outcome === 'passed').map(({ id }) => id)).toEqual([
    'is-ready',
    'prints-text',
    'prints-codes',
    'refuses-what-it-lacks',
  ]);
});

test('what is recorded now says the same as what was recorded then', async () => {
  const simulator = await startSimulatedReceiptPrinter({ clock: systemClock, speedMmPerSecond: SPEED });
  onTestFinished(simulator.close);
  let text = '';
  const transport = recordingTransport(simulator.transport, {
    device: 'receipt-printer',
    note: 'the simulated printer over TCP, asked by the conformance suite with nobody there',
    redact: receiptRedaction,
    clock: systemClock,
    sink: (line) => {
      text += line;
    },
  });
  await check('recorded', alone(transport));
  expect(text).not.toContain(Buffer.from('CHECK').toString('hex'));
  // How the file beside this test is made anew.
  if (process.env.RECORD !== undefined) writeFileSync(RECORDING, text);
  const output = (source: string): string => {
    const parsed = parseRecording(source);
    if (!parsed.ok) throw new Error(parsed.error);
    return parsed.value.events.flatMap((event) => (event.kind === 'out' ? [event.hex] : [])).join('');
  };
  expect(output(text)).toBe(output(readFileSync(RECORDING, 'utf8')));
});
