import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { formatReport, runChecks } from '../conformance/index.ts';
import { memoryPort, noPty, type PluggablePort, ptyPort } from '../conformance/testing/pluggable-port.ts';
import { systemClock } from '../device.ts';
import { fakeGpio } from '../gpio/testing/fake-gpio.ts';
import { parseRecording, recordingTransport, replayTransport } from '../recording/index.ts';
import { faultyTransport, manualClock, memoryTransport } from '../transport/index.ts';
import { gpioInput, monitorArguments } from './gpio-input.ts';
import {
  openPresenceSensor,
  type PresenceSensorConfig,
  presenceSensorChecks,
  presenceSensorConfigSchema,
  presenceSensorRedaction,
  type SimulatedSensor,
  simulatePresenceSensor,
} from './index.ts';
import { patternFinder, patternSchema } from './patterns.ts';

function bench(cut = Number.POSITIVE_INFINITY) {
  const clock = manualClock();
  const { transport, peer } = memoryTransport();
  const simulator = simulatePresenceSensor({ link: peer, clock });
  const plan = (opening: number) => (opening === 0 ? { cutAfterReceived: cut } : {});
  const sensor = openPresenceSensor({
    protocol: 'serial',
    transport: faultyTransport(transport, plan, clock),
    profile: 'hlk-ld2410',
    clock,
    random: () => 0.5,
  });
  onTestFinished(async () => {
    simulator.stop();
    await sensor.close();
  });
  const events: string[] = [];
  const statuses: string[] = [];
  sensor.onEvent(({ name }) => events.push(name));
  sensor.onStatus(({ device, presence }) => statuses.push(`${device}/${presence}`));
  return { clock, peer, simulator, sensor, events, statuses };
}

describe('patterns', () => {
  test('are found wherever a plain search finds them, however the bytes are cut', () => {
    const token = fc.oneof(fc.constantFrom('00', '01', '02'), fc.constant('??'));
    const pattern = fc.array(token, { minLength: 1, maxLength: 5 }).map((tokens) => tokens.join(' '));
    const bytes = fc.array(fc.nat(2), { maxLength: 200 });
    fc.assert(
      fc.property(
        fc.array(pattern, { minLength: 1, maxLength: 4 }),
        bytes,
        fc.nat(20),
        (patterns, stream, step) => {
          const expected = stream.flatMap((_, end) =>
            patterns.flatMap((text, meaning) => {
              const tokens = text.split(' ');
              const from = end + 1 - tokens.length;
              const matches = tokens.every(
                (each, i) => each === '??' || stream[from + i] === Number.parseInt(each, 16),
              );
              return from >= 0 && matches ? [meaning] : [];
            }),
          );
          const finder = patternFinder(patterns.map((text, meaning) => ({ pattern: text, meaning })));
          const found: number[] = [];
          for (let at = 0; at < stream.length; at += step + 1)
            found.push(...finder.push(Uint8Array.from(stream.slice(at, at + step + 1))));
          expect(found).toEqual(expected);
        },
      ),
    );
  });

  test('that make no sense are refused', () => {
    for (const text of ['', 'A', 'A0  01', '?? ??', 'zz', Array(65).fill('00').join(' ')])
      expect(patternSchema.safeParse(text).success, text).toBe(false);
  });
});

