import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ConfigError } from '../config.ts';
import { formatReport, runChecks } from '../conformance/index.ts';
import { memoryPort, noPty, type PluggablePort, ptyPort } from '../conformance/testing/pluggable-port.ts';
import { type Clock, systemClock } from '../device.ts';
import { faultyTransport, type Link, manualClock, memoryTransport } from '../transport/index.ts';
import { phaseAt } from './flash.ts';
import {
  FLASH_PERIOD_MS,
  type LightsConfig,
  lightsChecks,
  lightsConfigSchema,
  lightsProfiles,
  openLights,
  type SimulatedLights,
  simulateLights,
} from './index.ts';
import { render, templateSchema } from './template.ts';

const wired = { cardReader: { channel: 1 }, statusGood: { channels: { green: 2, red: 3 } } };

function bench(
  options: { readonly cut?: number; readonly profile?: LightsConfig & { protocol: 'serial' } } = {},
) {
  const clock = manualClock();
  const { transport, peer } = memoryTransport();
  const board = simulateLights({ link: peer, clock });
  const plan = (opening: number) =>
    opening === 0 && options.cut !== undefined ? { cutAfterSent: options.cut } : {};
  const lights = openLights({
    protocol: 'serial',
    transport: faultyTransport(transport, plan, clock),
    lights: wired,
    clock,
    random: () => 0.5,
  });
  onTestFinished(() => lights.close());
  const statuses: unknown[] = [];
  lights.onStatus((status) => statuses.push(status));
  return { clock, peer, board, lights, statuses };
}

describe('templates', () => {
  test('LCUS: the bytes from the description of the board', () => {
    const { on, off } = lightsProfiles.lcus ?? expect.unreachable();
    expect([...render(on, { channel: 1, level: 255 })]).toEqual([0xa0, 0x01, 0x01, 0xa2]);
    expect([...render(off, { channel: 1, level: 0 })]).toEqual([0xa0, 0x01, 0x00, 0xa1]);
  });

  test('every template that is accepted gives one byte a token, sums and xors of what is before them', () => {
    const token = fc.oneof(
      fc.nat(255).map((byte) => byte.toString(16).padStart(2, '0')),
      fc.constantFrom('{channel}', '{level}', '{sum}', '{xor}'),
    );
    fc.assert(
      fc.property(fc.array(token, { minLength: 1 }), fc.nat(255), fc.nat(255), (tokens, channel, level) => {
        const text = tokens.join(' ');
        expect(templateSchema.safeParse(text).success).toBe(true);
        const bytes = render(text, { channel, level });
        expect(bytes.length).toBe(tokens.length);
        for (const [i, each] of tokens.entries()) {
          const before = bytes.subarray(0, i);
          if (each === '{sum}') expect(bytes[i]).toBe(before.reduce((sum, byte) => sum + byte, 0) % 256);
          if (each === '{xor}') expect(bytes[i]).toBe(before.reduce((xor, byte) => xor ^ byte, 0));
        }
      }),
    );
  });

  test('others are refused', () => {
    for (const text of ['', 'A0  01', 'A0 1', 'A0 {chanel}', 'xx'])
      expect(templateSchema.safeParse(text).success).toBe(false);
  });
});

test('flashing is regular, begins lit, and is never faster than twice a second', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('slow', 'medium', 'quick'),
      fc.nat(1e6),
      fc.nat(1e6),
      (rate, since, later) => {
        const period = FLASH_PERIOD_MS[rate];
        const { lit, changesAtMs } = phaseAt(rate, since, since + later);
        expect(lit).toBe(later % period < period / 2);
        expect(changesAtMs).toBeGreaterThan(since + later);
        expect(phaseAt(rate, since, changesAtMs ?? 0).lit).toBe(!lit);
      },
    ),
  );
  expect(Math.min(...Object.values(FLASH_PERIOD_MS))).toBeGreaterThanOrEqual(500);
});

