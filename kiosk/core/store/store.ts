import { randomUUID } from 'node:crypto';
import {
  type Endorsement,
  type EventBody,
  type EventsResponse,
  eventBodySchema,
  type InboxResponse,
  isShareEvent,
  type KioskEvent,
  type Staff,
} from '@huimin/backend/contract';
import { type Clock, err, ok, type Result } from '@huimin/drivers';
import { z } from 'zod';
import { type ShareBook, type ShareChange, withEvent, withRecord } from '../shares/index.ts';
import { KnownTime, trueAt } from './age.ts';
import type { Book } from './book.ts';
import { type Draft, describeUnfit, eventDraft, Unfit, wallTime } from './draft.ts';
import type { Journal } from './journal.ts';
import type { JournalRecord, PrintRecord } from './record.ts';
import { type KnownResident, Residents } from './residents.ts';
import type { Position } from './segment.ts';
import type { SerialMark } from './serial-mark.ts';
import { lastOnly } from './snapshot.ts';
import { endorsedWith, type KioskKeys, numbering, unendorsed, withoutSerial } from './state.ts';
import type { CardWords } from './vault.ts';
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

/** When an event was made. */
export interface Made {
  /** By the kiosk's wall clock, which may be wrong. */
  readonly at: string;
  /** Milliseconds on the clock that never jumps; null when it was made before this start, by a clock that is gone. */
  readonly monotonicMs: number | null;
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
   * cut off, or the kiosk was cloned. Sync compares them, and withdraws.
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
  /**
   * Takes the next serial for good: a number is never given twice, whatever happens next. After a stop that was not an
   * orderly one the next few are left out: they may have been given in what a disk forgot.
   */
  takeNumber(): Promise<Result<number, string>>;
  commit(change: Commit): Promise<Result<void, string>>;
  /** What the kiosk may give out by itself of what its community shares; null before it heard of any. */
  readonly shares: ShareBook | null;
  /**
   * Decides at the moment of writing, on top of everything written before, so that what two ask for at once is given to
   * one. Writes all of what was decided or nothing; null decides for nothing.
   */
  changeShares(decide: (book: ShareBook | null) => ShareChange | null): Promise<Result<void, string>>;
  endorse(endorsement: Endorsement): Promise<Result<void, string>>;
  /** It is this late just now, by the backend, in milliseconds since 1970: ages are counted by it from here. */
  timeIs(ms: number): void;
  /**
   * What time it is, in milliseconds since 1970: at least so late by all that the backend told (-Infinity when it told
   * nothing), and now by {@link timeIs}, or by the own clock unless that is surely too early.
   */
  time(): { readonly atLeast: number; readonly now: number };
  /** Nothing is issued from now on, until there is another endorsement; all else stays. */
  withdraw(): Promise<Result<void, string>>;
  /** Takes other keys in the place of those that are not trusted any more. */
  renewKeys(keys: KioskKeys): Promise<Result<void, string>>;
  /** The oldest events the backend has not answered. */
  unsent(limit: number): Promise<readonly KioskEvent[]>;
  /** When the oldest event was made that the backend has not answered; null when none waits. */
  oldestUnsent(): Made | null;
  /** All that the backend has not taken, refused events too, in their order: those after this sequence. */
  untaken(after: number, limit: number): Promise<readonly KioskEvent[]>;
  answered(results: EventsResponse['results']): Promise<Result<void, string>>;
  /** Puts a refused event back among those that wait; false when no such event is refused. */
  putBack(id: string): Promise<Result<boolean, string>>;
  counts(): { readonly waiting: number; readonly rejected: number };
  /** The oldest events the backend refused. */
  refused(limit: number): Promise<readonly RefusedEvent[]>;
  /** Names the delivery that is held, for the backend; null when the whole is needed. */
  readonly inboxDigest: string | null;
  /** Keeps what is new; what was held stays when `signal` ends it early. */
  saveInbox(inbox: InboxResponse, signal?: AbortSignal): Promise<Result<void, string>>;
  /** A cached registry record that this card opens, with the time it was true; null when it is too old. */
  residentFor(card: CardWords): Promise<KnownResident | null>;
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

const USED_UP = 'the block of certificate numbers is used up';
const eventBodiesSchema = z.array(eventBodySchema);

export interface StoreParts {
  readonly kiosk: string;
  readonly clock: Clock;
  readonly random: (bytes: number) => Uint8Array;
  readonly maxAgeHours: number;
  readonly book: Book;
  readonly journal: Journal;
  readonly writer: Writer;
  /** For technicians; nobody is named. */
  readonly tell: (sentence: string) => void;
  /** Makes the next master key and seals everything with it. */
  readonly rotate: () => Promise<Result<void, string>>;
  readonly listen: (listener: (writable: boolean) => void) => void;
  readonly mark: SerialMark;
  /** Lets others into the folder again. */
  readonly release: () => void;
}

export class JournalStore implements Store {
  readonly #parts: StoreParts;
  readonly #book: Book;
  readonly #writer: Writer;
  readonly #known: KnownTime;
  readonly #residents: Residents;
  /** Events up to here were made before this start. */
  readonly #sequenceAtStart: number;
  #oldest: (Made & { readonly id: string }) | null = null;
  /** Taken since the start. */
  #last = { of: '', serial: 0 };
  #closing: Promise<void> | null = null;