describe('a presence sensor', () => {
  test('sees people come and go, once each, and not everyone who walks by', async () => {
    const { clock, simulator, events, statuses } = bench();
    await clock.advance(1000);
    simulator.person(true);
    await clock.advance(200);
    simulator.person(false);
    await clock.advance(5000);
    expect(events).toEqual([]);
    simulator.person(true);
    await clock.advance(1000);
    // Standing still is not leaving.
    simulator.person(false);
    await clock.advance(2000);
    simulator.person(true);
    await clock.advance(60_000);
    simulator.person(false);
    await clock.advance(5000);
    expect(events).toEqual(['PersonPresent', 'PersonNotPresent']);
    expect(statuses).toEqual(['online/unknown', 'online/notPresent', 'online/present', 'online/notPresent']);
  });

  test('that flutters, or says nonsense, tells nobody; one that falls silent knows nothing', async () => {
    const { clock, simulator, events, statuses } = bench();
    await clock.advance(1000);
    simulator.fault('flutter');
    await clock.advance(60_000);
    expect(statuses).toEqual(['online/unknown', 'online/notPresent']);
    simulator.fault(null);
    simulator.person(true);
    await clock.advance(1000);
    simulator.fault('noise');
    await clock.advance(10_000);
    expect(statuses.slice(2)).toEqual(['online/present', 'offline/unknown']);
    simulator.fault(null);
    await clock.advance(1000);
    simulator.fault('silent');
    await clock.advance(3000);
    expect(statuses.slice(4)).toEqual(['online/unknown', 'online/present', 'offline/unknown']);
    expect(events).not.toContain('PersonNotPresent');
  });

  test('unplugged at every byte: unknown at once, back within two seconds, and nobody has left', async () => {
    for (let cut = 1; cut <= 47; cut++) {
      const { clock, peer, simulator, sensor, events, statuses } = bench(cut);
      simulator.person(true);
      await clock.advance(2400);
      expect(peer.connected).toBe(true);
      expect(sensor.status, `byte ${cut}`).toEqual({ device: 'online', presence: 'present' });
      expect(statuses).toContain('noDevice/unknown');
      expect(statuses.filter((status, i) => status === statuses[i - 1])).toEqual([]);
      expect(events).not.toContain('PersonNotPresent');
      await sensor.close();
      simulator.stop();
    }
  });

  test('a recorded session replays', async () => {
    const clock = manualClock();
    const { transport, peer } = memoryTransport();
    const simulator = simulatePresenceSensor({ link: peer, clock });
    let file = '';
    const recorded = recordingTransport(transport, {
      device: 'presence-sensor',
      redact: presenceSensorRedaction,
      clock,
      sink: (text) => {
        file += text;
      },
    });
    const config = { protocol: 'serial', profile: 'hlk-ld2410', clock } as const;
    const sensor = openPresenceSensor({ ...config, transport: recorded });
    simulator.person(true);
    await clock.advance(500);
    await sensor.close();
    simulator.stop();
    const recording = parseRecording(file);
    if (!recording.ok) throw new Error(recording.error);
    const replay = replayTransport(recording.value);
    const again = openPresenceSensor({ ...config, transport: replay.transport });
    const events: string[] = [];
    again.onEvent(({ name }) => events.push(name));
    await clock.advance(10);
    expect(events).toEqual(['PersonPresent']);
    await again.close();
    expect([replay.divergence, replay.left]).toEqual([null, 0]);
  });
});

describe('conforms', () => {
  const run = async (port: PluggablePort, simulator: () => SimulatedSensor) => {
    const report = await runChecks({
      subject: 'a simulated sensor',
      checks: presenceSensorChecks,
      context: {
        open: () =>
          openPresenceSensor({
            protocol: 'serial',
            transport: port.transport,
            profile: 'hlk-ld2410',
            presentAfterMs: 50,
            notPresentAfterMs: 150,
          }),
        hands: async (task) => {
          if (task === 'come' || task === 'go') simulator().person(task === 'come');
          else await (task === 'unplug' ? port.unplug() : port.plugIn());
          return true;
        },
      },
      now: () => performance.now(),
    });
    await port.close();
    simulator().stop();
    expect(
      report.checks.every(({ outcome }) => outcome === 'passed'),
      formatReport(report),
    ).toBe(true);
  };

  test('in process', async () => {
    let simulator: SimulatedSensor | null = null;
    const port = memoryPort((link) => {
      simulator = simulatePresenceSensor({ link, clock: systemClock });
    });
    await run(port, () => simulator ?? expect.unreachable());
  });

  test.skipIf(noPty !== null)(
    `on a real pseudo-terminal${noPty === null ? '' : ` (skipped: ${noPty})`}`,
    async () => {
      let simulator: SimulatedSensor | null = null;
      const port = await ptyPort((link) => {
        simulator?.stop();
        simulator = simulatePresenceSensor({ link, clock: systemClock });
      });
      await run(port, () => simulator ?? expect.unreachable());
    },
  );
});

/** Programs are started, on a machine that may be busy. */
const PATIENT = { timeout: 20_000 };

