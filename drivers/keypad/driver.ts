import { channel } from '../channel.ts';
import { parseConfig } from '../config.ts';
import { type DriverOptions, systemClock } from '../device.ts';
import { lastingLink, statusDesk } from '../status.ts';
import { supervise } from '../supervisor.ts';
import { transportOf } from '../transport/index.ts';
import { bootKeyboard } from './boot-keyboard.ts';
import { type KeypadConfig, keypadConfigSchema } from './config.ts';
import { keyRules } from './key-rules.ts';
import type { KeyboardKeypad, Keypad, KeypadEvent, KeypadStatus } from './keypad.ts';

type KeyboardInput = Extract<KeypadConfig, { readonly protocol: 'keyboard' }>;

/** Opens the keypad, and finds it again whenever it is lost, until `close()`. Throws a `ConfigError`. */
export function openKeypad(options: KeyboardInput & DriverOptions): KeyboardKeypad;
export function openKeypad(options: KeypadConfig & DriverOptions): Keypad;
export function openKeypad(options: KeypadConfig & DriverOptions): Keypad {
  const { clock = systemClock, random = Math.random, startPortHost, ...rest } = options;
  const config = parseConfig('the keypad', keypadConfigSchema, rest);
  const { profile, debounceMs, protocol } = config;
  const rules = keyRules(profile, debounceMs);
  const own = new Set([...Object.keys(profile.keys), ...Object.values(profile.headset ?? {})]);
  const status = statusDesk<KeypadStatus>({
    device: protocol === 'keyboard' ? 'online' : 'starting',
    headset: 'unknown',
  });
  const events = channel<KeypadEvent>();
  let cancelHeadset = () => {};
  let closing: Promise<void> | null = null;

  /** A plug makes and breaks contact while it slides in: what it says last, when it is quiet, is true. */
  const plug = (present: boolean): void => {
    cancelHeadset();
    cancelHeadset = clock.after(debounceMs, () => {
      const headset = present ? 'present' : 'notPresent';
      if (status.current.headset === headset) return;
      status.set({ ...status.current, headset });
      events.tell({ name: present ? 'HeadsetInserted' : 'HeadsetRemoved' });
    });
  };
  const feed = (code: string, atMs: number, down: boolean): boolean => {
    if (closing || !own.has(code)) return false;
    const meaning = rules.feed(code, atMs, down);
    if (meaning?.kind === 'key') events.tell({ name: 'KeyPressed', key: meaning.key });
    else if (meaning?.kind === 'headset') plug(meaning.present);
    return true;
  };

  const lasting = lastingLink(clock);
  const supervisor =
    config.protocol === 'keyboard'
      ? null
      : supervise({
          transport: transportOf(config.transport, { clock, startPortHost }),
          clock,
          random,
          onUp(link) {
            const keyboard = bootKeyboard(config.reportId);
            link.onData((report) => {
              for (const { code, down } of keyboard.push(report)) feed(code, clock.monotonic(), down);
            });
            lasting.up(() => status.set({ ...status.current, device: 'online' }));
          },
          onDown() {
            lasting.down();
            rules.reset();
            cancelHeadset();
            status.set({ device: 'noDevice', headset: 'unknown' });
          },
        });

  const keypad: KeyboardKeypad = {
    capabilities: {
      protocol,
      keys: [...new Set(Object.values(profile.keys))],
      headset: profile.headset !== null,
    },
    get status() {
      return status.current;
    },
    onStatus: status.listen,
    onEvent: events.listen,
    feed,
    close() {
      closing ??= supervisor?.close() ?? Promise.resolve();
      lasting.down();
      cancelHeadset();
      status.clear();
      events.clear();
      return closing;
    },
  };
  return keypad;
}
