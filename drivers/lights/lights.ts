import type { CommandError, CommandOptions, Device, DeviceState, Result } from '../device.ts';
import type { FlashRate, LightColor } from './config.ts';
import type { LightState } from './flash.ts';

export interface LightsStatus {
  readonly device: DeviceState;
  /** What each light is wished to do; true of the lights themselves while the device is online. */
  readonly lights: Readonly<Record<string, LightState>>;
}

export interface LightsCapabilities {
  readonly lights: Readonly<Record<string, LightCapabilities>>;
}

export interface LightCapabilities {
  /** Empty: it has but one. */
  readonly colors: readonly LightColor[];
  /** Between dark and lit there is something. */
  readonly dimmable: boolean;
}

/** What a light shall do. */
export interface LightWish {
  readonly flashRate: FlashRate;
  /** Its first one unless told. */
  readonly color?: LightColor;
  /** 0 to 1; 1 unless told. 0 is dark. */
  readonly level?: number;
}

/** Status and guide lights (XFS4IoT Lights). There are no unsolicited events. */
export interface Lights extends Device<LightsStatus, LightsCapabilities, never> {
  /**
   * XFS4IoT Lights.SetLight. Resolves when the command has left. A wish is kept while the device is away (`unplugged`)
   * and comes true when it is back. Reasons: `unknown-light`, `no-such-color`, `not-dimmable`, `bad-level`,
   * `unplugged`, `canceled`, `timed-out`.
   */
  setLight(name: string, wish: LightWish, options?: CommandOptions): Promise<Result<void, CommandError>>;
}
