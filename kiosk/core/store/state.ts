import type { Endorsement, Staff } from '@huimin/backend/contract';
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

/** The blocks once `serial` and all before it in its block are used. */
export const withoutSerial = (blocks: readonly NumberBlock[], serial: number): readonly NumberBlock[] =>
  blocks
    .map((block) => (serial >= block.from && serial <= block.to ? { from: serial + 1, to: block.to } : block))
    .filter((block) => block.from <= block.to);

/** The last delivery for offline service: what it was, and what opens its bundles besides a card. */
export interface Delivery {
  readonly position: Position;
  readonly asOf: string;
  readonly digest: string;
  /** Null for the first form, which was sealed with the master key itself. */
  readonly sealed: { readonly key: string; readonly kdf: Kdf } | null;
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
  sequence = 0;
  hash = '';

  constructor(view: View) {
    this.view = view;
  }

  /** The record that stands for what is kept here. */
  record(): JournalRecord {
    const { keys, endorsement, blocks, staff, sequence, hash } = this;
    return { kind: 'state', keys, endorsement, blocks: [...blocks], staff: [...staff], sequence, hash };
  }

  /** Lets go of what only the frame at this position could tell; how many events that is. */
  forget(position: Position): number {
    // Whatever is delivered next is then new.
    if (this.delivery?.position === position) this.delivery = null;
    return this.view.forget(position);
  }

  apply(position: Position, record: JournalRecord): void {
    this.view.apply(position, record);
    switch (record.kind) {
      case 'keys':
        this.keys = { identity: record.identity, document: record.document };
        return;
      case 'endorsed': {
        const { endorsement } = record;
        // Blocks add up, unless another authority speaks: its numbers are other numbers.
        const sameAuthority =
          this.endorsement?.kioskNumber === endorsement.kioskNumber &&
          this.endorsement.certificates.at(-1) === endorsement.certificates.at(-1);
        const kept = sameAuthority ? this.blocks : [];
        this.blocks = endorsement.numbers === null ? kept : [...kept, endorsement.numbers];
        this.endorsement = endorsement;
        return;
      }
      case 'number':
        this.blocks = withoutSerial(this.blocks, record.serial);
        return;
      case 'authority-lost':
        this.endorsement = null;
        this.blocks = [];
        return;
      case 'staff':
        this.staff = record.staff;
        return;
      case 'event':
        // A snapshot keeps events that are older than the last one.
        if (record.event.sequence <= this.sequence) return;
        this.sequence = record.event.sequence;
        this.hash = record.event.hash;
        return;
      case 'bundles':
        this.delivery = { position, asOf: record.asOf, digest: record.digest, sealed: null };
        return;
      case 'delivery': {
        const { asOf, digest, key, kdf } = record;
        this.delivery = { position, asOf, digest, sealed: { key, kdf } };
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
        return;
      case 'answered':
      case 'print':
        return;
      default:
        record satisfies never;
    }
  }
}