describe('the lights', () => {
  test('go on and off, in one colour at a time, and say what they are wished to be', async () => {
    const { clock, board, lights } = bench();
    await clock.advance(0);
    expect(lights.capabilities.lights).toEqual({
      cardReader: { colors: [], dimmable: false },
      statusGood: { colors: ['green', 'red'], dimmable: false },
    });
    expect(await lights.setLight('cardReader', { flashRate: 'continuous' })).toEqual({
      ok: true,
      value: undefined,
    });
    await lights.setLight('statusGood', { flashRate: 'continuous' });
    await clock.advance(0);
    expect([...board.lit]).toEqual([1, 2]);
    await lights.setLight('statusGood', { flashRate: 'continuous', color: 'red' });
    await clock.advance(0);
    expect([...board.lit]).toEqual([1, 3]);
    expect(lights.status.lights.statusGood).toEqual({ flashRate: 'continuous', color: 'red', level: 1 });
    await lights.close();
    await clock.advance(0);
    expect([...board.lit]).toEqual([]);
    expect(board.strayBytes).toBe(0);
  });

  test('flash by the driver where the board cannot, in step with the clock', async () => {
    const { clock, board, lights } = bench();
    await clock.advance(0);
    await lights.setLight('cardReader', { flashRate: 'medium' });
    await clock.advance(2600);
    expect(board.changes.map(({ what, atMs }) => [what, atMs])).toEqual([
      ...[
        ['1 on', 0],
        ['1 off', 500],
        ['1 on', 1000],
        ['1 off', 1500],
        ['1 on', 2000],
        ['1 off', 2500],
      ],
    ]);
    await lights.setLight('cardReader', { flashRate: 'off' });
    const changes = board.changes.length;
    await clock.advance(10_000);
    expect(board.changes.length).toBe(changes);
  });

  test('flash by themselves where the board can, and are dimmed where it can', async () => {
    const clock = manualClock();
    const { transport, peer } = memoryTransport();
    const sent: string[] = [];
    peer.onData((chunk) => sent.push(Buffer.from(chunk).toString('hex')));
    const profile = {
      on: '01 {channel}',
      off: '00 {channel}',
      level: '02 {channel} {level}',
      flash: { quick: '03 {channel}' },
    };
    const lights = openLights({
      protocol: 'serial',
      transport,
      profile,
      lights: { camera: { channel: 9 } },
      clock,
    });
    onTestFinished(() => lights.close());
    await clock.advance(0);
    await lights.setLight('camera', { flashRate: 'quick' });
    await clock.advance(5000);
    await lights.setLight('camera', { flashRate: 'continuous', level: 0.5 });
    await lights.setLight('camera', { flashRate: 'continuous', level: 0 });
    await clock.advance(0);
    expect(sent).toEqual(['0009', '0309', '020980', '0009']);
  });

  test('refuse what they cannot, by name', async () => {
    const { clock, lights } = bench();
    const reason = async (set: ReturnType<typeof lights.setLight>) => {
      const result = await set;
      return result.ok ? 'ok' : result.error.reason;
    };
    expect(await reason(lights.setLight('cardReader', { flashRate: 'continuous' }))).toBe('unplugged');
    await clock.advance(0);
    expect(await reason(lights.setLight('door', { flashRate: 'off' }))).toBe('unknown-light');
    expect(await reason(lights.setLight('cardReader', { flashRate: 'off', color: 'red' }))).toBe(
      'no-such-color',
    );
    expect(await reason(lights.setLight('cardReader', { flashRate: 'continuous', level: 0.5 }))).toBe(
      'not-dimmable',
    );
    expect(await reason(lights.setLight('cardReader', { flashRate: 'continuous', level: Number.NaN }))).toBe(
      'bad-level',
    );
    expect(
      await reason(lights.setLight('cardReader', { flashRate: 'off' }, { signal: AbortSignal.abort() })),
    ).toBe('canceled');
    await lights.close();
    expect(await reason(lights.setLight('cardReader', { flashRate: 'off' }))).toBe('canceled');
  });

  test('unplugged at every byte: back within two seconds and as last wished, told only on changes', async () => {
    for (let cut = 1; cut <= 24; cut++) {
      const { clock, peer, board, lights, statuses } = bench({ cut });
      await clock.advance(0);
      await lights.setLight('cardReader', { flashRate: 'continuous' });
      await lights.setLight('statusGood', { flashRate: 'continuous', color: 'red' });
      await clock.advance(2000);
      expect(peer.connected, `byte ${cut}`).toBe(true);
      expect(new Set(board.lit), `byte ${cut}`).toEqual(new Set([1, 3]));
      expect(lights.status.device).toBe('online');
      const told = statuses.map((status) => JSON.stringify(status));
      expect(told.filter((status, i) => status === told[i - 1])).toEqual([]);
      await lights.close();
    }
  });

  test('a chatty board does no harm, and one that takes nothing ends a command in time', async () => {
    const { clock, board, lights } = bench();
    await clock.advance(0);
    board.fault('chatty');
    await lights.setLight('cardReader', { flashRate: 'quick' });
    await clock.advance(60_000);
    expect(lights.status.device).toBe('online');
    expect(board.strayBytes).toBe(0);

    const stuck = manualClock();
    const link: Link = {
      write: () => new Promise(() => {}),
      onData() {},
      onClose() {},
      close: async () => {},
    };
    const deaf = openLights({
      protocol: 'serial',
      transport: { name: 'stuck', open: async () => ({ ok: true, value: link }) },
      lights: wired,
      clock: stuck,
    });
    await stuck.advance(0);
    const setting = deaf.setLight('cardReader', { flashRate: 'continuous' }, { timeoutMs: 300 });
    await stuck.advance(300);
    expect(await setting).toMatchObject({ ok: false, error: { reason: 'timed-out' } });
    const closing = deaf.close();
    await stuck.advance(500);
    await closing;
  });
});

