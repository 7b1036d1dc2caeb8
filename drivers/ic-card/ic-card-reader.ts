import type { CommandError, CommandOptions, Device, DeviceState, Result } from '../device.ts';
import type { SocialSecurityHolder } from './social-card.ts';
import type { Badge } from './uid.ts';

export interface IcCardReaderStatus {
  /** `noDevice`: `reason` says what is missing. */
  readonly device: DeviceState;
  readonly media: 'unknown' | 'present' | 'notPresent';
  /** The reader in use, as PC/SC names it. */
  readonly reader: string | null;
  /**
   * `pcsc-module-missing`: the package `smartcard` is not installed or was not built; `pcsc-service-missing`: the
   * system's smart card service does not run; `no-reader`: no reader, or none of the name that was asked for.
   */
  readonly reason: 'pcsc-module-missing' | 'pcsc-service-missing' | 'no-reader' | null;
}

export interface IcCardReaderCapabilities {
  readonly protocol: 'pcsc';
  /** Whether this reader tells the numbers of contactless cards; null: not seen yet. */
  readonly uid: boolean | null;
}

/** XFS4IoT CardReader. */
export type IcCardReaderEvent =
  | { readonly name: 'MediaInserted' }
  | { readonly name: 'MediaRemoved' }
  /** A card that does not answer, e.g. one that lies the wrong way round. */
  | { readonly name: 'InvalidMedia' };

/**
 * A reader of chip cards through PC/SC. One command at a time; each waits for a card first. Reasons of all commands:
 * `pcsc-module-missing`, `pcsc-service-missing`, `no-reader`, `card-removed` (in the middle: lay it again), `card-mute`,
 * `card-failed`, `no-answer`, `unplugged`, `canceled`, `timed-out`, `busy`.
 */
export interface IcCardReader
  extends Device<IcCardReaderStatus, IcCardReaderCapabilities, IcCardReaderEvent> {
  /** Reads a social-security card. More reasons: `not-a-social-card`, `card-refused`, `bad-record`. */
  readHolder(options?: CommandOptions): Promise<Result<SocialSecurityHolder, CommandError>>;
  /** Reads a badge's number. More reasons: `no-uid`, `random-uid`. */
  readUid(options?: CommandOptions): Promise<Result<Badge, CommandError>>;
}
