import type { Device, DeviceState } from '../device.ts';
import type { KeypadKey } from './config.ts';

export interface KeypadStatus {
  /** `noDevice`: the port cannot be opened. A keyboard cannot be asked and counts as `online` from first to last. */
  readonly device: DeviceState;
  /** Whether headphones are plugged in (XFS4IoT Auxiliaries, `enhancedAudioSensor`); `unknown` until it is told. */
  readonly headset: 'present' | 'notPresent' | 'unknown';
}

export interface KeypadCapabilities {
  readonly protocol: 'keyboard' | 'hid';
  /** The keys it has, each once. */
  readonly keys: readonly KeypadKey[];
  /** It tells when headphones are plugged in. */
  readonly headset: boolean;
}

export type KeypadEvent =
  | { readonly name: 'KeyPressed'; readonly key: KeypadKey }
  | { readonly name: 'HeadsetInserted' }
  | { readonly name: 'HeadsetRemoved' };

/** A keypad for using the kiosk without looking, with a headphone jack. It has no commands. */
export type Keypad = Device<KeypadStatus, KeypadCapabilities, KeypadEvent>;

/** A keypad that is a keyboard: whoever sees the keys feeds them in. */
export interface KeyboardKeypad extends Keypad {
  /**
   * `code` is `KeyboardEvent.code`, `atMs` when on any steady clock, `down` whether it went down. True: it is the
   * keypad's key and nobody else's, also when it is told to nobody because it was held or bounced.
   */
  feed(code: string, atMs: number, down: boolean): boolean;
}
