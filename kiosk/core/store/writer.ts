import { type Clock, err, ok, type Result } from '@huimin/drivers';
import type { Book, CompactionBounds } from './book.ts';
import { type Draft, draftOf, Unfit } from './draft.ts';
import type { Journal } from './journal.ts';
import { encodeFrame, type JournalRecord } from './record.ts';
import type { Standing } from './state.ts';

/** What the next record builds on while a batch is being put together. */
export type Tip = { sequence: number; hash: string } & { -readonly [Part in keyof Standing]: Standing[Part] };

/**
 * Builds the records of one commit at the moment of writing, on top of everything written before. What it throws is
 * thrown to whoever asked for the commit, and nothing of it is written.
 */
export type Build = (tip: Tip) => readonly (JournalRecord | Draft)[];

interface Pending {
  readonly build: Build;
  readonly done: (result: Result<void, string>) => void;
  readonly failed: (cause: unknown) => void;
}

/** A disk that refused is asked again this often. */
const PROBE_MS = 5000;
/** A compaction that failed reads everything for nothing, so it is tried again less often. */
const COMPACT_AGAIN_MS = 60_000;
/** More commits than this do not share a frame: damage takes a frame, and no commit waits for all others. */
const LARGEST_GROUP = 256;

const CLOSED = 'the store is closed';
const BROKEN = 'the store has failed and takes nothing more until the kiosk is started again';
/** What the frames of a group hold together, unless one commit alone holds more. */
const LARGEST_GROUP_BYTES = 4 * 1024 * 1024;

export interface WriterOptions {
  readonly book: Book;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly bounds: CompactionBounds;
  /** What a new segment is begun with. */
  readonly segment: () => { readonly masterKey: Uint8Array; readonly withDelivery: boolean };
  readonly onWritable: (writable: boolean) => void;
  /** Told once, when something was written and could not be taken in: nothing is written afterwards. */
  readonly onBroken: (cause: unknown) => void;
}

/**
 * The one hand that writes: commits, compaction and probes take turns. Whatever waits when a write begins goes out
 * together in one frame (group commit).
 */
export class Writer {
  readonly #options: WriterOptions;
  readonly #pending: Pending[] = [];
  readonly #tasks: (() => Promise<void>)[] = [];
  #running: Promise<void> | null = null;
  #writable = true;
  #failure: string | null = null;
  /** On the clock that never jumps. */
  #compactFrom = Number.NEGATIVE_INFINITY;
  #cancelProbe: (() => void) | null = null;
  #closed = false;
  /** What stands in memory may no longer be what stands in the journal. */
  #broken = false;

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  /** False while the disk gives no room but what is kept for commits under way, or refuses them too. */
  get writable(): boolean {
    return this.#writable;
  }

  /** Why the journal could not be written anew when that was due; null when it could. */
  get failure(): string | null {
    return this.#failure;
  }

