import { watchForEnd } from '../command-end.ts';
import { parseConfig } from '../config.ts';
import {
  type CommandError,
  commandError,
  type DeviceState,
  type DriverOptions,
  err,
  ok,
  type Result,
  systemClock,
} from '../device.ts';
import { lastingLink, statusDesk } from '../status.ts';
import { supervise } from '../supervisor.ts';
import { type Link, transportOf } from '../transport/index.ts';
import {
  channelsOf,
  type LightsConfig,
  type LightsProfile,
  type LightWiring,
  lightsConfigSchema,
} from './config.ts';
import { type LightState, phaseAt } from './flash.ts';
import { GPIO_PROFILE, gpioOutputs } from './gpio-outputs.ts';
import type { LightCapabilities, Lights, LightsStatus, LightWish } from './lights.ts';
import { render } from './template.ts';

const DARK: LightState = { flashRate: 'off', color: null, level: 1 };

/** One light: how it is wired, what it shall do and since when. */
interface Lamp {
  readonly wiring: LightWiring;
  state: LightState;
  sinceMs: number;
}

/** Opens the lights, dark; finds them again whenever they are lost, until `close()`. Throws a `ConfigError`. */
export function openLights(options: LightsConfig & DriverOptions): Lights {
  const { clock = systemClock, random = Math.random, startPortHost, ...rest } = options;
  const config = parseConfig('the lights', lightsConfigSchema, rest);
  const profile: LightsProfile = config.protocol === 'serial' ? config.profile : GPIO_PROFILE;
  const transport =
    config.protocol === 'serial'
      ? transportOf(config.transport, { clock, startPortHost })
      : gpioOutputs({ ...config, lines: Object.values(config.lights).flatMap(channelsOf), clock });
  const lamps = new Map<string, Lamp>(
    Object.entries(config.lights).map(([name, wiring]) => [name, { wiring, state: DARK, sinceMs: 0 }]),
  );
  const capabilities = {
    lights: Object.fromEntries(
      [...lamps].map(([name, lamp]) => [name, capabilitiesOf(lamp.wiring, profile)]),
    ),
  };
  let link: Link | null = null;
  /** What each output was told last on this link. */
  let told = new Map<number, string>();
  let flushing: Promise<void> = Promise.resolve();
  let cancelFlash = () => {};
  let closing: Promise<void> | null = null;

  const states = (): LightsStatus['lights'] =>
    Object.fromEntries([...lamps].map(([name, { state }]) => [name, state]));
  const status = statusDesk<LightsStatus>({ device: 'starting', lights: states() });
  const tell = (device: DeviceState): void => status.set({ device, lights: states() });

  /** Tells the outputs what they do not know yet, oldest wish last: only what is true now is sent. */
  const flush = async (): Promise<void> => {
    const to = link;
    for (;;) {
      const next = [...commands(lamps.values(), profile, clock.monotonic())].find(
        ([output, bytes]) => told.get(output) !== hex(bytes),
      );
      if (!next || !to || to !== link) return;
      const [output, bytes] = next;
      told.set(output, hex(bytes));
      await to.write(bytes);
    }
  };
  const refresh = (): Promise<void> => {
    flushing = flushing.then(flush);
    scheduleFlash();
    return flushing;
  };
  const scheduleFlash = (): void => {
    cancelFlash();
    const now = clock.monotonic();
    const due = [...lamps.values()].flatMap(({ state, sinceMs }) =>
      flashesItself(state, profile) ? [] : (phaseAt(state.flashRate, sinceMs, now).changesAtMs ?? []),
    );
    if (due.length > 0 && link) cancelFlash = clock.after(Math.min(...due) - now, () => void refresh());
  };

  const lasting = lastingLink(clock);
  const supervisor = supervise({
    transport,
    clock,
    random,
    onUp(opened) {
      link = opened;
      told = new Map();
      // Boards that echo or chatter are not listened to, but read.
      opened.onData(() => {});
      lasting.up(() => tell('online'));
      void refresh();
    },
    onDown() {
      link = null;
      lasting.down();
      cancelFlash();
      tell('noDevice');
    },
  });

  return {
    capabilities,
    get status() {
      return status.current;
    },
    onStatus: status.listen,
    onEvent: () => () => {},
    async setLight(name, wish, commandOptions = {}) {
      if (closing || commandOptions.signal?.aborted) return err(canceled);
      const lamp = lamps.get(name);
      const wrong = lamp ? wrongWish(wish, capabilitiesOf(lamp.wiring, profile)) : unknownLight(name);
      if (wrong || !lamp) return err(wrong ?? unknownLight(name));
      const state = { flashRate: wish.flashRate, color: colorOf(lamp.wiring, wish), level: wish.level ?? 1 };
      if (JSON.stringify(state) !== JSON.stringify(lamp.state)) {
        lamp.state = state;
        lamp.sinceMs = clock.monotonic();
        tell(status.current.device);
      }
      const to = link;
      if (!to) return err(unplugged);
      const { promise: ended, resolve: end } = Promise.withResolvers<Result<void, CommandError>>();
      const late = commandError('timeOut', 'timed-out', 'the command did not leave in time');
      const stopWatching = watchForEnd(commandOptions, clock, (code) =>
        end(err(code === 'canceled' ? canceled : late)),
      );
      void refresh().then(() => end(link === to ? ok(undefined) : err(unplugged)));
      const result = await ended;
      stopWatching();
      return result;
    },
    close() {
      closing ??= (async () => {
        status.clear();
        lasting.down();
        cancelFlash();
        // Nothing is left shining or flashing for nobody.
        for (const lamp of lamps.values()) lamp.state = DARK;
        // A board that takes no more bytes does not keep a kiosk from ending.
        if (link) {
          const { promise: patience, resolve } = Promise.withResolvers<void>();
          const cancel = clock.after(LAST_WORDS_MS, resolve);
          await Promise.race([refresh(), patience]);
          cancel();
        }
        await supervisor.close();
      })();
      return closing;
    },
  };
}

