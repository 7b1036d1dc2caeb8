import type { DeviceState } from '../../device.ts';
import { adviceFor } from '../advice.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { fields, inline } from '../format.ts';
import type { StatusInvocation } from '../invocation.ts';
import { moduleOf, open } from '../open.ts';
import { settled } from '../until.ts';
import type { Voice, World } from '../world.ts';

/** What is true of a device now and what it can do; with `--watch` what changes, line by line. */
export async function status(invocation: StatusInvocation, world: World, voice: Voice): Promise<ExitCode> {
  const { deviceClass, timeoutMs, watch } = invocation;
  const opened = await open(await moduleOf(deviceClass), invocation, world);
  if (!opened.ok) return voice.fail(opened.error);
  const { device, where, whyAbsent } = opened.value;
  try {
    const { clock, interrupted: signal } = world;
    const first = await settled(device, { clock, signal, timeoutMs });
    if (!first.ok) return voice.fail(first.error);
    if (watch) {
      const tell = (now: typeof device.status): void => {
        voice.tell({ at: new Date(clock.now()).toISOString(), status: now });
        voice.say(`${new Date(clock.now()).toTimeString().slice(0, 8)}  ${inline(now)}`);
      };
      tell(device.status);
      const stop = device.onStatus(tell);
      await new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        else signal.addEventListener('abort', () => resolve(), { once: true });
      });
      stop();
      return EXIT.interrupted;
    }
    const now = first.value;
    const { capabilities } = device;
    const reason = now.device === 'noDevice' ? await whyAbsent() : null;
    const why = reason === null ? {} : { reason };
    voice.tell({
      ok: exitOf(now.device) === EXIT.done,
      class: deviceClass,
      where,
      status: now,
      capabilities,
      ...why,
    });
    voice.say(`${deviceClass} on ${where}`);
    for (const line of fields({ ...now, ...why })) voice.say(line);
    const advice = adviceFor(now);
    if (advice !== null) voice.say(advice);
    if (now.device === 'noDevice') return EXIT.absent;
    voice.say('capabilities');
    for (const line of fields(capabilities)) voice.say(line);
    return exitOf(now.device);
  } finally {
    await opened.value.close();
  }
}

function exitOf(state: DeviceState): ExitCode {
  switch (state) {
    case 'online':
    case 'deviceBusy':
      return EXIT.done;
    case 'noDevice':
      return EXIT.absent;
    case 'starting':
      return EXIT.timedOut;
    case 'offline':
    case 'powerOff':
    case 'hardwareError':
    case 'userError':
    case 'fraudAttempt':
      return EXIT.no;
    default:
      return state satisfies never;
  }
}