  constructor(parts: StoreParts) {
    this.#parts = parts;
    this.#known = new KnownTime(parts.clock);
    const { endorsement, delivery } = parts.book.state;
    if (endorsement !== null) this.#known.heard(endorsement.serverTime);
    if (delivery !== null) this.#known.heard(trueAt(delivery.asOf, delivery.signedAt));
    this.#book = parts.book;
    this.#writer = parts.writer;
    this.#residents = new Residents({ ...parts, known: this.#known });
    this.#sequenceAtStart = parts.book.state.sequence;
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
    return this.#book.state.serialsLeft;
  }

  async takeNumber(): Promise<Result<number, string>> {
    const {
      endorsement,
      blocks: [next],
    } = this.#book.state;
    if (next === undefined || endorsement === null) return err(USED_UP);
    const of = numbering(endorsement);
    const marked = await this.#parts.mark.open(of, next.from - 1);
    if (!marked.ok) return marked;
    let taken: number | null = null;
    const written = await this.#writer.write((tip) => {
      const serial = tip.blocks[0]?.from;
      // Another authority's serials need a mark of their own.
      if (serial === undefined || tip.endorsement === null || numbering(tip.endorsement) !== of) return [];
      taken = serial;
      tip.blocks = withoutSerial(tip.blocks, serial);
      return [{ kind: 'number', serial }];
    });
    if (!written.ok) return written;
    if (taken === null) return err(USED_UP);
    this.#last = { of, serial: taken };
    return ok(taken);
  }

  commit(change: Commit): Promise<Result<void, string>> {
    const { print } = change;
    const events = eventBodiesSchema.safeParse(change.events ?? []);
    if (!events.success) return Promise.resolve(err(describeUnfit(events.error)));
    return this.#writer.write((tip) => {
      const at = wallTime(this.#parts.clock.now());
      return [
        ...(print === undefined ? [] : [{ kind: 'print' as const, ...print, at }]),
        ...events.data.map((body) => this.#chainedEvent(body, at, tip)),
      ];
    });
  }

  get shares(): ShareBook | null {
    return this.#book.state.shares;
  }

  changeShares(decide: (book: ShareBook | null) => ShareChange | null): Promise<Result<void, string>> {
    return this.#writer.write((tip) => {
      const change = decide(tip.shares);
      if (change === null) return [];
      const events = eventBodiesSchema.safeParse(change.events);
      if (!events.success) throw new Unfit(describeUnfit(events.error));
      const at = wallTime(this.#parts.clock.now());
      // Events first: what a book still has to say is said before another takes its place.
      const drafts = events.data.map((body) => this.#chainedEvent(body, at, tip));
      for (const record of change.records) tip.shares = withRecord(tip.shares, record);
      return [...drafts, ...change.records];
    });
  }

  endorse(endorsement: Endorsement): Promise<Result<void, string>> {
    this.#known.heard(endorsement.serverTime);
    return this.#writer.write((tip) => {
      Object.assign(tip, endorsedWith(tip, endorsement));
      return [{ kind: 'endorsed', endorsement }];
    });
  }

  withdraw(): Promise<Result<void, string>> {
    return this.#writer.write((tip) => {
      Object.assign(tip, unendorsed(tip));
      return [{ kind: 'authority-lost' }];
    });
  }

  renewKeys(keys: KioskKeys): Promise<Result<void, string>> {
    return this.#writer.write(() => [{ kind: 'keys', ...keys }]);
  }

  timeIs(ms: number): void {
    this.#known.is(ms);
  }

  time(): { atLeast: number; now: number } {
    return { atLeast: this.#known.atLeast(), now: this.#known.now() };
  }

  async unsent(limit: number): Promise<readonly KioskEvent[]> {
    return this.#events('waiting', limit).map(({ event }) => event);
  }

  async untaken(after: number, limit: number): Promise<readonly KioskEvent[]> {
    return this.#events('all', limit, after).map(({ event }) => event);
  }

  async refused(limit: number): Promise<readonly RefusedEvent[]> {
    return this.#events('rejected', limit);
  }

  oldestUnsent(): Made | null {
    const [oldest] = this.#book.state.view.outbox('waiting', 1);
    if (oldest === undefined) return null;
    if (oldest.id === this.#oldest?.id) return this.#oldest;
    const [found] = this.#events('waiting', 1);
    if (found === undefined) return null;
    const { id, sequence, deviceTime: at, monotonicMs } = found.event;
    this.#oldest = { id, at, monotonicMs: sequence > this.#sequenceAtStart ? monotonicMs : null };
    return this.#oldest;
  }

  answered(results: EventsResponse['results']): Promise<Result<void, string>> {
    return this.#writer.write(() => [{ kind: 'answered', results }]);
  }

  async putBack(id: string): Promise<Result<boolean, string>> {
    let isRefused = false;
    const written = await this.#writer.write(() => {
      isRefused = this.#book.state.view.outbox('rejected').some((row) => row.id === id);
      return isRefused ? [{ kind: 'returned', id }] : [];
    });
    return written.ok ? ok(isRefused) : written;
  }

  counts(): { waiting: number; rejected: number } {
    return this.#book.state.view.counts();
  }

  get inboxDigest(): string | null {
    return this.#residents.digest;
  }

  saveInbox(inbox: InboxResponse, signal?: AbortSignal): Promise<Result<void, string>> {
    return this.#residents.save(inbox, signal);
  }

  residentFor(card: CardWords): Promise<KnownResident | null> {
    return this.#residents.find(card);
  }

  deliveryIsTooOld(): boolean {
    return this.#residents.tooOld;
  }

  dropDelivery(): Promise<Result<void, string>> {
    return this.#residents.drop();
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
    const closed = await this.#writer.close(() => {
      const { state } = this.#book;
      return state.closed ? [] : [{ kind: 'closed', blocks: [...state.blocks] }];
    });
    const { mark } = this.#parts;
    const {
      endorsement,
      blocks: [next],
    } = this.#book.state;
    if (closed.ok && endorsement !== null) {
      const of = numbering(endorsement);
      const last = this.#last.of === of ? this.#last.serial : 0;
      await mark.close(of, next === undefined ? Math.max(last, mark.floorOf(of) ?? 0) : next.from - 1);
    }
    this.#parts.journal.close();
    this.#book.close();
    this.#parts.release();
  }

  #events(which: 'waiting' | 'rejected' | 'all', limit: number, after = 0): RefusedEvent[] {
    const recordsAt = lastOnly((position) => this.#recordsAt(position));
    for (;;) {
      const rows = this.#book.state.view.outbox(which, limit, after);
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

  #chainedEvent(body: EventBody, deviceTime: string, tip: Tip): Draft {
    const { kiosk, clock } = this.#parts;
    const sequence = tip.sequence + 1;
    const draft = eventDraft({
      id: randomUUID(),
      kiosk,
      sequence,
      deviceTime,
      monotonicMs: Math.round(clock.monotonic()),
      previous: tip.hash,
      body,
    });
    tip.sequence = sequence;
    tip.hash = draft.hash;
    if (isShareEvent(body)) tip.shares = withEvent(tip.shares, body);
    return draft;
  }
}
