import { hash as digestOf, randomUUID } from 'node:crypto';
import {
  canonicalJson,
  type Endorsement,
  type EventBody,
  type EventsResponse,
  eventHashText,
  fromBase64url,
  type InboxResponse,
  type KioskEvent,
  type Resident,
  type Staff,
  toBase64url,
} from '@huimin/backend/contract';
import { type Clock, err, ok, type Result } from '@huimin/drivers';
import { KnownTime } from './age.ts';
import type { Book } from './book.ts';
import type { Journal } from './journal.ts';
import { KEY_BYTES } from './key.ts';
import type { JournalRecord, PrintRecord } from './record.ts';
import type { Position } from './segment.ts';
import { lastOnly } from './snapshot.ts';
import { type Delivery, type KioskKeys, withoutSerial } from './state.ts';
import { bundleLookup, type CardWords, KDF, openBundle, type SealedBundle, sealBundle } from './vault.ts';
import type { LedgerRow } from './view.ts';
import type { Tip, Writer } from './writer.ts';

/** A page whose fate was open when the kiosk stopped. */
export interface OpenPrint extends LedgerRow {
  readonly issues: EventBody | null;
}

/** An event that the backend refused for good: set aside for a technician, in nobody's way. */
export interface RefusedEvent {
  readonly event: KioskEvent;
  readonly reason: string;
}

/** What to make true, all of it or nothing. */
export interface Commit {
  readonly events?: readonly EventBody[];
  readonly print?: Omit<PrintRecord, 'kind' | 'at'>;
}

/** Everything the kiosk must not lose. All writing is sealed, chained and on the disk before it is acknowledged. */
export interface Store {
  readonly keys: KioskKeys;
  readonly endorsement: Endorsement | null;
  readonly staff: readonly Staff[];
  /**
   * The last event that was made: what the backend has taken in must never be ahead of it, else the journal's end was
   * cut off, or the kiosk was cloned.
   */
  readonly tip: { readonly sequence: number; readonly hash: string };
  /**
   * False when nothing new should be begun: the disk refuses, or has no room but what is kept for the commits of what is
   * under way. True again by itself once there is room.
   */
  readonly writable: boolean;
  onWritable(listener: (writable: boolean) => void): void;
  /** Certificate serials not used yet. */
  numbersLeft(): number;
  /** Takes the next serial for good: a number is never given twice, whatever happens next. */
  takeNumber(): Promise<Result<number, string>>;
  commit(change: Commit): Promise<Result<void, string>>;
  endorse(endorsement: Endorsement): Promise<Result<void, string>>;
  /** The oldest events the backend has not answered. */
  unsent(limit: number): Promise<readonly KioskEvent[]>;
  answered(results: EventsResponse['results']): Promise<Result<void, string>>;
  counts(): { readonly waiting: number; readonly rejected: number };
  /** The oldest events the backend refused. */
  refused(limit: number): Promise<readonly RefusedEvent[]>;
  saveInbox(inbox: InboxResponse): Promise<Result<void, string>>;
  /** A cached registry record that this card opens, with the time it was true; null when it is too old. */
  residentFor(card: CardWords): Promise<{ readonly resident: Resident; readonly asOf: string } | null>;
  openPrints(): Promise<readonly OpenPrint[]>;
  /** What became of the last pages, the newest first; nobody is named. */
  ledger(limit: number): readonly LedgerRow[];
  /** Writes what is still needed anew and lets go of the rest. It happens by itself; this is for calm moments. */
  compact(): Promise<Result<void, string>>;
  /** Makes a new master key, seals everything with it and destroys the old one. The error is one sentence. */
  rotateKey(): Promise<Result<void, string>>;
  /** What is asked for before is still written; nothing is afterwards. Closing again does nothing. */
  close(): Promise<void>;
}

export interface StoreParts {
  readonly kiosk: string;
  readonly clock: Clock;
  readonly random: (bytes: number) => Uint8Array;
  readonly maxAgeHours: number;
  readonly book: Book;
  readonly journal: Journal;
  readonly writer: Writer;
  /** Makes the next master key and seals everything with it. */
  readonly rotate: () => Promise<Result<void, string>>;
  readonly listen: (listener: (writable: boolean) => void) => void;
  /** Lets others into the folder again. */
  readonly release: () => void;
}

