import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../device.ts';
import { libgpiodVersion } from '../gpio/index.ts';
import { fakeGpio, HOLD } from '../gpio/testing/fake-gpio.ts';
import { gpioOutputs } from './gpio-outputs.ts';
import { openLights } from './index.ts';

const posix = process.platform !== 'win32';
const real = await libgpiodVersion('gpioset');
const note = real.ok ? '' : ` (skipped: ${real.error})`;

describe.skipIf(!posix)('lights on GPIO lines', () => {
  const versions = [
    { says: 'gpioset (libgpiod) v1.6.3', options: (chip: string) => `--mode=signal ${chip}` },
    { says: 'gpioset v2.2.1', options: (chip: string) => `--chip ${chip} --consumer lights` },
  ];
  for (const { says, options } of versions) {
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
      const log: string[] = [];
      for (const value of [1, 0, 1, 0, 1]) {
        if (log.length > 0) {
          await lights.setLight('cardReader', { flashRate: value === 0 ? 'continuous' : 'off' });
          log.push(`stop ${options(chip)} 17=${1 - value}`);
        }
        log.push(`start ${options(chip)} 17=${value}`);
        await expect.poll(() => gpio.log()).toEqual(log);
      }
      await lights.close();
      // Nothing is left running, and no replacement was taken for a loss.
      expect(gpio.log()).toEqual([...log, `stop ${options(chip)} 17=1`]);
      expect(devices.filter((device) => device !== 'online')).toEqual([]);
    });
  }

  test('a chip that is unplugged is noticed, and set again when it is back, within two seconds each', async () => {
    const gpio = fakeGpio('gpioset v2.2.1', HOLD);
    onTestFinished(() => gpio.remove());
    const { program, chip } = gpio;
    const lights = openLights({
      protocol: 'gpio',
      chip,
      program,
      lights: { cardReader: { channel: 4 } },
      random: () => 0,
    });
    await expect.poll(() => lights.status.device).toBe('online');
    await lights.setLight('cardReader', { flashRate: 'continuous' });
    gpio.unplug();
    await expect.poll(() => lights.status.device, { timeout: 2000 }).toBe('noDevice');
    const before = gpio.log().length;
    gpio.plugIn();
    await expect.poll(() => lights.status.device, { timeout: 2000 }).toBe('online');
    await expect.poll(() => gpio.log().slice(before)).toEqual([`start --chip ${chip} --consumer lights 4=1`]);
    await lights.close();
  });

  test('a program that ends by itself, or is not there, is a lost device with a reason', async () => {
    const gpio = fakeGpio(
      'gpioset v2.2.1',
      'echo "gpioset: unable to request lines: Device or resource busy" >&2; exit 1',
    );
    onTestFinished(() => gpio.remove());
    const { program, chip } = gpio;
    const options = { chip, activeLow: false, clock: systemClock };
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
    const opened = await gpioOutputs({
      chip,
      activeLow: false,
      program: 'gpioset',
      clock: systemClock,
    }).open();
    if (!opened.ok) throw new Error(opened.error);
    const lost = new Promise((resolve) => opened.value.onClose(resolve));
    await opened.value.write(Uint8Array.of(4, 1));
    expect(await lost).not.toMatch(/option|usage|invalid/i);
  });
});
