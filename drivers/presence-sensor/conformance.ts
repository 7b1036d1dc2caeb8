import {
  type Check,
  type CheckResult,
  failed,
  passed,
  type SupervisedContext,
  skipped,
  statusIs,
  supervisedChecks,
  whileOnline,
} from '../conformance/index.ts';
import type { PresenceSensor } from './presence-sensor.ts';

/** `come`: step before the sensor; `go`: step away from it. */
export type PresenceSensorContext = SupervisedContext<PresenceSensor, 'come' | 'go'>;

/** What a sensor may need beyond the times that are set, milliseconds. */
const GRACE_MS = 5000;

export const presenceSensorChecks: readonly Check<PresenceSensorContext>[] = [
  ...supervisedChecks,
  {
    id: 'sees-a-person',
    title: 'a person who comes and goes is seen to come and go, once each',
    run: (context) =>
      whileOnline(context, async (sensor): Promise<CheckResult> => {
        const { presentAfterMs, notPresentAfterMs } = sensor.capabilities;
        const within = (ms: number) => ms + GRACE_MS;
        if (!(await context.hands('go'))) return skipped('nobody stepped away');
        const away = await statusIs(
          sensor,
          ({ presence }) => presence === 'notPresent',
          within(notPresentAfterMs),
          context.clock,
        );
        if (!away) return failed(`with nobody there it is ${sensor.status.presence}`);
        const events: string[] = [];
        sensor.onEvent(({ name }) => events.push(name));
        if (!(await context.hands('come'))) return skipped('nobody came');
        if (
          !(await statusIs(
            sensor,
            ({ presence }) => presence === 'present',
            within(presentAfterMs),
            context.clock,
          ))
        ) {
          return failed('somebody came and was not seen');
        }
        await context.hands('go');
        await statusIs(
          sensor,
          ({ presence }) => presence === 'notPresent',
          within(notPresentAfterMs),
          context.clock,
        );
        const told = events.join(', ');
        return told === 'PersonPresent, PersonNotPresent' ? passed() : failed(`it told ${told || 'nothing'}`);
      }),
  },
];
