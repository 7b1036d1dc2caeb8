import type { StartPortHost } from './transport/index.ts';

/**
 * The life every device shares, in XFS4IoT (CWA 17852) terms.
 *
 * A driver is opened once and lives until `close()`. Underneath, a supervisor opens the port, notices its loss
 * and opens it again; the driver's user only ever sees status changes and command results.
 */

/** XFS4IoT `Common.Status` device states. */
export type DeviceState =
  | 'starting'
  | 'online'
  | 'offline'
  | 'powerOff'
  | 'noDevice'
  | 'hardwareError'
  | 'userError'
  | 'deviceBusy'
  | 'fraudAttempt';

/** XFS4IoT completion codes other than `success`. */
export type CompletionCode =
  | 'commandErrorCode'
  | 'canceled'
  | 'deviceNotReady'
  | 'hardwareError'
  | 'internalError'
  | 'invalidCommand'
  | 'timeOut'
  | 'unsupportedCommand'
  | 'invalidData'
  | 'sequenceError'
  | 'authorisationRequired';

/** An expected outcome: the value, or the error as a value. */
export type Result<T, E> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: E };

export const ok = <T>(value: T): Result<T, never> => ({ ok: true, value });
export const err = <E>(error: E): Result<never, E> => ({ ok: false, error });

/** Why a command did not succeed. */
export interface CommandError {
  readonly code: CompletionCode;
  /** A stable, device-class specific name in kebab-case, e.g. `card-removed`, `outcome-unknown`. */
  readonly reason: string;
  /** One sentence for a technician; never personal data. */
  readonly detail: string;
}

export const commandError = (code: CompletionCode, reason: string, detail: string): CommandError => ({
  code,
  reason,
  detail,
});

/** Stops listening. */
export type Unsubscribe = () => void;

/** How a command may be ended from outside. */
export interface CommandOptions {
  /** Aborting ends the command with `canceled`. */
  readonly signal?: AbortSignal;
  /** The command ends with `timeOut` after this many milliseconds; without end if left out. */
  readonly timeoutMs?: number;
}

/**
 * What every driver offers. `Status` is the device class's own record of what is true now, `Capabilities` what this
 * device can do, `Event` what it reports without being asked (named as in XFS4IoT, e.g. `MediaInserted`).
 *
 * Commands are methods of the class's own interface; all of them take `CommandOptions` and resolve with a `Result`:
 * whatever a device, a cable or a person does is an error value, never an exception.
 */
export interface Device<
  Status extends { readonly device: DeviceState },
  Capabilities,
  Event extends { readonly name: string },
> {
  /** What the device can do, as far as known; replaced, never mutated, when more has been learnt. */
  readonly capabilities: Capabilities;
  /** The latest status; replaced, never mutated. */
  readonly status: Status;
  /** Called on changes only, never with an equal status. */
  onStatus(listener: (status: Status) => void): Unsubscribe;
  onEvent(listener: (event: Event) => void): Unsubscribe;
  /** Ends every command with `canceled`, closes the port, ends supervision. Idempotent. */
  close(): Promise<void>;
}

/** What every `open…` takes beside its configuration. */
export interface DriverOptions {
  /** The machine's own clock unless told. */
  readonly clock?: Clock;
  /** Uniform in [0, 1), for the jitter of reconnecting; `Math.random` unless told. */
  readonly random?: () => number;
  /** How the process is started that holds a native port; with Node.js's own `fork` unless told (Electron). */
  readonly startPortHost?: StartPortHost | undefined;
}

/** Time as a dependency: real in production, driven by hand in tests. */
export interface Clock {
  /** Milliseconds since the epoch, wall clock. */
  now(): number;
  /** Milliseconds on a clock that never jumps. */
  monotonic(): number;
  /** Calls back after `ms`; the returned function cancels. */
  after(ms: number, callback: () => void): () => void;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};
