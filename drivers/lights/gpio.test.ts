import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../device.ts';
import { libgpiodVersion } from '../gpio/index.ts';
import { fakeGpio, HOLD } from '../gpio/testing/fake-gpio.ts';
import { manualClock } from '../transport/index.ts';
import { gpioOutputs } from './gpio-outputs.ts';
import { openLights } from './index.ts';

const posix = process.platform !== 'win32';
const real = await libgpiodVersion('gpioset');
/** Programs are started, on a machine that may be busy. */
const PATIENT = { timeout: 20_000 };
const note = real.ok ? '' : ` (skipped: ${real.error})`;

describe.skipIf(!posix)('lights on GPIO lines', () => {
  const versions = [
    {
      says: 'gpioset (libgpiod) v1.6.3',
      options: (chip: string) => `--mode=signal ${chip}`,
      trying: (chip: string) => `--mode=exit ${chip}`,
    },
    {
      says: 'gpioset v2.2.1',
      options: (chip: string) => `--chip ${chip} --consumer lights`,
      trying: (chip: string) => `--toggle 0 --chip ${chip} --consumer lights`,
    },
  ];
  for (const { says, options, trying } of versions) {
    test(`${says}: a program holds each line, and is replaced when the light changes`, async () => {
      const gpio = fakeGpio(says, HOLD);
      onTestFinished(() => gpio.remove());
      const { program, chip } = gpio;
      const lights = openLights({
        protocol: 'gpio',
        chip,
        program,
        activeLow: true,
        lights: { cardReader: { channel: 17 } },
      });
      const devices: string[] = [];
      lights.onStatus(({ device }) => devices.push(device));
      const log = [`start ${trying(chip)} 17=1`];
      for (const value of [1, 0, 1, 0, 1]) {
        if (log.length > 1) {
          await lights.setLight('cardReader', { flashRate: value === 0 ? 'continuous' : 'off' });
          log.push(`stop ${options(chip)} 17=${1 - value}`);
        }
        log.push(`start ${options(chip)} 17=${value}`);
        await expect.poll(() => gpio.log(), PATIENT).toEqual(log);
      }
      await lights.close();
      // Nothing is left running, and no replacement was taken for a loss.
      expect(gpio.log()).toEqual([...log, `stop ${options(chip)} 17=1`]);
      expect(devices.filter((device) => device !== 'online')).toEqual([]);
    });
  }

  test('a chip that is unplugged is noticed, and set again when it is back', {
    timeout: 60_000,
  }, async () => {
    const gpio = fakeGpio('gpioset v2.2.1', HOLD);
    onTestFinished(() => gpio.remove());
    const { program, chip } = gpio;
    // The driver's own time, so that what other programs do to this machine is not counted.
    const clock = manualClock();
    const lights = openLights({
      protocol: 'gpio',
      chip,
      program,
      lights: { cardReader: { channel: 4 } },
      clock,
      random: () => 0,
    });
    onTestFinished(() => lights.close());
    const device = async () => {
      await clock.advance(50);
      return lights.status.device;
    };
    await expect.poll(device, PATIENT).toBe('online');
    await lights.setLight('cardReader', { flashRate: 'continuous' });
    await expect.poll(() => gpio.log().at(-1), PATIENT).toBe(`start --chip ${chip} --consumer lights 4=1`);
    gpio.unplug();
    await clock.advance(2000);
    await expect.poll(device, PATIENT).toBe('noDevice');
    const before = gpio.log().length;
    gpio.plugIn();
    await expect.poll(device, PATIENT).toBe('online');
    await expect
      .poll(() => gpio.log().slice(before), PATIENT)
      .toEqual([
        `start --toggle 0 --chip ${chip} --consumer lights 4=0`,
        `start --chip ${chip} --consumer lights 4=1`,
      ]);
  });

  test('a line that cannot be had is no device, by its number; told once, and no lamp is touched again', async () => {
    const refusal = 'echo "gpioset: unable to request lines: Device or resource busy" >&2; exit 1';
    const gpio = fakeGpio('gpioset v2.2.1', `case "$*" in *9=*) ${refusal} ;; esac\n${HOLD}`);
    onTestFinished(() => gpio.remove());
    const { program, chip } = gpio;
    const clock = manualClock();
    const opened = await gpioOutputs({ chip, program, lines: [4, 9], activeLow: false, clock }).open();
    expect(opened).toEqual({
      ok: false,
      error: 'line 9: unable to request lines: Device or resource busy',
    });
    const lights = openLights({
      protocol: 'gpio',
      chip,
      program,
      lights: { cardReader: { channel: 4 }, camera: { channel: 9 } },
      clock,
      random: () => 0,
    });
    onTestFinished(() => lights.close());
    const told: string[] = [];
    lights.onStatus(({ device }) => told.push(device));
    const tries = () => gpio.log().filter((line) => line.endsWith(' 9=0')).length;
    const triesInTime = async () => {
      await clock.advance(50);
      return tries();
    };
    await expect.poll(triesInTime, PATIENT).toBeGreaterThanOrEqual(5);
    expect(lights.status.device).toBe('noDevice');
    expect(told).toEqual(['noDevice']);
    expect(gpio.log().filter((line) => !line.includes('--toggle'))).toEqual([]);
  });

  test('a program that ends by itself, or is not there, is a lost device with a reason', async () => {
    const gpio = fakeGpio(
      'gpioset v2.2.1',
      'case "$*" in *--toggle*) exit 0 ;; esac; echo "gpioset: unable to request lines: Device or resource busy" >&2; exit 1',
    );
    onTestFinished(() => gpio.remove());
    const { program, chip } = gpio;
    const options = { chip, lines: [4], activeLow: false, clock: systemClock };
    const opened = await gpioOutputs({ ...options, program }).open();
    if (!opened.ok) throw new Error(opened.error);
    const lost = new Promise((resolve) => opened.value.onClose(resolve));
    await opened.value.write(Uint8Array.of(4, 1));
    expect(await lost).toBe('unable to request lines: Device or resource busy');
    expect(await gpioOutputs({ ...options, program: 'no-such-gpioset' }).open()).toMatchObject({
      ok: false,
      error: 'no-such-gpioset is not installed (Debian: gpiod)',
    });
    gpio.unplug();
    expect(await gpioOutputs({ ...options, program }).open()).toMatchObject({
      ok: false,
      error: expect.stringMatching(/no such/),
    });
  });

  test.skipIf(!real.ok)(`the real gpioset takes our options and refuses what is no chip${note}`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gpio-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const chip = join(folder, 'gpiochip0');
    writeFileSync(chip, '');
    const options = { chip, activeLow: false, program: 'gpioset', clock: systemClock };
    const refused = await gpioOutputs({ ...options, lines: [4] }).open();
    expect(refused).toMatchObject({ ok: false, error: expect.stringMatching(/^line 4: /) });
    expect(refused).not.toMatchObject({ error: expect.stringMatching(/option|usage|invalid/i) });
    const opened = await gpioOutputs({ ...options, lines: [] }).open();
    if (!opened.ok) throw new Error(opened.error);
    const lost = new Promise((resolve) => opened.value.onClose(resolve));
    await opened.value.write(Uint8Array.of(4, 1));
    expect(await lost).not.toMatch(/option|usage|invalid/i);
  });
});
