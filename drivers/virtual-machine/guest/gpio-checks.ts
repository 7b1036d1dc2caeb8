import assert from 'node:assert/strict';
import { openLights } from '../../lights/index.ts';
import { openPresenceSensor, type Presence, type PresenceSensor } from '../../presence-sensor/index.ts';
import { type GuestCheck, inTime, since, until } from './check.ts';
import { plugInGpio } from './usb-gpio.ts';

const seen = (sensor: PresenceSensor, wanted: Presence): Promise<void> =>
  inTime(
    `the sensor says ${wanted}`,
    new Promise<void>((resolve) => {
      const look = () => sensor.status.presence === wanted && resolve();
      sensor.onStatus(look);
      look();
    }),
  );

export const gpioChecks: readonly GuestCheck[] = [
  {
    name: 'presence sensor on GPIO: the level at first, then its edges',
    needs: 'gpiomon',
    async run(undo) {
      const line = 3;
      const adapter = await plugInGpio(undo);
      adapter.drive(line, 1);
      const sensor = openPresenceSensor({
        protocol: 'gpio',
        chip: adapter.chip,
        line,
        presentAfterMs: 0,
        notPresentAfterMs: 0,
      });
      undo(sensor.close);
      await seen(sensor, 'present');
      const before = adapter.questions;
      await until('somebody waits for edges', () => (adapter.questions > before + 3 ? true : null));
      const times: string[] = [];
      for (const [level, wanted] of [
        [0, 'notPresent'],
        [1, 'present'],
      ] as const) {
        const start = performance.now();
        adapter.drive(line, level);
        await seen(sensor, wanted);
        times.push(since(start));
      }
      return `noticed after ${times.join(' and ')}`;
    },
  },
  {
    name: 'status lights on GPIO: a line follows its light',
    needs: 'gpioset',
    async run(undo) {
      const channel = 5;
      const adapter = await plugInGpio(undo);
      const lights = openLights({
        protocol: 'gpio',
        chip: adapter.chip,
        lights: { statusGood: { channel } },
      });
      undo(lights.close);
      await until('the lights are online', () => (lights.status.device === 'online' ? true : null));
      for (const [flashRate, level] of [
        ['continuous', 1],
        ['off', 0],
        ['continuous', 1],
      ] as const) {
        const set = await lights.setLight('statusGood', { flashRate });
        assert.ok(set.ok, JSON.stringify(set));
        await until(`the line is ${level}`, () => (adapter.level(channel) === level ? true : null));
      }
      return 'on, off, on';
    },
  },
];