  write(build: Build): Promise<Result<void, string>> {
    if (this.#broken) return Promise.resolve(err(BROKEN));
    if (this.#closed) return Promise.resolve(err(CLOSED));
    return new Promise((done, failed) => {
      this.#pending.push({ build, done, failed });
      this.#wake();
    });
  }

  /** Runs when nothing is being written; nothing is written meanwhile. Rejects as the task does. */
  #exclusively<T>(task: () => Promise<T>): Promise<T> {
    return new Promise((done, failed) => {
      this.#tasks.push(() => task().then(done, failed));
      this.#wake();
    });
  }

  compact(): Promise<Result<void, string>> {
    if (this.#closed) return Promise.resolve(err(CLOSED));
    return this.#exclusively(() => this.#compact());
  }

  /** Finds out whether the disk takes something now; until it does it is asked again and again. */
  probe(): Promise<void> {
    if (this.#closed || this.#broken) return Promise.resolve();
    return this.#exclusively(async () => {
      if (this.#broken) return;
      const { book, journal, bounds, clock } = this.#options;
      if (!journal.claim()) return this.#look();
      const wanted = journal.outdated || this.#failure !== null || book.isDue(journal, bounds);
      if (wanted && clock.monotonic() >= this.#compactFrom) await this.#compact();
      await journal.probe();
      this.#look();
    });
  }

  /** What was asked for is still written, and then these, as the last. */
  async close(last: Build): Promise<Result<void, string>> {
    this.#closed = true;
    this.#cancelProbe?.();
    while (this.#running !== null) await this.#running;
    // What was acknowledged last may be unknown here: a record of an orderly stop would hide it.
    if (this.#broken) return err(BROKEN);
    return new Promise((done, failed) => {
      this.#writeGroup([{ build: last, done, failed }]).catch(failed);
    });
  }

  #wake(): void {
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    // What is asked for in the same turn belongs to the first group.
    await null;
    for (;;) {
      const task = this.#tasks.shift();
      if (task !== undefined) await task();
      else if (this.#pending.length > 0) await this.#writeGroup(this.#pending.splice(0, LARGEST_GROUP));
      else break;
      const { book, journal, bounds } = this.#options;
      if (!this.#closed && !this.#broken && this.#failure === null && book.isDue(journal, bounds))
        await this.#compact();
    }
    // In the same turn as the last look at what waits: nothing can come in between and be forgotten.
    this.#running = null;
  }

  async #writeGroup(group: readonly Pending[]): Promise<void> {
    const { book, journal } = this.#options;
    const { sequence, hash, endorsement, blocks, shares } = book.state;
    const tip: Tip = { sequence, hash, endorsement, blocks, shares };
    const accepted: Pending[] = [];
    const drafts: Draft[] = [];
    let bytes = 0;
    for (const [index, pending] of group.entries()) {
      const built = build(pending, tip);
      if (built === null) continue;
      bytes += built.reduce((sum, { json }) => sum + json.length, 0);
      if (accepted.length > 0 && bytes > LARGEST_GROUP_BYTES) {
        // One that is too long fails alone; it is built anew on top of this group.
        for (const { json } of built) json.fill(0);
        this.#pending.unshift(...group.slice(index));
        break;
      }
      accepted.push(pending);
      drafts.push(...built);
    }
    if (accepted.length === 0) return;
    const frame = encodeFrame(drafts.map(({ json }) => json));
    for (const { json } of drafts) json.fill(0);
    try {
      const written = await journal.append(frame);
      if (written.ok)
        book.apply(
          written.value,
          drafts.map(({ record }) => record),
        );
      this.#look();
      for (const { done } of accepted) done(written.ok ? ok(undefined) : written);
    } catch (cause) {
      this.#break(cause, accepted);
    } finally {
      frame.fill(0);
    }
  }

  /** Nothing is built on what may not be true: whatever waits is not written. */
  #break(cause: unknown, group: readonly Pending[]): void {
    this.#broken = true;
    this.#cancelProbe?.();
    for (const { failed } of [...group, ...this.#pending.splice(0)]) failed(cause);
    this.#look();
    this.#options.onBroken(cause);
  }

  async #compact(): Promise<Result<void, string>> {
    if (this.#broken) return err(BROKEN);
    const { book, journal, segment, clock } = this.#options;
    const compacted = await book.compact(journal, segment());
    // A disk that is too full for a second segment goes on with the one it has.
    this.#failure = compacted.ok ? null : compacted.error;
    if (!compacted.ok) this.#compactFrom = clock.monotonic() + COMPACT_AGAIN_MS;
    this.#look();
    return compacted;
  }

  #look(): void {
    const writable = !this.#broken && this.#options.journal.room === 'ample';
    const isEnding = this.#closed || this.#broken;
    if ((!writable || this.#failure !== null) && this.#cancelProbe === null && !isEnding)
      this.#cancelProbe = this.#options.clock.after(PROBE_MS, () => {
        this.#cancelProbe = null;
        void this.probe();
      });
    if (writable === this.#writable) return;
    this.#writable = writable;
    this.#options.onWritable(writable);
  }
}

/** What one commit writes; null when it is answered already, having nothing to write or nothing writable. */
function build({ build, done, failed }: Pending, tip: Tip): readonly Draft[] | null {
  const before = { ...tip };
  try {
    const drafts = build(tip).map((item) => ('json' in item ? item : draftOf(item)));
    if (drafts.length > 0) return drafts;
    done(ok(undefined));
  } catch (cause) {
    Object.assign(tip, before);
    if (cause instanceof Unfit) done(err(cause.message));
    else failed(cause);
  }
  return null;
}