describe('conforms', () => {
  const simulate = (link: Link, clock: Clock = systemClock) => simulateLights({ link, clock });
  const run = async (port: PluggablePort, board: () => SimulatedLights) => {
    const report = await runChecks({
      subject: 'a simulated board',
      checks: lightsChecks,
      context: {
        open: () =>
          openLights({
            protocol: 'serial',
            transport: port.transport,
            lights: { cardReader: { channel: 1 } },
          }),
        hands: async (task) => {
          await (task === 'unplug' ? port.unplug() : port.plugIn());
          return true;
        },
        eyes: async () => {
          const before = board().changes.length;
          // The quickest light changes every quarter of a second: what stays as it is for this long does not flash.
          const until = performance.now() + 1500;
          while (performance.now() < until) {
            await new Promise((resolve) => setTimeout(resolve, 50));
            if (board().changes.length > before + 1) return 'flashing';
          }
          return board().lit.has(1) ? 'lit' : 'dark';
        },
      },
      now: () => performance.now(),
    });
    await port.close();
    expect(
      report.checks.every(({ outcome }) => outcome === 'passed'),
      formatReport(report),
    ).toBe(true);
  };

  test('in process', async () => {
    let board: SimulatedLights | null = null;
    const port = memoryPort((link) => {
      board = simulate(link);
    });
    await run(port, () => board ?? expect.unreachable());
  });

  test.skipIf(noPty !== null)(
    `on a real pseudo-terminal${noPty === null ? '' : ` (skipped: ${noPty})`}`,
    async () => {
      let board: SimulatedLights | null = null;
      const port = await ptyPort((link) => {
        board = simulate(link);
      });
      await run(port, () => board ?? expect.unreachable());
    },
  );
});

test('a board that does nothing does not conform', async () => {
  let board: SimulatedLights | null = null;
  const port = memoryPort((link) => {
    board = simulateLights({ link, clock: systemClock });
    board.fault('deaf');
  });
  const report = await runChecks({
    subject: 'a deaf board',
    checks: lightsChecks.filter(({ id }) => id === 'goes-on' || id === 'goes-off'),
    context: {
      open: () =>
        openLights({ protocol: 'serial', transport: port.transport, lights: { a: { channel: 1 } } }),
      hands: async () => false,
      eyes: async () => ((board ?? expect.unreachable()).lit.has(1) ? 'lit' : 'dark'),
    },
    now: () => performance.now(),
  });
  await port.close();
  expect(report.checks.map(({ id, outcome }) => `${id} ${outcome}`)).toEqual([
    'goes-on failed',
    'goes-off passed',
  ]);
});

test('a wrong configuration is told field by field', () => {
  const { transport } = memoryTransport();
  const open = (config: unknown) => () => openLights(config as LightsConfig);
  const base = { protocol: 'serial', transport };
  expect(open({ ...base, lights: {} })).toThrow(ConfigError);
  expect(open({ ...base, lights: { a: { channel: 1 }, b: { channel: 1 } } })).toThrow(/same output/);
  expect(open({ ...base, lights: wired, profile: 'acme' })).toThrow(/known boards are lcus/);
  expect(open({ ...base, lights: wired, profile: { on: 'A0', off: 'nonsense' } })).toThrow(/profile/);
});

test('a configuration that was checked passes again, unchanged', () => {
  const { transport } = memoryTransport();
  for (const config of [
    { protocol: 'serial', transport, profile: 'lcus', lights: wired },
    { protocol: 'gpio', chip: 'gpiochip0', lights: wired },
  ]) {
    const checked = lightsConfigSchema.parse(config);
    expect(lightsConfigSchema.parse(checked)).toEqual(checked);
  }
});