describe.skipIf(process.platform === 'win32')('on a GPIO line', () => {
  const versions = [
    { says: 'gpiomon (libgpiod) v1.6.3', falling: '0' },
    { says: 'gpiomon v2.2.1', falling: '2' },
  ];
  for (const { says, falling } of versions) {
    test(`${says}: the value at first, then edges; unplugged and back`, { timeout: 60_000 }, async () => {
      // `gpioget` gives one value and ends; `gpiomon` writes what comes in by a pipe, as edges.
      const script = `case "$*" in *%e*) mkfifo $FOLDER/edges 2>/dev/null; exec cat $FOLDER/edges - ;; *) echo 1 ;; esac`;
      const gpio = fakeGpio(says, script);
      onTestFinished(() => gpio.remove());
      const { program, chip } = gpio;
      const clock = manualClock();
      const sensor = openPresenceSensor({
        ...{ protocol: 'gpio', chip, line: 5, activeLow: true, presentAfterMs: 0, notPresentAfterMs: 0 },
        programs: { get: program, monitor: program },
        // The driver's own time, so that what other programs do to this machine is not counted.
        clock,
        random: () => 0,
      });
      onTestFinished(() => sensor.close());
      const status = async () => {
        await clock.advance(50);
        return sensor.status;
      };
      await expect.poll(status, PATIENT).toEqual({ device: 'online', presence: 'present' });
      const { execFile } = await import('node:child_process');
      execFile('sh', ['-c', `printf '${falling}\\n' > ${chip.replace('gpiochip0', 'edges')}`]);
      await expect.poll(async () => (await status()).presence, PATIENT).not.toBe('present');
      const options = {
        chip,
        line: 5,
        activeLow: true,
        programs: { get: '', monitor: '' },
        clock: systemClock,
      };
      expect(gpio.log().at(1)).toBe(
        `start ${monitorArguments(says.includes('v1') ? 1 : 2, options).join(' ')}`,
      );
      await clock.advance(2000);
      gpio.unplug();
      await clock.advance(2000);
      await expect.poll(status, PATIENT).toEqual({ device: 'noDevice', presence: 'unknown' });
      gpio.plugIn();
      await expect.poll(status, PATIENT).toEqual({ device: 'online', presence: 'present' });
    });
  }

  test('is closed also when its program has ended and something still holds its output', async () => {
    const script = 'case "$*" in *%e*) sleep 5 & exit 0 ;; *) echo 1 ;; esac';
    const gpio = fakeGpio('gpiomon v2.2.1', script);
    onTestFinished(() => gpio.remove());
    const { program, chip } = gpio;
    const programs = { get: program, monitor: program };
    const opened = await gpioInput({
      ...{ chip, line: 5, activeLow: false },
      programs,
      clock: systemClock,
    }).open();
    if (!opened.ok) throw new Error(opened.error);
    await expect.poll(() => gpio.log().length, PATIENT).toBe(2);
    const before = performance.now();
    await opened.value.close();
    await opened.value.close();
    expect(performance.now() - before).toBeLessThan(4000);
  });

  test('a port that opens and drops is told of once, and sees nobody meanwhile', async () => {
    const clock = manualClock();
    const { transport: steady, peer } = memoryTransport();
    const profile = { present: ['01'], notPresent: ['00'], silentMs: null };
    let drops = 0;
    const transport = {
      name: 'loose',
      async open() {
        const opened = await steady.open();
        if (drops === 20) return opened;
        drops += 1;
        void peer.write(Uint8Array.of(1));
        clock.after(100, () => peer.drop());
        return opened;
      },
    };
    const sensor = openPresenceSensor({ protocol: 'serial', transport, profile, clock, random: () => 0.5 });
    onTestFinished(() => sensor.close());
    const told: string[] = [];
    sensor.onStatus((status) => told.push(`${status.device} ${status.presence}`));
    const seen: string[] = [];
    sensor.onEvent(({ name }) => seen.push(name));
    await clock.advance(30_000);
    expect(drops).toBe(20);
    // The last is the link that lasts: it is told of once, like the first.
    expect(told).toEqual(['online unknown', 'online present', 'noDevice unknown', 'online unknown']);
    expect(seen).toEqual(['PersonPresent']);
    void peer.write(Uint8Array.of(1));
    await clock.advance(5000);
    expect(sensor.status).toEqual({ device: 'online', presence: 'present' });
    expect(seen).toEqual(['PersonPresent', 'PersonPresent']);
  });

  test('programs that are not there are a missing device', async () => {
    const sensor = openPresenceSensor({
      protocol: 'gpio',
      chip: 'gpiochip9',
      line: 1,
      programs: { get: 'x', monitor: 'no-such' },
    });
    await expect.poll(() => sensor.status.device).toBe('noDevice');
    await sensor.close();
  });
});

test('a wrong configuration is told field by field', () => {
  const { transport } = memoryTransport();
  const open = (config: unknown) => () => openPresenceSensor(config as PresenceSensorConfig);
  expect(open({ protocol: 'serial', transport, profile: 'acme' })).toThrow(/known sensors are hlk-ld2410/);
  expect(open({ protocol: 'gpio', chip: 'gpiochip0' })).toThrow(/line/);
});

test('a configuration that was checked passes again, unchanged', () => {
  const { transport } = memoryTransport();
  for (const config of [
    { protocol: 'serial', transport, profile: 'hlk-ld2410' },
    { protocol: 'gpio', chip: 'gpiochip0', line: 3 },
  ]) {
    const checked = presenceSensorConfigSchema.parse(config);
    expect(presenceSensorConfigSchema.parse(checked)).toEqual(checked);
  }
});
