import {
  type Check,
  type CheckResult,
  failed,
  passed,
  type SupervisedContext,
  skipped,
  supervisedChecks,
  whileOnline,
} from '../conformance/index.ts';
import { systemClock } from '../device.ts';
import type { KeypadKey } from './config.ts';
import type { Keypad, KeypadEvent } from './keypad.ts';

/** `press KEY`: press it once; `hold`: hold the `select` key for two seconds; the others: headphones. */
export type KeypadTask = `press ${KeypadKey}` | 'hold' | 'plug-headset' | 'pull-headset';
export type KeypadContext = SupervisedContext<Keypad, KeypadTask>;

/** A key that has been pressed is told within this; a plug has to be quiet first. */
const TOLD_MS = 400;

const pause = (context: KeypadContext): Promise<void> =>
  new Promise((resolve) => (context.clock ?? systemClock).after(TOLD_MS, resolve));

/** What is told while hands do something, or null when nobody did. */
async function toldBy(keypad: Keypad, context: KeypadContext, task: KeypadTask): Promise<string | null> {
  const events: KeypadEvent[] = [];
  const stop = keypad.onEvent((event) => events.push(event));
  const done = await context.hands(task);
  if (done) await pause(context);
  stop();
  return done
    ? events.map((event) => (event.name === 'KeyPressed' ? event.key : event.name)).join(', ')
    : null;
}

export const keypadChecks: readonly Check<KeypadContext>[] = [
  ...supervisedChecks,
  {
    id: 'every-key',
    title: 'every key is told, once and as what it is',
    run: (context) =>
      whileOnline(context, async (keypad): Promise<CheckResult> => {
        for (const key of keypad.capabilities.keys) {
          const told = await toldBy(keypad, context, `press ${key}`);
          if (told === null) return skipped(`nobody pressed ${key}`);
          if (told !== key) return failed(`${key} was told as ${told || 'nothing'}`);
        }
        return passed(keypad.capabilities.keys.join(', '));
      }),
  },
  {
    id: 'held-once',
    title: 'a key that is held counts once',
    run: (context) =>
      whileOnline(context, async (keypad): Promise<CheckResult> => {
        const told = await toldBy(keypad, context, 'hold');
        if (told === null) return skipped('nobody held it');
        return told === 'select' ? passed() : failed(`it was told as ${told || 'nothing'}`);
      }),
  },
  {
    id: 'headset',
    title: 'headphones that are plugged in and pulled out are told',
    run: (context) =>
      whileOnline(context, async (keypad): Promise<CheckResult> => {
        if (!keypad.capabilities.headset) return skipped('it has no jack that tells');
        // Nobody knows what was before.
        await toldBy(keypad, context, 'pull-headset');
        const plugged = await toldBy(keypad, context, 'plug-headset');
        const pulled = await toldBy(keypad, context, 'pull-headset');
        if (plugged === null || pulled === null) return skipped('nobody had headphones');
        const told = `${plugged}, ${pulled}`;
        return told === 'HeadsetInserted, HeadsetRemoved' ? passed() : failed(`it told ${told}`);
      }),
  },
];
