import type { CommandError, CommandOptions, Device, DeviceState, Result } from '../device.ts';

export interface CameraStatus {
  /** `noDevice`: no camera is meant; `userError`: several are meant alike, and a person has to say which. */
  readonly device: DeviceState;
  /** The camera that is meant, as Chromium labels it; pictures are taken in the page, by this label. */
  readonly label: string | null;
  /** The labels that are meant alike; else empty. */
  readonly ambiguous: readonly string[];
}

export interface CameraCapabilities {
  /** Who knows which cameras there are. */
  readonly source: 'kernel' | 'page';
  /** There is a light to set. */
  readonly light: boolean;
  /** It can be set to more than dark and lit. */
  readonly dimmable: boolean;
}

export type CameraEvent = { readonly name: 'CameraConnected' } | { readonly name: 'CameraDisconnected' };

/** Whether a camera is there, which one it is, and its light. */
export interface Camera extends Device<CameraStatus, CameraCapabilities, CameraEvent> {
  /**
   * `level`: 0 dark to 1 brightest. Reasons: `no-light`, those of `Lights.setLight`.
   */
  setLight(level: number, options?: CommandOptions): Promise<Result<void, CommandError>>;
  /** The labels that the page sees, all of them, at first and after each change. Means nothing to source `kernel`. */
  reportDevices(labels: readonly string[]): void;
}