const HOUR_MS = 3600_000;

export class JournalStore implements Store {
  readonly #parts: StoreParts;
  readonly #book: Book;
  readonly #writer: Writer;
  readonly #known: KnownTime;
  #closing: Promise<void> | null = null;

  constructor(parts: StoreParts) {
    this.#parts = parts;
    this.#known = new KnownTime(parts.clock);
    this.#book = parts.book;
    this.#writer = parts.writer;
  }

  get keys(): KioskKeys {
    const { keys } = this.#book.state;
    if (keys === null) throw new Error('a store is not opened without keys');
    return keys;
  }

  get endorsement(): Endorsement | null {
    return this.#book.state.endorsement;
  }

  get staff(): readonly Staff[] {
    return this.#book.state.staff;
  }

  get tip(): { sequence: number; hash: string } {
    const { sequence, hash } = this.#book.state;
    return { sequence, hash };
  }

  get writable(): boolean {
    return this.#writer.writable;
  }

  onWritable(listener: (writable: boolean) => void): void {
    this.#parts.listen(listener);
  }

  numbersLeft(): number {
    return this.#book.state.blocks.reduce((sum, block) => sum + block.to - block.from + 1, 0);
  }

  async takeNumber(): Promise<Result<number, string>> {
    let taken: number | null = null;
    const written = await this.#writer.write((tip) => {
      const serial = tip.blocks[0]?.from;
      if (serial === undefined) return [];
      taken = serial;
      tip.blocks = withoutSerial(tip.blocks, serial);
      return [{ kind: 'number', serial }];
    });
    if (!written.ok) return written;
    return taken === null ? err('the block of certificate numbers is used up') : ok(taken);
  }

  commit(change: Commit): Promise<Result<void, string>> {
    const { events = [], print } = change;
    return this.#writer.write((tip) => {
      const at = new Date(this.#parts.clock.now()).toISOString();
      return [
        ...(print === undefined ? [] : [{ kind: 'print' as const, ...print, at }]),
        ...events.map((body) => ({ kind: 'event' as const, event: this.#chainedEvent(body, at, tip) })),
      ];
    });
  }

  endorse(endorsement: Endorsement): Promise<Result<void, string>> {
    this.#known.heard(endorsement.serverTime);
    return this.#writer.write(() => [{ kind: 'endorsed', endorsement }]);
  }

  async unsent(limit: number): Promise<readonly KioskEvent[]> {
    return this.#events('waiting', limit).map(({ event }) => event);
  }

  async refused(limit: number): Promise<readonly RefusedEvent[]> {
    return this.#events('rejected', limit);
  }

  answered(results: EventsResponse['results']): Promise<Result<void, string>> {
    return this.#writer.write(() => [{ kind: 'answered', results }]);
  }

  counts(): { waiting: number; rejected: number } {
    return this.#book.state.view.counts();
  }

  async saveInbox(inbox: InboxResponse): Promise<Result<void, string>> {
    const { residents, staff, asOf } = inbox;
    const { random } = this.#parts;
    this.#known.heard(asOf);
    const digest = digestOf('sha256', canonicalJson({ residents, staff }));
    const { delivery } = this.#book.state;
    if (digest === delivery?.digest && delivery.sealed !== null)
      return this.#writer.write(() => [{ kind: 'inbox-current', asOf }]);
    const key = random(KEY_BYTES);
    const bundles: SealedBundle[] = [];
    for (const resident of residents) bundles.push(await sealBundle(key, resident, random));
    return this.#writer.write(() => [
      { kind: 'delivery', key: toBase64url(key), kdf: KDF, bundles, asOf, digest },
      { kind: 'staff', staff },
    ]);
  }

  async residentFor(card: CardWords): Promise<{ resident: Resident; asOf: string } | null> {
    if (this.deliveryIsTooOld()) {
      await this.dropDelivery();
      return null;
    }
    const { delivery, view } = this.#book.state;
    if (delivery === null || this.#ageOf(delivery, this.#known.now()) > this.#parts.maxAgeHours) return null;
    const { sealed, asOf } = delivery;
    const key = sealed === null ? this.#parts.journal.masterKey : fromBase64url(sealed.key);
    if (key === null) return null;
    const lookup = bundleLookup(key, card.idNumber);
    const position = view.bundle(lookup);
    if (position === null) return null;
    for (const record of this.#recordsAt(position) ?? []) {
      if (record.kind !== 'bundles' && record.kind !== 'delivery') continue;
      const bundle = record.bundles.find((candidate) => candidate.lookup === lookup);
      const resident = bundle === undefined ? null : await openBundle(key, sealed?.kdf ?? KDF, bundle, card);
      if (resident !== null) return { resident, asOf };
    }
    return null;
  }

  /** Whether the delivery is surely too old, whatever the kiosk's own clock says. */
  deliveryIsTooOld(): boolean {
    const { delivery, endorsement } = this.#book.state;
    if (delivery === null) return false;
    this.#known.heard(delivery.asOf);
    if (endorsement !== null) this.#known.heard(endorsement.serverTime);
    return this.#ageOf(delivery, this.#known.atLeast()) > this.#parts.maxAgeHours;
  }

  /** Forgets the last delivery, on the disk too. */
  async dropDelivery(): Promise<Result<void, string>> {
    const { delivery } = this.#book.state;
    if (delivery === null) return ok(undefined);
    const key = toBase64url(this.#parts.random(KEY_BYTES));
    const { asOf } = delivery;
    const dropped = await this.#writer.write(() =>
      this.#book.state.delivery?.position === delivery.position
        ? [{ kind: 'delivery', key, kdf: KDF, bundles: [], asOf, digest: '' }]
        : [],
    );
    return dropped.ok ? this.#writer.compact() : dropped;
  }

  async openPrints(): Promise<readonly OpenPrint[]> {
    const recordsAt = lastOnly((position) => this.#recordsAt(position));
    return this.#book.state.view.openPrints().map((row) => {
      const intent = recordsAt(row.position)?.find(
        (record) => record.kind === 'print' && record.entry === row.entry,
      );
      return { ...row, issues: intent?.kind === 'print' ? (intent.issues ?? null) : null };
    });
  }

  ledger(limit: number): readonly LedgerRow[] {
    return this.#book.state.view.ledger().slice(-limit).reverse();
  }

  compact(): Promise<Result<void, string>> {
    return this.#writer.compact();
  }

  rotateKey(): Promise<Result<void, string>> {
    return this.#parts.rotate();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#writer.close();
    this.#parts.journal.close();
    this.#book.close();
    this.#parts.release();
  }

  #ageOf({ asOf }: Delivery, now: number): number {
    return (now - Date.parse(asOf)) / HOUR_MS;
  }

  #events(which: 'waiting' | 'rejected', limit: number): RefusedEvent[] {
    const recordsAt = lastOnly((position) => this.#recordsAt(position));
    for (;;) {
      const rows = this.#book.state.view.outbox(which, limit);
      const events = rows.flatMap(({ id, position, refused }) => {
        const found = recordsAt(position)?.find(
          (record) => record.kind === 'event' && record.event.id === id,
        );
        return found?.kind === 'event' ? [{ event: found.event, reason: refused ?? '' }] : [];
      });
      // One that can no longer be read has left the view by now, so that others come in its place.
      if (events.length > 0 || rows.length === 0) return events;
    }
  }

  #recordsAt(position: Position): readonly JournalRecord[] | null {
    return this.#book.recordsAt(this.#parts.journal, position);
  }

  #chainedEvent(body: EventBody, deviceTime: string, tip: Tip): KioskEvent {
    const { kiosk, clock } = this.#parts;
    const unhashed = {
      id: randomUUID(),
      kiosk,
      sequence: tip.sequence + 1,
      deviceTime,
      monotonicMs: Math.round(clock.monotonic()),
      previous: tip.hash,
      body,
    };
    const hash = digestOf('sha256', eventHashText(unhashed));
    tip.sequence = unhashed.sequence;
    tip.hash = hash;
    return { ...unhashed, hash };
  }
}
