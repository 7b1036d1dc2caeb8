import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { formatReport, runChecks } from '../conformance/index.ts';
import { memoryPort } from '../conformance/testing/pluggable-port.ts';
import { systemClock } from '../device.ts';
import { parseRecording, recordingTransport, replayTransport } from '../recording/index.ts';
import { faultyTransport, manualClock, memoryTransport } from '../transport/index.ts';
import { bootKeyboard, encodeBootReport } from './boot-keyboard.ts';
import {
  type Keypad,
  type KeypadConfig,
  type KeypadProfile,
  keypadChecks,
  keypadConfigSchema,
  keypadProfiles,
  keypadRedaction,
  openKeypad,
  type SimulatedKeypad,
  simulatedKeypadFaults,
  simulateKeypad,
} from './index.ts';
import { keyRules } from './key-rules.ts';
import { allCodes } from './usages.ts';

const functionKeys = keypadProfiles['function-keys'] ?? expect.unreachable();
const arrowKeys = keypadProfiles['arrow-keys'] ?? expect.unreachable();

function listen(keypad: Keypad) {
  const events: string[] = [];
  const statuses: string[] = [];
  keypad.onEvent((event) => events.push(event.name === 'KeyPressed' ? event.key : event.name));
  keypad.onStatus(({ device, headset }) => statuses.push(`${device}/${headset}`));
  return { events, statuses };
}

function bench(cut = Number.POSITIVE_INFINITY) {
  const clock = manualClock();
  const { transport, peer } = memoryTransport();
  const simulator = simulateKeypad({ link: peer, clock });
  const plan = (opening: number) => (opening === 0 ? { cutAfterReceived: cut } : {});
  const keypad = openKeypad({
    protocol: 'hid',
    transport: faultyTransport(transport, plan, clock),
    profile: 'function-keys',
    clock,
    random: () => 0.5,
  });
  onTestFinished(() => keypad.close());
  return { clock, peer, simulator, keypad, ...listen(keypad) };
}

describe('reports', () => {
  test('any keys that go down and up, up to six at a time, come out as they went in', () => {
    const step = fc.tuple(fc.constantFrom(...allCodes), fc.boolean());
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.constantFrom(undefined, 7), (steps, reportId) => {
        const keyboard = bootKeyboard(reportId);
        const held = new Set<string>();
        for (const [code, down] of steps) {
          const changed = held.has(code) !== down;
          if (changed && down && held.size >= 6) continue;
          if (down) held.add(code);
          else held.delete(code);
          expect(keyboard.push(encodeBootReport(held, reportId))).toEqual(changed ? [{ code, down }] : []);
        }
      }),
    );
  });

  test('too many keys, cut reports and any other bytes say nothing false and do no harm', () => {
    const keyboard = bootKeyboard();
    keyboard.push(encodeBootReport(['ArrowUp']));
    expect(keyboard.push(encodeBootReport(['KeyA', 'KeyB', 'KeyC', 'KeyD', 'KeyE', 'KeyF', 'KeyG']))).toEqual(
      [],
    );
    expect(keyboard.push(Uint8Array.of(0, 0, 0x52))).toEqual([]);
    expect(keyboard.push(encodeBootReport([]))).toEqual([{ code: 'ArrowUp', down: false }]);
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 10 })), (reports) => {
        const held = new Set<string>();
        const any = bootKeyboard();
        for (const report of reports) {
          for (const { code, down } of any.push(report)) {
            expect(held.has(code)).toBe(!down);
            if (down) held.add(code);
            else held.delete(code);
          }
        }
      }),
    );
  });
});

describe('the rules', () => {
  test('however a key trembles, it counts once until it has been quiet', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 199 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(gaps, fc.integer({ min: 200, max: 1000 }), (trembling, quiet) => {
        const rules = keyRules(arrowKeys, 200);
        let at = 0;
        let down = true;
        let counted = rules.feed('ArrowUp', at, down) === null ? 0 : 1;
        for (const gap of trembling) {
          at += gap;
          down = !down;
          if (rules.feed('ArrowUp', at, down) !== null) counted += 1;
        }
        expect(counted).toBe(1);
        rules.feed('ArrowUp', at, false);
        expect(rules.feed('ArrowUp', at + quiet, true)).toEqual({ kind: 'key', key: 'up' });
      }),
    );
  });

  test('a held key counts once, keys that follow each other count each', () => {
    const rules = keyRules(arrowKeys, 200);
    const held = Array.from({ length: 100 }, (_, i) => rules.feed('Enter', i * 33, true));
    expect(held.filter((meaning) => meaning !== null)).toHaveLength(1);
    expect(rules.feed('ArrowDown', 3400, true)).toEqual({ kind: 'key', key: 'down' });
    expect(rules.feed('ArrowUp', 3410, true)).toEqual({ kind: 'key', key: 'up' });
    expect(rules.feed('KeyQ', 3420, true)).toBeNull();
  });
});

