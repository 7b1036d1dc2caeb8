import { describe, expect, test } from 'vitest';
import { formatReport, runChecks } from '../conformance/index.ts';
import { systemClock } from '../device.ts';
import { parseRecording, recordingTransport, replayTransport } from '../recording/index.ts';
import { manualClock, openPty, type Transport } from '../transport/index.ts';
import type { IdCardReaderConfig } from './config.ts';
import { type IdCardReaderContext, idCardReaderChecks } from './conformance.ts';
import { framedTransport, framingNames } from './framing/index.ts';
import { idCardRedaction } from './redaction.ts';
import {
  type SimulatedIdCardReader,
  type StartSimulatedReaderOptions,
  startSimulatedIdCardReader,
} from './simulated-port.ts';
import { settledBy } from './testing/bench.ts';
import { inventedCitizen } from './testing/invented-cards.ts';

const probe = await openPty();
if (probe.ok) await probe.value.close();
const absence = probe.ok ? '' : ` (skipped: ${probe.error})`;

/** Hands that do at once what they are told. */
const handsAt =
  (simulator: Pick<SimulatedIdCardReader, 'place' | 'fault'>): IdCardReaderContext['hands'] =>
  async (task) => {
    switch (task) {
      case 'lay-card':
        simulator.place(inventedCitizen(1));
        return true;
      case 'swap-card':
        simulator.place(inventedCitizen(2));
        return true;
      case 'lift-card':
        simulator.place(null);
        return true;
      case 'unplug':
        simulator.fault('unplugged');
        return true;
      case 'plug-in':
        simulator.fault(null);
        return true;
      default:
        return task satisfies never;
    }
  };

const conforms = async (subject: string, context: IdCardReaderContext): Promise<string> => {
  const report = await runChecks({
    subject,
    checks: idCardReaderChecks,
    context,
    now: context.clock.monotonic,
  });
  const text = formatReport(report);
  expect(
    report.checks.filter(({ outcome }) => outcome !== 'passed'),
    text,
  ).toEqual([]);
  return text;
};

/** On a clock moved by hand, in process. */
async function inProcess(
  options: StartSimulatedReaderOptions,
  config: Omit<IdCardReaderConfig, 'transport'>,
  around: (transport: Transport, clock: ReturnType<typeof manualClock>) => Transport = (same) => same,
) {
  const clock = manualClock();
  const simulator = await startSimulatedIdCardReader({ inProcess: true, clock, ...options });
  const context: IdCardReaderContext = {
    config: { ...config, transport: around(simulator.transport, clock) },
    options: { random: () => 0.5 },
    clock,
    hands: handsAt(simulator),
    patienceMs: 5000,
  };
  const text = await settledBy(clock)(conforms('a simulated reader', context), 200_000);
  await simulator.close();
  return text;
}

describe('a simulated reader conforms', () => {
  test.each(framingNames)('in process, framing %s', async (framing) => {
    const text = await inProcess({ framing }, { framing });
    expect(text).toContain('It conforms: 12 passed');
    expect(text).toContain('05.03-10000-0000012345-0000054321');
    expect(text).toContain('this card holds none');
    expect(text).toContain('unplugged in the middle of the read');
  });

  test('with a fingerprint and a later address', async () => {
    const text = await inProcess({ fingerprint: true, latestAddress: '虚构新路9号' }, { fingerprint: true });
    expect(text).toContain('this card holds one');
  });

  test('recorded, its personal data replaced, and replayed; the report names nobody', async () => {
    let file = '';
    await inProcess({ framing: 'miaxis', paced: false }, {}, (transport, clock) =>
      recordingTransport(framedTransport(transport, 'miaxis'), {
        device: 'id-card-reader',
        redact: idCardRedaction(),
        clock,
        sink: (line) => {
          file += line;
        },
      }),
    );
    const parsed = parseRecording(file);
    if (!parsed.ok) throw new Error(parsed.error);
    const replay = replayTransport(parsed.value);
    const clock = manualClock();
    const context: IdCardReaderContext = {
      config: { transport: replay.transport },
      options: { random: () => 0.5 },
      clock,
      hands: async () => true,
      patienceMs: 5000,
    };
    const text = await settledBy(clock)(conforms('a replay', context), 200_000);
    expect(replay.divergence).toBeNull();
    expect(replay.left).toBe(0);
    expect(text).not.toMatch(/\d{17}[\dX]/);
  });

  // At the same time: they mostly wait.
});

describe.skipIf(!probe.ok)(`a simulated reader on a real pseudo-terminal conforms${absence}`, () => {
  // At the same time: they mostly wait.
  for (const framing of framingNames)
    test.concurrent(`through the hosted serial port, framing ${framing}`, async () => {
      const simulator = await startSimulatedIdCardReader({ framing });
      const context: IdCardReaderContext = {
        config: { transport: simulator.transport, framing },
        clock: systemClock,
        hands: handsAt(simulator),
        patienceMs: 5000,
      };
      const text = await conforms(`a simulated reader, framing ${framing}, ${simulator.where}`, context);
      console.log(text);
      expect(text).toContain('unplugged in the middle of the read');
      await simulator.close();
    }, 60_000);
});

test('a reader that answers nothing does not conform, and the report says why', async () => {
  const clock = manualClock();
  const simulator = await startSimulatedIdCardReader({ inProcess: true, paced: false, clock });
  simulator.fault('no-answer');
  const context: IdCardReaderContext = {
    config: { transport: simulator.transport },
    clock,
    hands: async () => false,
  };
  const running = runChecks({
    subject: 'a dead reader',
    checks: idCardReaderChecks,
    context,
    now: clock.monotonic,
  });
  const report = await settledBy(clock)(running, 600_000);
  expect(report.conforms).toBe(false);
  expect(report.checks[0]).toMatchObject({ outcome: 'failed', detail: 'it is offline' });
  await simulator.close();
});
