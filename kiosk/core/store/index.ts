import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  canonicalJson,
  type Endorsement,
  type EventBody,
  type EventsResponse,
  eventHashText,
  type InboxResponse,
  type KioskEvent,
  type Resident,
  type Staff,
} from '@huimin/backend/contract';
import { type Clock, err, ok, type Result } from '@huimin/drivers';
import { type Journal, openJournal } from './journal.ts';
import type { KeyHolder } from './key.ts';
import { lockFolder } from './lock.ts';
import { frameSchema, type JournalRecord, type PrintRecord } from './record.ts';
import { type KioskKeys, type NumberBlock, StoreState, withoutSerial } from './state.ts';
import { bundleLookup, openBundle, type SealedBundle, sealBundle } from './vault.ts';
import { createView, type LedgerRow, type View } from './view.ts';

export { type KeyHolder, keyFileHolder } from './key.ts';
export type { PrintRecord, PrintState } from './record.ts';
export type { KioskKeys } from './state.ts';

/** A page whose fate was open when the kiosk stopped. */
export interface OpenPrint extends LedgerRow {
  readonly issues: EventBody | null;
}

/** What to make true, all of it or nothing. */
export interface Commit {
  readonly events?: readonly EventBody[];
  readonly print?: Omit<PrintRecord, 'kind'>;
}

/** Everything the kiosk must not lose. All writing is sealed, chained and on the disk before it is acknowledged. */
export interface Store {
  readonly keys: KioskKeys;
  readonly endorsement: Endorsement | null;
  readonly staff: readonly Staff[];
  /** False after a write failed, until one succeeds again. */
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
  saveInbox(inbox: InboxResponse): Promise<Result<void, string>>;
  /** A cached registry record that this card opens, with the time it was true. */
  residentFor(card: {
    readonly idNumber: string;
    readonly name: string;
  }): Promise<{ readonly resident: Resident; readonly asOf: string } | null>;
  openPrints(): Promise<readonly OpenPrint[]>;
  close(): Promise<void>;
}

export interface StoreOptions {
  readonly folder: string;
  readonly kiosk: string;
  readonly keyHolder: KeyHolder;
  readonly clock: Clock;
  readonly random: (bytes: number) => Uint8Array;
  /** Made once, at the very first start. */
  readonly createKeys: () => Promise<KioskKeys>;
  /** Damage found and set aside, in words for a technician. */
  readonly onDamage: (sentence: string) => void;
}

/** Opens the data folder. The error is one sentence. */
export async function openStore(options: StoreOptions): Promise<Result<Store, string>> {
  try {
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    return err(`the data folder cannot be made: ${cause instanceof Error ? cause.message : cause}`);
  }
  const lock = lockFolder(join(options.folder, 'lock'));
  if (!lock.ok) return lock;
  const key = options.keyHolder.load();
  if (!key.ok) {
    lock.value.release();
    return key;
  }
  const view = await createView();
  const state = new StoreState(view);
  const opened = await openJournal({
    path: join(options.folder, 'journal.hmj'),
    masterKey: key.value,
    random: options.random,
    onFrame: (position, plaintext) => {
      const frame = frameSchema.safeParse(JSON.parse(Buffer.from(plaintext).toString('utf8')));
      if (frame.success) for (const record of frame.data.records) state.apply(position, record);
      else options.onDamage(`the record at ${position} is of a form that is not known here and was left out`);
    },
  });
  if (!opened.ok) {
    view.close();
    lock.value.release();
    return opened;
  }
  const { journal, damage } = opened.value;
  if (damage !== null)
    options.onDamage(
      `${damage.bytes} bytes at the journal's end were damaged and set aside in ${damage.savedAs}`,
    );
  const store = new JournalStore(options, key.value, journal, view, state, lock.value.release);
  const ready = await store.makeReady(damage !== null && !damage.torn);
  if (!ready.ok) {
    await store.close();
    return ready;
  }
  return ok(store);
}

/** What the next record builds on while a batch is being put together. */
interface Tip {
  sequence: number;
  hash: string;
  blocks: readonly NumberBlock[];
}

