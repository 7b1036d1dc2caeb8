import { type Clock, type Device, type DeviceState, systemClock } from '../device.ts';
import { type Check, failed, type Hands, passed, skipped } from './check.ts';

type AnyDevice = Device<{ readonly device: DeviceState }, unknown, { readonly name: string }>;

/** What the checks of every class need: a way to open the device, and hands that can pull its cable. */
export interface SupervisedContext<D, Task extends string = never> {
  /** Opens the device under test; the check closes it. */
  open(): D;
  readonly hands: Hands<'unplug' | 'plug-in' | Task>;
  readonly clock?: Clock;
}

/** A device that is plugged in again is noticed within this. */
const NOTICED_WITHIN_MS = 2000;
/** A port may be opened and a device may start for this long; on a busy machine a port's process alone takes seconds. */
export const ONLINE_WITHIN_MS = 20_000;

/** Resolves with true once the status is as wanted, with false when it is not in time. */
export function statusIs<S>(
  device: { readonly status: S; onStatus(listener: (status: S) => void): () => void },
  wanted: (status: S) => boolean,
  withinMs: number,
  clock: Clock = systemClock,
): Promise<boolean> {
  if (wanted(device.status)) return Promise.resolve(true);
  return new Promise((resolve) => {
    const settle = (came: boolean) => {
      cancel();
      stop();
      resolve(came);
    };
    const cancel = clock.after(withinMs, () => settle(false));
    const stop = device.onStatus((status) => {
      if (wanted(status)) settle(true);
    });
  });
}

const isOnline = ({ device }: { readonly device: DeviceState }): boolean => device === 'online';

/** Opens the device, waits until it is online, does the work and closes it whatever happens. */
export async function whileOnline<D extends AnyDevice, T>(
  context: Pick<SupervisedContext<D>, 'open' | 'clock'>,
  work: (device: D) => Promise<T>,
): Promise<T | ReturnType<typeof failed>> {
  const device = context.open();
  try {
    if (await statusIs(device, isOnline, ONLINE_WITHIN_MS, context.clock)) return await work(device);
    return failed(`it is ${device.status.device}, not online`);
  } finally {
    await device.close();
  }
}

/** What every supervised device does, whatever its class. */
export const supervisedChecks: readonly Check<SupervisedContext<AnyDevice>>[] = [
  {
    id: 'comes-online',
    title: 'it is found and comes online',
    run: (context) => whileOnline(context, async () => passed()),
  },
  {
    id: 'tells-changes-only',
    title: 'its status is told when it changes, and only then',
    run: async (context) => {
      const device = context.open();
      const told = [JSON.stringify(device.status)];
      device.onStatus((status) => told.push(JSON.stringify(status)));
      const online = await statusIs(device, isOnline, ONLINE_WITHIN_MS, context.clock);
      await device.close();
      if (!online) return failed(`it is ${device.status.device}, not online`);
      return told.some((status, i) => i > 0 && status === told[i - 1])
        ? failed('the same status was told twice')
        : passed();
    },
  },
  {
    id: 'found-again',
    title: 'its loss is noticed, and it is found again within 2 s of being plugged in',
    run: (context) =>
      whileOnline(context, async (device) => {
        const clock = context.clock ?? systemClock;
        if (!(await context.hands('unplug'))) return skipped('nobody unplugged it');
        const lost = await statusIs(device, (status) => !isOnline(status), NOTICED_WITHIN_MS, clock);
        if (!(await context.hands('plug-in'))) return skipped('nobody plugged it in again');
        if (!lost) return failed('its loss was not noticed within 2 s');
        const from = clock.monotonic();
        const found = await statusIs(device, isOnline, NOTICED_WITHIN_MS, clock);
        return found ? passed(`${Math.round(clock.monotonic() - from)} ms`) : failed('not found within 2 s');
      }),
  },
];
