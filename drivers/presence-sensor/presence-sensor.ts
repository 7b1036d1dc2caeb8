import type { Device, DeviceState } from '../device.ts';

/** XFS4IoT Auxiliaries, `proximitySensor`. */
export type Presence = 'present' | 'notPresent' | 'unknown';

export interface PresenceSensorStatus {
  readonly device: DeviceState;
  /** Whether somebody stands before the kiosk; `unknown` while the sensor is away or has said nothing. */
  readonly presence: Presence;
}

export interface PresenceSensorCapabilities {
  readonly protocol: 'serial' | 'gpio';
  /** Milliseconds somebody has to be there, or gone, before it counts. */
  readonly presentAfterMs: number;
  readonly notPresentAfterMs: number;
}

/** Told when a person comes or goes; not when the sensor does. */
export type PresenceSensorEvent = { readonly name: 'PersonPresent' } | { readonly name: 'PersonNotPresent' };

/** Tells whether somebody stands before the kiosk. It has no commands. */
export type PresenceSensor = Device<PresenceSensorStatus, PresenceSensorCapabilities, PresenceSensorEvent>;
