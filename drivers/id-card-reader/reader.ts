import type { CommandError, CommandOptions, Device, DriverOptions, Result } from '../device.ts';
import type { PortListing } from '../transport/index.ts';
import type { IdCardReading } from './card.ts';
import type { BaudRate } from './codec.ts';
import type { DecodedPhoto } from './photo-decoder.ts';
import type { IdCardReaderCapabilities, IdCardReaderEvent, IdCardReaderStatus } from './state.ts';

export interface IdCardReaderOptions extends DriverOptions {
  /** How `transport: 'auto'` learns which ports there are; the machine's own unless told. */
  readonly listPorts?: () => Promise<PortListing>;
}

export interface ReadCardOptions extends CommandOptions {
  /** Ask for the address that was added after the card was issued, too: one more request, behind the record. */
  readonly latestAddress?: boolean;
}

export interface DeviceInfo {
  /** As in the capabilities. */
  readonly samId: string | null;
}

/** A reader of resident ID cards (GA/T 467-2019). One command at a time. */
export interface IdCardReader
  extends Device<IdCardReaderStatus, IdCardReaderCapabilities, IdCardReaderEvent> {
  /**
   * Waits for a card to be laid down and reads it. A card that was read before has to be lifted first. The checksum of
   * GA/T 467-2019 lets one damage in 256 pass: a reading counts when two in a row agree byte for byte, three once the
   * line has shown damage. The second costs the time of its bytes, about 0.11 s at 115200 baud (0.2 s with a
   * fingerprint). Readings that do not come to agree are a `bad-record`.
   * Reasons: `card-removed` (in mid-read: lay it again), `card-unreadable` (after three attempts), `unrecognised-card`,
   * `check-digit`, `bad-record`, `unplugged`, `no-answer`, `sam-failed`, `sam-not-authorised`, `canceled`, `timed-out`,
   * `busy`. After `unplugged`, call again when the status is `online`.
   */
  readCard(options?: ReadCardOptions): Promise<Result<IdCardReading, CommandError>>;
  /**
   * Resolves when the card that was read last has left the field, also when another has taken its place.
   * Reasons: `unplugged`, `no-answer`, `sam-failed`, `sam-not-authorised`, `unsupported`, `not-permitted`, `refused`
   * (statuses that say nothing about a card, time and again), `canceled`, `timed-out`, `busy`.
   */
  waitForRemoval(options?: CommandOptions): Promise<Result<void, CommandError>>;
  /**
   * Resets the security module; a card in the field has to be laid down anew. Reasons, of the other commands below as
   * well: `unplugged`, `no-answer`, `sam-failed`, `sam-not-authorised`, `unsupported`, `not-permitted`, `refused`,
   * `canceled`, `timed-out`, `busy`.
   */
  reset(options?: CommandOptions): Promise<Result<void, CommandError>>;
  /** Asks the security module how it is and who it is. */
  deviceInfo(options?: CommandOptions): Promise<Result<DeviceInfo, CommandError>>;
  /**
   * Sets the speed of a serial reader and opens the port again at that speed; where the reader does not answer then
   * (`no-answer`), at the one before. Further reason: `not-serial`. The configuration is the caller's to change.
   */
  setBaudRate(baudRate: BaudRate, options?: CommandOptions): Promise<Result<void, CommandError>>;
  /**
   * Decodes a chip's photo through the configured program; may run beside other commands. Reasons: `no-decoder`,
   * `no-photo`, `not-installed`, `crashed`, `not-an-image`, `too-large`, `canceled`, `timed-out`.
   */
  decodePhoto(photo: Uint8Array, options?: CommandOptions): Promise<Result<DecodedPhoto, CommandError>>;
}
