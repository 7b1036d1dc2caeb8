import { channel } from '../channel.ts';
import type { DeviceState } from '../device.ts';
import { statusDesk } from '../status.ts';
import type { IdCard } from './card.ts';

export interface IdCardReaderStatus {
  /** `noDevice`: the port cannot be opened; `offline`: it is open, but nobody answers; `hardwareError`: the security
   * module is out of order. */
  readonly device: DeviceState;
  /** As last seen; a reader is not asked while no command runs. */
  readonly media: 'unknown' | 'present' | 'notPresent' | 'jammed';
}

export interface IdCardReaderCapabilities {
  /** XFS4IoT `CardReader` type. */
  readonly type: 'contactless';
  readonly cardTypes: readonly IdCard['type'][];
  /** The number of the reader's security module; null while unknown, and for readers that do not tell it. */
  readonly samId: string | null;
  /** Whether the reader knows the request; null until it was first asked. */
  readonly fingerprint: boolean | null;
  readonly latestAddress: boolean | null;
  /** Whether `setBaudRate` can be used: on serial lines only. */
  readonly baudRate: boolean;
  /** Whether `decodePhoto` has a decoder. */
  readonly photo: boolean;
}

/**
 * XFS4IoT CardReader events. `MediaDetected` is not among them: it tells of a card found by a reset, and a reader of
 * this protocol forgets its card when it is reset. `InvalidMedia` carries the reason `readCard` ends with.
 */
export type IdCardReaderEvent =
  | { readonly name: 'MediaInserted' }
  | { readonly name: 'MediaRemoved' }
  | { readonly name: 'InvalidMedia'; readonly reason: string };

/** What is true of a reader now, told when it changes. */
export class ReaderState {
  readonly statuses = statusDesk<IdCardReaderStatus>({ device: 'starting', media: 'unknown' });
  private known: IdCardReaderCapabilities;
  /** Whether the last event told of a card coming: a lost cable says nothing about the card. */
  private cardTold = false;
  readonly events = channel<IdCardReaderEvent>();

  constructor(can: { readonly baudRate: boolean; readonly photo: boolean }) {
    this.known = {
      type: 'contactless',
      cardTypes: ['citizen', 'hk-macao-taiwan', 'foreigner-2017', 'foreigner-2023'],
      samId: null,
      fingerprint: null,
      latestAddress: null,
      ...can,
    };
  }

  get status(): IdCardReaderStatus {
    return this.statuses.current;
  }

  get capabilities(): IdCardReaderCapabilities {
    return this.known;
  }

  set(change: Partial<IdCardReaderStatus>): void {
    this.statuses.set({ ...this.status, ...change });
    const { media } = this.status;
    const cardThere = media === 'present';
    if (media === 'unknown' || cardThere === this.cardTold) return;
    this.cardTold = cardThere;
    this.events.tell({ name: cardThere ? 'MediaInserted' : 'MediaRemoved' });
  }

  learn(more: Partial<IdCardReaderCapabilities>): void {
    this.known = { ...this.known, ...more };
  }

  invalidMedia(reason: string): void {
    this.events.tell({ name: 'InvalidMedia', reason });
  }
}
