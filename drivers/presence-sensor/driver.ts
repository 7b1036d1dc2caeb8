import { channel } from '../channel.ts';
import { parseConfig } from '../config.ts';
import { type DriverOptions, systemClock } from '../device.ts';
import { lastingLink, statusDesk } from '../status.ts';
import { supervise } from '../supervisor.ts';
import { transportOf } from '../transport/index.ts';
import { type PresenceSensorConfig, presenceSensorConfigSchema } from './config.ts';
import { dwell } from './dwell.ts';
import { GPIO_PROFILE, gpioInput } from './gpio-input.ts';
import { patternFinder } from './patterns.ts';
import type { PresenceSensor, PresenceSensorEvent, PresenceSensorStatus } from './presence-sensor.ts';

type Seen = 'present' | 'notPresent';

/** Opens the sensor, and finds it again whenever it is lost, until `close()`. Throws a `ConfigError`. */
export function openPresenceSensor(options: PresenceSensorConfig & DriverOptions): PresenceSensor {
  const { clock = systemClock, random = Math.random, startPortHost, ...rest } = options;
  const config = parseConfig('the presence sensor', presenceSensorConfigSchema, rest);
  const { protocol, presentAfterMs, notPresentAfterMs } = config;
  const profile = config.protocol === 'serial' ? config.profile : GPIO_PROFILE;
  const patterns = (['present', 'notPresent'] as const).flatMap((meaning) =>
    profile[meaning].map((pattern) => ({ pattern, meaning })),
  );
  const status = statusDesk<PresenceSensorStatus>({ device: 'starting', presence: 'unknown' });
  const events = channel<PresenceSensorEvent>();
  let cancelSilence = () => {};
  let closing: Promise<void> | null = null;

  const presence = dwell(clock, { presentAfterMs, notPresentAfterMs }, (counted) => {
    const before = status.current.presence;
    status.set({ ...status.current, presence: counted });
    if (counted === 'present') events.tell({ name: 'PersonPresent' });
    // Somebody who was never seen has not left.
    else if (counted === 'notPresent' && before === 'present') events.tell({ name: 'PersonNotPresent' });
  });
  const waitForSilence = (): void => {
    cancelSilence();
    if (profile.silentMs === null) return;
    cancelSilence = clock.after(profile.silentMs, () => {
      status.set({ device: 'offline', presence: 'unknown' });
      presence.forget();
    });
  };

  const lasting = lastingLink(clock);
  const supervisor = supervise({
    transport:
      config.protocol === 'serial'
        ? transportOf(config.transport, { clock, startPortHost })
        : gpioInput({ ...config, clock }),
    clock,
    random,
    onUp(link) {
      const finder = patternFinder(patterns);
      let counts = false;
      /** What a link said last that does not count yet. */
      let early: Seen | null = null;
      const see = (seen: Seen): void => {
        waitForSilence();
        status.set({ ...status.current, device: 'online' });
        presence.see(seen);
      };
      link.onData((chunk) => {
        for (const seen of finder.push(chunk)) {
          if (counts) see(seen);
          else early = seen;
        }
      });
      lasting.up(() => {
        counts = true;
        status.set({ ...status.current, device: 'online' });
        waitForSilence();
        if (early !== null) see(early);
      });
    },
    onDown() {
      lasting.down();
      cancelSilence();
      status.set({ device: 'noDevice', presence: 'unknown' });
      presence.forget();
    },
  });

  return {
    capabilities: { protocol, presentAfterMs, notPresentAfterMs },
    get status() {
      return status.current;
    },
    onStatus: status.listen,
    onEvent: events.listen,
    close() {
      closing ??= (async () => {
        status.clear();
        events.clear();
        lasting.down();
        cancelSilence();
        presence.forget();
        await supervisor.close();
      })();
      return closing;
    },
  };
}
