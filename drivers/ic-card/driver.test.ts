import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { formatReport, runChecks } from '../conformance/index.ts';
import { systemClock } from '../device.ts';
import { parseRecording, recordingTransport, replayTransport } from '../recording/index.ts';
import { encodePcscFrame, faultyTransport, type ManualClock, manualClock } from '../transport/index.ts';
import { GET_UID, readRecord } from './apdu.ts';
import {
  icCardChecks,
  icCardRedaction,
  openIcCardReader,
  type SimulatedIcCardFault,
  simulatedIcCardFaults,
  simulateIcCardReader,
} from './index.ts';
import { badge, holder, socialCard } from './testing/invented-cards.ts';

async function bench(cut: { readonly received?: number; readonly sent?: number } = {}) {
  const clock = manualClock();
  const simulator = simulateIcCardReader({ clock });
  const { received = Number.POSITIVE_INFINITY, sent = Number.POSITIVE_INFINITY } = cut;
  const plan = (opening: number) => (opening === 0 ? { cutAfterReceived: received, cutAfterSent: sent } : {});
  const reader = openIcCardReader({
    protocol: 'pcsc',
    transport: faultyTransport(simulator.transport, plan, clock),
    clock,
    random: () => 0.5,
  });
  onTestFinished(() => reader.close());
  const events: string[] = [];
  const statuses: string[] = [];
  reader.onEvent(({ name }) => events.push(name));
  reader.onStatus(({ device, media }) => statuses.push(`${device}/${media}`));
  return { clock, simulator, reader, events, statuses };
}

async function settled<T>(clock: ManualClock, promise: Promise<T>): Promise<T> {
  const outcome: T[] = [];
  void promise.then((value) => outcome.push(value));
  for (let t = 0; t < 40_000 && outcome.length === 0; t += 50) await clock.advance(50);
  const [value] = outcome;
  if (value === undefined) throw new Error('still running');
  return value;
}
const reason = (name: string) => ({ ok: false, error: { reason: name } });

test('waits for a card, reads it, tells when it comes and goes', async () => {
  const { clock, simulator, reader, events, statuses } = await bench();
  expect(await reader.readUid()).toMatchObject(reason('unplugged'));
  await clock.advance(0);
  const reading = reader.readHolder();
  expect(await reader.readUid()).toMatchObject(reason('busy'));
  await clock.advance(500);
  simulator.place(socialCard, { t0: true });
  expect(await settled(clock, reading)).toEqual({ ok: true, value: holder });
  simulator.place(badge);
  await clock.advance(0);
  expect(await settled(clock, reader.readUid())).toEqual({ ok: true, value: { uid: '04A2241B2C5E80' } });
  expect(reader.capabilities).toEqual({ protocol: 'pcsc', uid: true });
  simulator.place(null);
  await clock.advance(0);
  expect(events).toEqual(['MediaInserted', 'MediaRemoved', 'MediaInserted', 'MediaRemoved']);
  expect(statuses).toEqual([
    ...['online/notPresent', 'online/present', 'online/notPresent', 'online/present', 'online/notPresent'],
  ]);
});

test('every fault has its name, is over when it is over, and is never another card', async () => {
  const expected: Record<SimulatedIcCardFault, string | null> = {
    refuses: 'card-refused',
    truncated: 'bad-record',
    lying: 'bad-record',
    garbled: 'card-failed',
    mute: 'card-mute',
    'removed-in-mid-read': 'card-removed',
    slow: null,
    'no-answer': 'no-answer',
    noise: null,
    'no-reader': 'no-reader',
    'no-service': 'unplugged',
  };
  for (const fault of simulatedIcCardFaults) {
    const { clock, simulator, reader, events } = await bench();
    await clock.advance(0);
    const reading = reader.readHolder();
    simulator.fault(fault);
    if (fault !== 'no-service') simulator.place(socialCard);
    const read = await settled(clock, reading);
    const name = expected[fault];
    expect(read, fault).toMatchObject(name === null ? { ok: true, value: holder } : reason(name));
    expect(events.includes('InvalidMedia')).toBe(fault === 'mute');
    simulator.fault(null);
    simulator.place(socialCard);
    await clock.advance(2000);
    expect(await settled(clock, reader.readHolder()), fault).toEqual({ ok: true, value: holder });
  }
});

