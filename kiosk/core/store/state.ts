import { hash as digestOf } from 'node:crypto';
import { type Endorsement, isShareEvent, type Staff } from '@huimin/backend/contract';
import { overBook, type ShareBook, withEvent, withRecord } from '../shares/index.ts';
import type { JournalRecord } from './record.ts';
import type { Position } from './segment.ts';
import type { Kdf } from './vault.ts';
import type { View } from './view.ts';

export type KioskKeys = Omit<Extract<JournalRecord, { kind: 'keys' }>, 'kind'>;

/** Serials from..to, inclusive. */
export interface NumberBlock {
  readonly from: number;
  readonly to: number;
}

const notEmpty = (block: NumberBlock): boolean => block.from <= block.to;

/** The blocks once `serial` and all before it are used, those of earlier blocks too. */
export function withoutSerial(blocks: readonly NumberBlock[], serial: number): readonly NumberBlock[] {
  const at = blocks.findIndex(({ from, to }) => serial >= from && serial <= to);
  return blocks
    .slice(Math.max(at, 0))
    .map((block, index) => (index === 0 && at >= 0 ? { from: serial + 1, to: block.to } : block))
    .filter(notEmpty);
}

/**
 * So many serials are given up when it is not known how the journal ended. A disk that promised more than it had
 * written, and then lost its power, leaves zeros where the last commits stood, and nothing in the kiosk tells those
 * that were acknowledged from one that was not finished. A certificate takes about four commits, of 3 kB together, so
 * this covers the last 24 kB that a disk forgot, and costs a 60th of a block. A disk that forgot more is told by the
 * backend, which knows events that this kiosk does not: nothing is issued then until the kiosk is enrolled anew.
 */
export const SERIALS_GIVEN_UP = 8;

/** The blocks without those that could have been given besides what is known. `floor`: so much surely was, if not null. */
export function withoutDoubtful(
  blocks: readonly NumberBlock[],
  floor: number | null,
): readonly NumberBlock[] {
  let doubtful = SERIALS_GIVEN_UP;
  return blocks
    .map(({ from, to }) => ({ from: Math.max(from, (floor ?? 0) + 1), to }))
    .filter(notEmpty)
    .map(({ from, to }) => {
      const next = Math.min(from + doubtful, to + 1);
      doubtful -= next - from;
      return { from: next, to };
    })
    .filter(notEmpty);
}

/** The last delivery for offline service: what it was, and what opens its bundles besides a card. */
export interface Delivery {
  readonly position: Position;
  readonly asOf: string;
  readonly digest: string;
  /** When the newest bundle was signed; null when none is. */
  readonly signedAt: string | null;
  /** Null for the first form, which was sealed with the master key itself. */
  readonly sealed: { readonly key: string; readonly kdf: Kdf; readonly salt: string | null } | null;
}

/** What a kiosk has of those who vouch for it. */
export interface Standing {
  readonly endorsement: Endorsement | null;
  /** Serials that may still be used, oldest block first. */
  readonly blocks: readonly NumberBlock[];
  readonly shares: ShareBook | null;
}

/** With the next endorsement. Blocks add up, unless another authority speaks: its numbers and shares are others. */
export function endorsedWith({ endorsement: before, blocks, shares }: Standing, next: Endorsement): Standing {
  const isSame = before !== null && numbering(before) === numbering(next);
  const kept = isSame ? blocks : [];
  return {
    endorsement: next,
    blocks: next.numbers === null ? kept : [...kept, next.numbers],
    shares: before === null || isSame ? shares : null,
  };
}

/**
 * With nobody's word. A claim may be forgotten: what is left of the shares is not known any more, so that nothing may be
 * given out of it.
 */
export const unendorsed = ({ shares }: Standing): Standing => ({
  endorsement: null,
  blocks: [],
  shares: overBook(shares),
});