interface Pending {
  /** Builds the records at the moment of writing, on top of everything written before. */
  readonly build: (tip: Tip) => readonly JournalRecord[];
  readonly done: (result: Result<void, string>) => void;
}

class JournalStore implements Store {
  readonly #options: StoreOptions;
  readonly #masterKey: Uint8Array;
  readonly #journal: Journal;
  readonly #view: View;
  readonly #state: StoreState;
  readonly #release: () => void;
  readonly #pending: Pending[] = [];
  #writing: Promise<void> | null = null;
  #writable = true;
  #onWritable: (writable: boolean) => void = () => undefined;

  constructor(
    options: StoreOptions,
    masterKey: Uint8Array,
    journal: Journal,
    view: View,
    state: StoreState,
    release: () => void,
  ) {
    this.#options = options;
    this.#masterKey = masterKey;
    this.#journal = journal;
    this.#view = view;
    this.#state = state;
    this.#release = release;
  }

  /** Makes the keys at the very first start; `lost` tells that acknowledged records are missing. */
  async makeReady(lost: boolean): Promise<Result<void, string>> {
    // Numbers and sequences may have been used that are no longer known: another enrolment gives others.
    if (lost && this.#state.endorsement !== null) {
      const forgotten = await this.#write(() => [{ kind: 'authority-lost' }]);
      if (!forgotten.ok) return forgotten;
    }
    if (this.#state.keys !== null) return ok(undefined);
    const keys = await this.#options.createKeys();
    return this.#write(() => [{ kind: 'keys', ...keys }]);
  }

  get keys(): KioskKeys {
    if (this.#state.keys === null) throw new Error('the store has no keys before makeReady()');
    return this.#state.keys;
  }

  get endorsement(): Endorsement | null {
    return this.#state.endorsement;
  }

  get staff(): readonly Staff[] {
    return this.#state.staff;
  }

  get writable(): boolean {
    return this.#writable;
  }

  onWritable(listener: (writable: boolean) => void): void {
    this.#onWritable = listener;
  }

  numbersLeft(): number {
    return this.#state.blocks.reduce((sum, block) => sum + block.to - block.from + 1, 0);
  }

  async takeNumber(): Promise<Result<number, string>> {
    let taken: number | null = null;
    const written = await this.#write((tip) => {
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
    return this.#write((tip) => [
      ...(print === undefined ? [] : [{ kind: 'print' as const, ...print }]),
      ...events.map((body) => ({ kind: 'event' as const, event: this.#chainedEvent(body, tip) })),
    ]);
  }

  endorse(endorsement: Endorsement): Promise<Result<void, string>> {
    return this.#write(() => [{ kind: 'endorsed', endorsement }]);
  }

  async unsent(limit: number): Promise<readonly KioskEvent[]> {
    const events: KioskEvent[] = [];
    for (const row of this.#view.outbox(limit)) {
      const records = await this.#recordsAt(row.position);
      const found = records.find((record) => record.kind === 'event' && record.event.id === row.id);
      if (found?.kind === 'event') events.push(found.event);
    }
    return events;
  }

  answered(results: EventsResponse['results']): Promise<Result<void, string>> {
    return this.#write(() => [{ kind: 'answered', results }]);
  }

  counts(): { waiting: number; rejected: number } {
    return this.#view.counts();
  }

  async saveInbox(inbox: InboxResponse): Promise<Result<void, string>> {
    const { residents, staff, asOf } = inbox;
    const digest = createHash('sha256').update(canonicalJson({ residents, staff })).digest('hex');
    if (digest === this.#state.inbox.digest) return this.#write(() => [{ kind: 'inbox-current', asOf }]);
    const bundles: SealedBundle[] = [];
    for (const resident of residents)
      bundles.push(await sealBundle(this.#masterKey, resident, this.#options.random));
    return this.#write(() => [
      { kind: 'bundles', bundles, asOf, digest },
      { kind: 'staff', staff },
    ]);
  }

  async residentFor(card: {
    readonly idNumber: string;
    readonly name: string;
  }): Promise<{ resident: Resident; asOf: string } | null> {
    const lookup = bundleLookup(this.#masterKey, card.idNumber);
    const position = this.#view.bundle(lookup);
    if (position === null) return null;
    const records = await this.#recordsAt(position);
    for (const record of records) {
      if (record.kind !== 'bundles') continue;
      const bundle = record.bundles.find((candidate) => candidate.lookup === lookup);
      const resident = bundle === undefined ? null : await openBundle(this.#masterKey, bundle, card);
      if (resident !== null) return { resident, asOf: this.#state.inbox.asOf };
    }
    return null;
  }

  async openPrints(): Promise<readonly OpenPrint[]> {
    const open: OpenPrint[] = [];
    for (const row of this.#view.openPrints()) {
      const records = await this.#recordsAt(row.position);
      const intent = records.find((record) => record.kind === 'print' && record.entry === row.entry);
      open.push({ ...row, issues: intent?.kind === 'print' ? (intent.issues ?? null) : null });
    }
    return open;
  }

  async close(): Promise<void> {
    while (this.#writing !== null) await this.#writing;
    await this.#journal.close();
    this.#view.close();
    this.#release();
  }

  async #recordsAt(position: number): Promise<readonly JournalRecord[]> {
    const plaintext = await this.#journal.read(position);
    return frameSchema.parse(JSON.parse(Buffer.from(plaintext).toString('utf8'))).records;
  }

  #chainedEvent(body: EventBody, tip: Tip): KioskEvent {
    const { kiosk, clock } = this.#options;
    const unhashed = {
      id: randomUUID(),
      kiosk,
      sequence: tip.sequence + 1,
      deviceTime: new Date(clock.now()).toISOString(),
      monotonicMs: Math.round(clock.monotonic()),
      previous: tip.hash,
      body,
    };
    const hash = createHash('sha256').update(eventHashText(unhashed)).digest('hex');
    tip.sequence = unhashed.sequence;
    tip.hash = hash;
    return { ...unhashed, hash };
  }

  /** Group commit: whatever waits while a write is under way goes out together in the next one. */
  #write(build: Pending['build']): Promise<Result<void, string>> {
    return new Promise((done) => {
      this.#pending.push({ build, done });
      this.#writing ??= this.#drain();
    });
  }

  async #drain(): Promise<void> {
    while (this.#pending.length > 0) {
      const batch = this.#pending.splice(0);
      const { sequence, hash, blocks } = this.#state;
      const tip = { sequence, hash, blocks };
      const accepted = batch.flatMap((pending) => {
        const built = this.#build(pending, tip);
        return built === null ? [] : [{ ...pending, records: built }];
      });
      const frames = accepted.map(({ records }) => Buffer.from(JSON.stringify({ v: 1, records }), 'utf8'));
      const written = await this.#journal.append(frames);
      for (const frame of frames) frame.fill(0);
      if (written.ok)
        for (const [index, { records }] of accepted.entries()) {
          const position = written.value[index];
          if (position === undefined) throw new Error('the journal answered fewer positions than frames');
          for (const record of records) this.#state.apply(position, record);
        }
      this.#setWritable(written.ok);
      for (const { done } of accepted) done(written.ok ? ok(undefined) : written);
    }
    // In the same turn as the last look at what waits: nothing can come in between and be forgotten.
    this.#writing = null;
  }

  /** The records of one commit; null when it is answered already, having nothing to write or nothing writable. */
  #build({ build, done }: Pending, tip: Tip): readonly JournalRecord[] | null {
    const before = { ...tip };
    const records = build(tip);
    if (records.length === 0) {
      done(ok(undefined));
      return null;
    }
    // What could not be read again must never be written: it would keep the kiosk from starting.
    const checked = frameSchema.safeParse({ v: 1, records });
    if (checked.success) return records;
    Object.assign(tip, before);
    const places = checked.error.issues.map((issue) => issue.path.slice(2).join('.')).join(', ');
    done(err(`not fit for the journal: ${places}`));
    return null;
  }

  #setWritable(writable: boolean): void {
    if (writable === this.#writable) return;
    this.#writable = writable;
    this.#onWritable(writable);
  }
}