test('cut off at every byte, in and out: the read ends with its name, and the next one is right', async () => {
  for (const direction of ['received', 'sent'] as const) {
    for (let cut = 1; ; cut++) {
      const { clock, simulator, reader } = await bench({ [direction]: cut });
      simulator.place(socialCard);
      await clock.advance(0);
      const read = await settled(clock, reader.readHolder());
      if (read.ok) {
        expect(cut).toBeGreaterThan(100);
        break;
      }
      expect(read.error.reason, `${direction} ${cut}`).toBe('unplugged');
      await clock.advance(2000);
      expect(reader.status.device).toBe('online');
      expect(await settled(clock, reader.readHolder())).toEqual({ ok: true, value: holder });
      await reader.close();
    }
  }
});

test('a recorded session names nobody, and replays', async () => {
  const clock = manualClock();
  const simulator = simulateIcCardReader({ clock });
  let file = '';
  const recorded = recordingTransport(simulator.transport, {
    device: 'ic-card',
    redact: icCardRedaction,
    clock,
    sink: (text) => {
      file += text;
    },
  });
  const reader = openIcCardReader({ protocol: 'pcsc', transport: recorded, clock });
  await clock.advance(0);
  simulator.place(socialCard, { t0: true });
  expect(await settled(clock, reader.readHolder())).toMatchObject({ ok: true });
  simulator.place(badge);
  await clock.advance(0);
  expect(await settled(clock, reader.readUid())).toMatchObject({ ok: true });
  await reader.close();
  for (const secret of [holder.number, 'A12345678'])
    expect(file).not.toContain(Buffer.from(secret).toString('hex'));
  expect(file).not.toContain('cdf5ceb0');
  expect(file).not.toContain('19900307');
  expect(file).not.toContain('04a2241b');

  const recording = parseRecording(file);
  if (!recording.ok) throw new Error(recording.error);
  const replay = replayTransport(recording.value);
  const again = openIcCardReader({ protocol: 'pcsc', transport: replay.transport, clock });
  await clock.advance(0);
  const read = await settled(clock, again.readHolder());
  expect(read).toMatchObject({
    ok: true,
    value: { number: expect.stringMatching(/^00000019000101001[\dX]$/), birth: null },
  });
  expect(await settled(clock, again.readUid())).toEqual({ ok: true, value: { uid: '78787878787878' } });
  await again.close();
  expect([replay.divergence, replay.left]).toEqual([null, 0]);
});

test("no badge's number is taken for a record of a card, whatever it looks like", () => {
  const number = Uint8Array.of(0xab, 0x05, 0x11, 0x22, 0x33, 0x44, 0x55);
  const answer = (id: number, ...bytes: number[]) =>
    encodePcscFrame({ kind: 'answer', id, bytes: Uint8Array.of(...bytes) });
  const command = (id: number, bytes: Uint8Array) =>
    encodePcscFrame({ kind: 'transmit', id, reader: 'r', command: bytes });
  const { input, output } = icCardRedaction();
  const kept = (...chunks: Uint8Array[]): string =>
    chunks.map((chunk) => input.push(chunk).map((each) => Buffer.from(each).toString('hex'))).join();

  const asked = command(7, GET_UID);
  // Cut anywhere, as on any link.
  output.push(asked.subarray(0, 4));
  output.push(asked.subarray(4));
  expect(kept(answer(7, ...number, 0x90, 0))).toBe('02000a07787878787878789000');
  output.push(command(8, Uint8Array.of(...GET_UID.subarray(0, 4), 7)));
  output.push(command(9, Uint8Array.of(0, 0xc0, 0, 0, 7)));
  expect(kept(answer(8, 0x61, 7), answer(9, ...number, 0x90, 0))).toBe(
    '020003086107,02000a09787878787878789000',
  );
  // A record of another card, whose command carries the same number as one before.
  output.push(command(7, readRecord(1)));
  expect(kept(answer(7, ...number, 0x90, 0))).toBe('02000a07ab0500000000009000');
});