/** Names whose serials these are: the kiosk's number, and the root that it was given by. */
export function numbering({ kioskNumber, certificates }: Endorsement): string {
  const root = digestOf('sha256', certificates.at(-1) ?? '');
  return `${kioskNumber}-${root.slice(0, 16)}`;
}

/** What the store keeps in memory besides the view. */
export class StoreState {
  readonly view: View;
  keys: KioskKeys | null = null;
  endorsement: Endorsement | null = null;
  staff: readonly Staff[] = [];
  /** Serials that may still be used, oldest block first. */
  blocks: readonly NumberBlock[] = [];
  delivery: Delivery | null = null;
  /** Null until something is shared, and after the journal may have forgotten a claim. */
  shares: ShareBook | null = null;
  sequence = 0;
  hash = '';
  /** Whether the last record is that of an orderly stop. */
  closed = false;

  constructor(view: View) {
    this.view = view;
  }

  /** The record that stands for what is kept here. */
  record(): JournalRecord {
    const { keys, endorsement, blocks, staff, sequence, hash, shares } = this;
    const shared = shares === null ? {} : { shares };
    return {
      kind: 'state',
      keys,
      endorsement,
      blocks: [...blocks],
      staff: [...staff],
      sequence,
      hash,
      ...shared,
    };
  }

  /** Lets go of what only the frame at this position could tell; how many events that is. */
  forget(position: Position): number {
    // Whatever is delivered next is then new.
    if (this.delivery?.position === position) this.delivery = null;
    return this.view.forget(position);
  }

  /** Lets go of the serials that may have been given besides what is known; how many those are. */
  giveUpDoubtful(floor: number | null): number {
    const before = this.serialsLeft;
    this.blocks = withoutDoubtful(this.blocks, floor);
    return before - this.serialsLeft;
  }

  get serialsLeft(): number {
    return this.blocks.reduce((sum, { from, to }) => sum + to - from + 1, 0);
  }

  apply(position: Position, record: JournalRecord): void {
    this.view.apply(position, record);
    this.closed = record.kind === 'closed';
    switch (record.kind) {
      case 'keys':
        this.keys = { identity: record.identity, document: record.document };
        return;
      case 'endorsed':
        Object.assign(this, endorsedWith(this, record.endorsement));
        return;
      case 'number':
        this.blocks = withoutSerial(this.blocks, record.serial);
        return;
      case 'authority-lost':
        Object.assign(this, unendorsed(this));
        return;
      case 'closed':
        this.blocks = record.blocks;
        return;
      case 'staff':
        this.staff = record.staff;
        return;
      case 'event':
        // A snapshot keeps events that are older than the last one.
        if (record.event.sequence <= this.sequence) return;
        if (isShareEvent(record.event.body)) this.shares = withEvent(this.shares, record.event.body);
        this.sequence = record.event.sequence;
        this.hash = record.event.hash;
        return;
      case 'bundles':
        this.delivery = {
          position,
          asOf: record.asOf,
          digest: record.digest,
          signedAt: null,
          sealed: null,
        };
        return;
      case 'delivery': {
        const { asOf, digest, signedAt = null, key, kdf, salt = null } = record;
        this.delivery = { position, asOf, digest, signedAt, sealed: { key, kdf, salt } };
        return;
      }
      case 'inbox-current':
        if (this.delivery !== null) this.delivery = { ...this.delivery, asOf: record.asOf };
        return;
      case 'state':
        this.keys = record.keys;
        this.endorsement = record.endorsement;
        this.blocks = record.blocks;
        this.staff = record.staff;
        this.sequence = record.sequence;
        this.hash = record.hash;
        this.shares = record.shares ?? null;
        return;
      case 'share-book':
      case 'share-delivery':
      case 'ballot':
        this.shares = withRecord(this.shares, record);
        return;
      case 'answered':
      case 'returned':
      case 'print':
        return;
      default:
        record satisfies never;
    }
  }
}
