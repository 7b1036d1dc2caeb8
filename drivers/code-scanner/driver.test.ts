import { describe, expect, onTestFinished, test } from 'vitest';
import { ConfigError } from '../config.ts';
import { formatReport, runChecks } from '../conformance/index.ts';
import { memoryPort, noPty, type PluggablePort, ptyPort } from '../conformance/testing/pluggable-port.ts';
import { systemClock } from '../device.ts';
import { parseRecording, recordingTransport, replayTransport } from '../recording/index.ts';
import {
  faultyTransport,
  type Link,
  manualClock,
  memoryTransport,
  type Transport,
} from '../transport/index.ts';
import {
  type CodeScannerConfig,
  codeScannerChecks,
  codeScannerConfigSchema,
  codeScannerRedaction,
  hidPosProfiles,
  openCodeScanner,
  type SimulatedScanner,
  simulateCodeScanner,
  simulatedScannerFaults,
  simulateScan,
} from './index.ts';

const accessIs = hidPosProfiles['access-is'];
if (!accessIs) throw new Error('no profile');
const protocols = ['serial', 'hid-pos'] as const;
type LinkedConfig = Extract<CodeScannerConfig, { transport: unknown }>;
const configOf = (protocol: (typeof protocols)[number], transport: Transport): LinkedConfig =>
  protocol === 'serial' ? { protocol, transport, aimId: true } : { protocol, transport };
const simulate = (protocol: (typeof protocols)[number], link: Link, clock = systemClock) =>
  simulateCodeScanner({ link, clock, aimId: true, ...(protocol === 'hid-pos' ? { hidPos: accessIs } : {}) });

/** Two HID-POS reports. */
const CODE = `https://example.org/v/CERT-2026-000123?惠民${'0123456789'.repeat(4)}`;

for (const protocol of protocols) {
  describe(`a ${protocol} scanner`, () => {
    function bench(cut = Number.POSITIVE_INFINITY) {
      const clock = manualClock();
      const { transport, peer } = memoryTransport();
      const simulator = simulate(protocol, peer, clock);
      const plan = (opening: number) => (opening === 0 ? { cutAfterReceived: cut } : {});
      const scanner = openCodeScanner({
        ...configOf(protocol, faultyTransport(transport, plan, clock)),
        clock,
        random: () => 0.5,
      });
      onTestFinished(() => scanner.close());
      const told: string[] = [];
      const statuses: string[] = [];
      scanner.onEvent((event) => told.push(event.name === 'CodeScanned' ? event.code.text : event.reason));
      scanner.onStatus(({ device }) => statuses.push(device));
      return { clock, peer, simulator, scanner, told, statuses };
    }

    test('reads with text and symbology; waits, ends in time, and one at a time', async () => {
      const { clock, simulator, scanner } = bench();
      expect(await scanner.read()).toMatchObject({ ok: false, error: { reason: 'unplugged' } });
      await clock.advance(0);
      const reading = scanner.read({ timeoutMs: 1000 });
      expect(await scanner.read()).toMatchObject({ ok: false, error: { reason: 'busy' } });
      void simulator.scan(CODE, ']Q1');
      await clock.advance(10);
      expect(await reading).toEqual({ ok: true, value: { text: CODE, symbology: ']Q1' } });
      const late = scanner.read({ timeoutMs: 1000 });
      await clock.advance(1000);
      expect(await late).toMatchObject({ ok: false, error: { code: 'timeOut', reason: 'timed-out' } });
      const abort = new AbortController();
      const canceled = scanner.read({ signal: abort.signal });
      abort.abort();
      expect(await canceled).toMatchObject({ ok: false, error: { reason: 'canceled' } });
    });

    test('unplugged at every byte: the read ends with its name, no half is told, the next code is read', async () => {
      const total = protocol === 'serial' ? Buffer.byteLength(CODE) + 4 : 128;
      for (let cut = 1; cut < total; cut++) {
        const { clock, simulator, scanner, told, statuses } = bench(cut);
        await clock.advance(0);
        const reading = scanner.read();
        void simulator.scan(CODE);
        await clock.advance(10);
        expect(await reading, `byte ${cut}`).toMatchObject({ ok: false, error: { reason: 'unplugged' } });
        await clock.advance(2000);
        void simulator.scan('the next one');
        await clock.advance(10);
        // A report that was cut in two is told as what it is.
        expect(
          told.filter((text) => text !== 'incomplete'),
          `byte ${cut}`,
        ).toEqual(['the next one']);
        expect(statuses).toEqual(['online', 'noDevice', 'online']);
        await scanner.close();
      }
    });

    test('every fault: never a wrong code, and the code after it is read', async () => {
      for (const fault of simulatedScannerFaults) {
        const { clock, simulator, told, statuses } = bench();
        await clock.advance(0);
        simulator.fault(fault);
        void simulator.scan(CODE);
        await clock.advance(10_000);
        simulator.fault(null);
        void simulator.scan('the next one');
        await clock.advance(10);
        const wrong = told.filter(
          (text) => !/^(not-text|control-characters|too-long|incomplete)$/.test(text),
        );
        expect(wrong.at(-1), fault).toBe('the next one');
        const readAnyway = fault === 'slow' || fault === 'noise';
        expect(wrong.length, `${fault}: ${told}`).toBe(readAnyway ? 2 : 1);
        expect(statuses).toEqual(['online']);
      }
    });

    test('a recorded session holds no code, and replays', async () => {
      const clock = manualClock();
      const { transport, peer } = memoryTransport();
      const simulator = simulate(protocol, peer, clock);
      let file = '';
      const parsed = codeScannerConfigSchema.parse(configOf(protocol, transport));
      if (parsed.protocol === 'keyboard-wedge') throw new Error('not linked');
      const recorded = recordingTransport(transport, {
        device: 'code-scanner',
        redact: () => codeScannerRedaction(parsed),
        clock,
        sink: (text) => {
          file += text;
        },
      });
      const scanner = openCodeScanner({ ...configOf(protocol, recorded), clock });
      await clock.advance(0);
      void simulator.scan('SECRET-4711', ']C1');
      await clock.advance(10);
      await scanner.close();
      expect(Buffer.from(file.replace(/[^0-9a-f]/g, ''), 'hex').toString('latin1')).not.toContain('SECRET');
      expect(file).not.toContain(Buffer.from('SECRET').toString('hex'));
      expect(file).not.toContain(Buffer.from('4711').toString('hex'));

      const recording = parseRecording(file);
      if (!recording.ok) throw new Error(recording.error);
      const replay = replayTransport(recording.value);
      const again = openCodeScanner({ ...configOf(protocol, replay.transport), clock });
      const told: unknown[] = [];
      again.onEvent((event) => told.push(event));
      await clock.advance(10);
      expect(told).toEqual([{ name: 'CodeScanned', code: { text: 'xxxxxxxxxxx', symbology: ']C1' } }]);
      await again.close();
      expect([replay.divergence, replay.left]).toEqual([null, 0]);
    });
  });
}