describe('a keypad that is a keyboard', () => {
  test('tells its keys, takes them from others, and follows the plug when it is quiet', async () => {
    const clock = manualClock();
    const keypad = openKeypad({ protocol: 'keyboard', profile: 'function-keys', clock });
    const { events, statuses } = listen(keypad);
    expect(keypad.capabilities).toMatchObject({ headset: true, protocol: 'keyboard' });
    expect(keypad.feed('F13', 0, true)).toBe(true);
    expect(keypad.feed('F13', 30, true)).toBe(true);
    expect(keypad.feed('KeyA', 40, true)).toBe(false);
    for (const [code, at] of [
      ['F23', 0],
      ['F24', 20],
      ['F23', 60],
    ] as const) {
      await clock.advance(at - clock.monotonic());
      keypad.feed(code, at, true);
      keypad.feed(code, at + 5, false);
    }
    expect(keypad.status.headset).toBe('unknown');
    await clock.advance(200);
    keypad.feed('F23', 5000, true);
    await clock.advance(200);
    expect(statuses).toEqual(['online/present']);
    expect(events).toEqual(['up', 'HeadsetInserted']);
    await keypad.close();
    expect(keypad.feed('F13', 9000, true)).toBe(false);
  });
});

describe('a keypad that is read directly', () => {
  test('every fault: a press counts once, and others after it', async () => {
    for (const fault of simulatedKeypadFaults) {
      const { clock, simulator, events } = bench();
      await clock.advance(0);
      simulator.fault(fault);
      void simulator.press('F13', 500);
      await clock.advance(3000);
      simulator.fault(null);
      void simulator.press('F17');
      await clock.advance(3000);
      expect(events, fault).toEqual(['up', 'select']);
    }
  });

  test('unplugged at every byte: nothing is told twice, no key stays down, back within two seconds', async () => {
    for (let cut = 1; cut <= 17; cut++) {
      const { clock, peer, simulator, keypad, events, statuses } = bench(cut);
      await clock.advance(0);
      void simulator.press('F13');
      await clock.advance(100);
      void simulator.press('F17');
      await clock.advance(2000);
      expect(peer.connected).toBe(true);
      const before = events.length;
      expect(new Set(events).size, `byte ${cut}`).toBe(before);
      void simulator.press('F13');
      await clock.advance(500);
      expect(events.slice(before), `byte ${cut}`).toEqual(['up']);
      expect(statuses).toEqual(['online/unknown', 'noDevice/unknown', 'online/unknown']);
      await keypad.close();
    }
  });

  test('a recorded session holds its own keys only, and replays', async () => {
    const clock = manualClock();
    const { transport, peer } = memoryTransport();
    const simulator = simulateKeypad({ link: peer, clock });
    let file = '';
    const recorded = recordingTransport(transport, {
      device: 'keypad',
      redact: () => keypadRedaction(functionKeys),
      clock,
      sink: (text) => {
        file += text;
      },
    });
    const config = { protocol: 'hid', profile: 'function-keys', clock } as const;
    const keypad = openKeypad({ ...config, transport: recorded });
    await clock.advance(0);
    for (const code of ['Digit4', 'F13', 'Digit7', 'F17']) {
      void simulator.press(code);
      await clock.advance(1000);
    }
    await keypad.close();
    expect(file).not.toMatch(/"hex":"[0-9a-f]*(21|24)/);
    const recording = parseRecording(file);
    if (!recording.ok) throw new Error(recording.error);
    const replay = replayTransport(recording.value);
    const again = openKeypad({ ...config, transport: replay.transport });
    const { events } = listen(again);
    await clock.advance(10);
    expect(events).toEqual(['up', 'select']);
    expect(replay.divergence).toBeNull();
    await again.close();
  });

  test('conforms, in process', async () => {
    let simulator: SimulatedKeypad | null = null;
    const port = memoryPort((link) => {
      simulator = simulateKeypad({ link, clock: systemClock });
    });
    const profile: KeypadProfile = { ...functionKeys, keys: { F13: 'up', F17: 'select' } };
    const report = await runChecks({
      subject: 'a simulated keypad',
      checks: keypadChecks,
      context: {
        open: () => openKeypad({ protocol: 'hid', transport: port.transport, profile }),
        hands: async (task) => {
          if (task === 'unplug') await port.unplug();
          else if (task === 'plug-in') await port.plugIn();
          else if (task === 'plug-headset' || task === 'pull-headset') {
            await simulator?.press(task === 'plug-headset' ? 'F23' : 'F24');
          } else if (task === 'hold') await simulator?.press('F17', 600);
          else await simulator?.press(task === 'press up' ? 'F13' : 'F17');
          return true;
        },
      },
      now: () => performance.now(),
    });
    await port.close();
    expect(
      report.checks.every(({ outcome }) => outcome === 'passed'),
      formatReport(report),
    ).toBe(true);
  });
});

test('a wrong configuration is told field by field', () => {
  const open = (config: unknown) => () => openKeypad(config as KeypadConfig);
  expect(open({ protocol: 'keyboard', profile: 'acme' })).toThrow(
    /known keypads are arrow-keys, function-keys/,
  );
  expect(open({ protocol: 'keyboard', debounceMs: -1 })).toThrow(/debounceMs/);
  expect(open({ protocol: 'keyboard', profile: { keys: { ArrowUp: 'fly' }, headset: null } })).toThrow(
    /profile/,
  );
});

test('a configuration that was checked passes again, unchanged', () => {
  const { transport } = memoryTransport();
  for (const config of [
    { protocol: 'keyboard', profile: 'function-keys' },
    { protocol: 'hid', transport },
  ]) {
    const checked = keypadConfigSchema.parse(config);
    expect(keypadConfigSchema.parse(checked)).toEqual(checked);
  }
});
