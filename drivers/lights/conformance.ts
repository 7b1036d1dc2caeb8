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
import type { Lights, LightWish } from './lights.ts';

/** What somebody who looks at a light sees; null: nobody looked. */
export type Seen = 'dark' | 'lit' | 'flashing' | null;

export interface LightsContext extends SupervisedContext<Lights> {
  /** Looks at a light long enough to see it flash, a few seconds. */
  eyes(light: string): Promise<Seen>;
}

const shows = (
  id: string,
  title: string,
  wish: LightWish,
  wanted: Exclude<Seen, null>,
): Check<LightsContext> => ({
  id,
  title,
  run: (context) =>
    whileOnline(context, async (lights): Promise<CheckResult> => {
      const names = Object.keys(lights.capabilities.lights);
      for (const name of names) {
        const set = await lights.setLight(name, wish, { timeoutMs: 2000 });
        if (!set.ok) return failed(`${name} ended with ${set.error.reason}`);
        const seen = await context.eyes(name);
        if (seen === null) return skipped('nobody looked');
        if (seen !== wanted) return failed(`${name} is ${seen}, not ${wanted}`);
      }
      return passed(names.join(', '));
    }),
});

export const lightsChecks: readonly Check<LightsContext>[] = [
  ...supervisedChecks,
  shows('goes-on', 'every light goes on', { flashRate: 'continuous' }, 'lit'),
  shows('goes-off', 'every light goes off', { flashRate: 'off' }, 'dark'),
  shows('flashes', 'every light flashes', { flashRate: 'quick' }, 'flashing'),
  {
    id: 'on-again',
    title: 'a light that was on before its cable was pulled is on again afterwards',
    run: (context) =>
      whileOnline(context, async (lights): Promise<CheckResult> => {
        const [name = ''] = Object.keys(lights.capabilities.lights);
        await lights.setLight(name, { flashRate: 'continuous' });
        if (!(await context.hands('unplug')) || !(await context.hands('plug-in'))) {
          return skipped('nobody pulled the cable');
        }
        if (!(await statusIs(lights, ({ device }) => device === 'online', 2000, context.clock))) {
          return failed('not found within 2 s');
        }
        const seen = await context.eyes(name);
        if (seen === null) return skipped('nobody looked');
        return seen === 'lit' ? passed() : failed(`it is ${seen}`);
      }),
  },
  {
    id: 'refuses-nonsense',
    title: 'a light that it does not have is refused by name',
    run: (context) =>
      whileOnline(context, async (lights): Promise<CheckResult> => {
        const set = await lights.setLight('noSuchLight', { flashRate: 'continuous' });
        return !set.ok && set.error.reason === 'unknown-light' ? passed() : failed('it was not refused');
      }),
  },
];
