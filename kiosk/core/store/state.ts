import type { Endorsement, Staff } from '@huimin/backend/contract';
import type { JournalRecord } from './record.ts';
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

/** What the store keeps in memory besides the view. */
export class StoreState {
  readonly view: View;
  keys: KioskKeys | null = null;
  endorsement: Endorsement | null = null;
  staff: readonly Staff[] = [];
  /** Serials that may still be used, oldest block first. */
  blocks: readonly NumberBlock[] = [];
  /** The last delivery: when it was true, and what it was. */
  inbox = { asOf: '', digest: '' };
  sequence = 0;
  hash = '';

  constructor(view: View) {
    this.view = view;
  }

  apply(position: number, record: JournalRecord): void {
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
        this.sequence = record.event.sequence;
        this.hash = record.event.hash;
        return;
      case 'bundles':
        this.inbox = { asOf: record.asOf, digest: record.digest };
        return;
      case 'inbox-current':
        this.inbox = { ...this.inbox, asOf: record.asOf };
        return;
      case 'answered':
      case 'print':
        return;
      default:
        record satisfies never;
    }
  }
}
