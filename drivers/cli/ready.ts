import { type Clock, type CommandError, commandError, err, ok, type Result } from '../device.ts';
import { adviceFor } from './advice.ts';
import type { AnyDevice } from './devices/found.ts';
import { inline } from './format.ts';
import type { Opened } from './open.ts';
import { settled, until } from './until.ts';
import type { Voice, World } from './world.ts';

/**
 * Waits until it is known whether the device is there. Error: `no-device` (deviceNotReady) with the reason why its port
 * cannot be opened, `timed-out`, `canceled`.
 */
export async function present<D extends AnyDevice>(
  { device, where, whyAbsent }: Opened<D>,
  { clock, interrupted: signal }: World,
  timeoutMs: number,
): Promise<Result<void, CommandError>> {
  const first = await settled(device, { clock, signal, timeoutMs });
  if (!first.ok) return first;
  if (first.value.device !== 'noDevice') return ok(undefined);
  const why = (await whyAbsent()) ?? adviceFor(first.value) ?? `nothing can be reached at ${where}`;
  return err(commandError('deviceNotReady', 'no-device', why));
}

/**
 * Waits until the device can be given a command, telling what keeps it. Errors as `present`; a device that is there
 * but does not become ready in time: `not-ready` (timeOut).
 */
export async function ready<D extends AnyDevice>(
  opened: Opened<D>,
  world: World,
  voice: Voice,
  timeoutMs: number,
): Promise<Result<void, CommandError>> {
  const left = deadline(world.clock, timeoutMs);
  const there = await present(opened, world, left());
  if (!there.ok) return there;
  const { device, where } = opened;
  const { clock, interrupted: signal } = world;
  if (device.status.device !== 'online') voice.hint(`${where}: ${told(device.status)}; waiting`);
  const online = await until(device, (status) => status.device === 'online', {
    clock,
    signal,
    timeoutMs: left(),
  });
  if (online.ok) return ok(undefined);
  if (online.error.code !== 'timeOut') return online;
  const detail = `${where} did not become ready: ${told(device.status)}`;
  return err(commandError('timeOut', 'not-ready', detail));
}

/** What to do, where that is known, and how the device puts it. */
function told(status: AnyDevice['status']): string {
  const advice = adviceFor(status);
  return advice === null ? inline(status) : `${advice} (${inline(status)})`;
}

/** What is left of the time that a person has given, milliseconds. */
export function deadline(clock: Clock, timeoutMs: number): () => number {
  const until = clock.monotonic() + timeoutMs;
  return () => Math.max(0, until - clock.monotonic());
}