/** How long the lights may take to go dark when they are closed, milliseconds. */
const LAST_WORDS_MS = 500;

const canceled = commandError('canceled', 'canceled', 'the command was canceled');
const unplugged = commandError('deviceNotReady', 'unplugged', 'the lights are not connected');
const unknownLight = (name: string): CommandError =>
  commandError('invalidData', 'unknown-light', `there is no light "${name}"`);

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function capabilitiesOf(wiring: LightWiring, profile: LightsProfile): LightCapabilities {
  const colors = 'channels' in wiring ? (Object.keys(wiring.channels) as LightCapabilities['colors']) : [];
  return { colors, dimmable: profile.level !== undefined };
}

function wrongWish(
  { color, level = 1 }: LightWish,
  { colors, dimmable }: LightCapabilities,
): CommandError | null {
  if (color !== undefined && !colors.includes(color)) {
    return commandError('unsupportedCommand', 'no-such-color', `this light cannot be ${color}`);
  }
  if (!(level >= 0 && level <= 1)) return commandError('invalidData', 'bad-level', 'a level is from 0 to 1');
  if (!dimmable && level !== 0 && level !== 1) {
    return commandError('unsupportedCommand', 'not-dimmable', 'this light is dark or lit, nothing between');
  }
  return null;
}

const colorOf = (wiring: LightWiring, { color }: LightWish): LightState['color'] =>
  color ?? ('channels' in wiring ? ((Object.keys(wiring.channels)[0] ?? null) as LightState['color']) : null);

const flashesItself = ({ flashRate }: LightState, { flash }: LightsProfile): boolean =>
  flashRate !== 'off' && flashRate !== 'continuous' && flash?.[flashRate] !== undefined;

/** What every output has to be told so that the lights are as they are wished now. */
function* commands(
  lamps: Iterable<Lamp>,
  profile: LightsProfile,
  nowMs: number,
): Generator<[output: number, bytes: Uint8Array]> {
  for (const { wiring, state, sinceMs } of lamps) {
    for (const output of channelsOf(wiring)) {
      const meant =
        !('channels' in wiring) || (state.color !== null && wiring.channels[state.color] === output);
      const lit =
        state.level > 0 && (flashesItself(state, profile) || phaseAt(state.flashRate, sinceMs, nowMs).lit);
      const template = meant && lit ? litTemplate(state, profile) : profile.off;
      yield [output, render(template, { channel: output, level: Math.round(state.level * 255) })];
    }
  }
}

function litTemplate({ flashRate, level }: LightState, { on, level: dim, flash }: LightsProfile): string {
  const byItself = flashRate === 'off' || flashRate === 'continuous' ? undefined : flash?.[flashRate];
  return byItself ?? (level < 1 ? (dim ?? on) : on);
}