describe('conforms', () => {
  const run = async (config: LinkedConfig, port: PluggablePort, simulator: () => SimulatedScanner) => {
    const report = await runChecks({
      subject: 'a simulated scanner',
      checks: codeScannerChecks,
      context: {
        open: () => openCodeScanner({ ...config, random: () => 0 }),
        expected: CODE,
        hands: async (task) => {
          if (task === 'scan') void simulator().scan(CODE);
          else await (task === 'unplug' ? port.unplug() : port.plugIn());
          return true;
        },
      },
      now: () => performance.now(),
    });
    await port.close();
    expect(
      report.conforms && report.checks.every(({ outcome }) => outcome === 'passed'),
      formatReport(report),
    ).toBe(true);
  };

  for (const protocol of protocols) {
    test(`in process, ${protocol}`, async () => {
      let simulator: SimulatedScanner | null = null;
      const port = memoryPort((link) => {
        simulator = simulate(protocol, link);
      });
      await run(configOf(protocol, port.transport), port, () => simulator ?? expect.unreachable());
    });
  }

  test.skipIf(noPty !== null)(
    `on a real pseudo-terminal${noPty === null ? '' : ` (skipped: ${noPty})`}`,
    async () => {
      let simulator: SimulatedScanner | null = null;
      const port = await ptyPort((link) => {
        simulator = simulate('serial', link);
      });
      await run(configOf('serial', port.transport), port, () => simulator ?? expect.unreachable());
    },
  );

  test('as a keyboard, as far as one can be asked', async () => {
    let feed: ((key: string, at: number) => unknown) | null = null;
    const report = await runChecks({
      subject: 'a wedge',
      checks: codeScannerChecks,
      context: {
        open: () => {
          const scanner = openCodeScanner({ protocol: 'keyboard-wedge' });
          feed = scanner.feed;
          return scanner;
        },
        hands: async (task) => {
          if (task !== 'scan') return false;
          for (const { key, atMs } of simulateScan('CODE-1', performance.now())) feed?.(key, atMs);
          return true;
        },
      },
      now: () => performance.now(),
    });
    const outcomes = report.checks.map(({ id, outcome }) => `${id} ${outcome}`);
    expect(outcomes.filter((line) => !line.endsWith('passed'))).toEqual(['found-again skipped']);
  });
});

test('a wrong configuration is told field by field', () => {
  const open = (config: unknown) => () => openCodeScanner(config as CodeScannerConfig);
  expect(open({ protocol: 'hid-pos', transport: { kind: 'hid', device: 'x' } })).toThrow(ConfigError);
  expect(open({ protocol: 'hid-pos', transport: memoryTransport().transport, profile: 'acme' })).toThrow(
    /profile.*known layouts are access-is, microscan/,
  );
  expect(open({ protocol: 'keyboard-wedge', maxInterKeyMs: 1000 })).toThrow(/maxInterKeyMs/);
});

test('a configuration that was checked passes again, unchanged', () => {
  const { transport } = memoryTransport();
  for (const config of [
    { protocol: 'keyboard-wedge' },
    { protocol: 'serial', transport: { kind: 'serial', path: '/dev/ttyUSB0' } },
    { protocol: 'hid-pos', transport, profile: 'microscan' },
  ]) {
    const checked = codeScannerConfigSchema.parse(config);
    expect(codeScannerConfigSchema.parse(checked)).toEqual(checked);
  }
});