test('conforms, in process', async () => {
  const simulator = simulateIcCardReader({ clock: systemClock });
  const report = await runChecks({
    subject: 'a simulated reader',
    checks: icCardChecks,
    context: {
      open: () => openIcCardReader({ protocol: 'pcsc', transport: simulator.transport, random: () => 0 }),
      hands: async (task) => {
        if (task === 'unplug') simulator.fault('no-service');
        else if (task === 'plug-in') simulator.fault(null);
        else simulator.place(task === 'place-badge' ? badge : task === 'remove-card' ? null : socialCard);
        return true;
      },
    },
    now: () => performance.now(),
  });
  expect(
    report.checks.every(({ outcome }) => outcome === 'passed'),
    formatReport(report),
  ).toBe(true);
});

test('a reader whose cards lie does not conform', async () => {
  const simulator = simulateIcCardReader({ clock: systemClock });
  simulator.fault('lying');
  const report = await runChecks({
    subject: 'a lying card',
    checks: icCardChecks.filter(({ id }) => id.startsWith('reads')),
    context: {
      open: () => openIcCardReader({ protocol: 'pcsc', transport: simulator.transport }),
      hands: async (task) => {
        simulator.place(task === 'place-badge' ? badge : task === 'place-social-card' ? socialCard : null);
        return true;
      },
    },
    now: () => performance.now(),
  });
  expect(report.checks.map(({ id, outcome, detail }) => [id, outcome, detail])).toEqual([
    ['reads-a-holder', 'failed', 'it ended with bad-record'],
    ['reads-a-badge', 'passed', undefined],
  ]);
});

test('without the native module the status says so, and so does every command', async () => {
  const reader = openIcCardReader({ protocol: 'pcsc', module: './no-such-module.js', random: () => 0 });
  await expect
    .poll(() => reader.status, { timeout: 10_000 })
    .toEqual({
      device: 'noDevice',
      media: 'unknown',
      reader: null,
      reason: 'pcsc-module-missing',
    });
  expect(await reader.readUid()).toMatchObject({
    ok: false,
    error: { code: 'deviceNotReady', reason: 'pcsc-module-missing' },
  });
  await reader.close();
});

test('a module that is built and a service that is started meanwhile are found', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'smartcard-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const module = path.join(folder, 'smartcard');
  const service = path.join(folder, 'service');
  const reader = openIcCardReader({
    ...{ protocol: 'pcsc', module: module },
    random: () => 0,
  });
  onTestFinished(() => reader.close());
  const becomes = (wanted: object) =>
    expect.poll(() => reader.status, { timeout: 10_000 }).toMatchObject(wanted);
  await becomes({ device: 'noDevice', reason: 'pcsc-module-missing' });
  mkdirSync(module);
  writeFileSync(
    path.join(module, 'index.js'),
    `exports.Context = class {
      constructor() {
        if (!require('node:fs').existsSync(${JSON.stringify(service)})) throw new Error('Service not available');
      }
      close() {}
    };
    exports.ReaderMonitor = class {
      start(tell) { tell({ type: 'reader-attached', reader: 'A reader', state: 0, atr: null }); }
      stop() {}
    };`,
  );
  await becomes({ device: 'noDevice', reason: 'pcsc-service-missing' });
  writeFileSync(service, '');
  await becomes({ device: 'online', media: 'notPresent', reader: 'A reader', reason: null });
});
