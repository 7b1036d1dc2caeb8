import { err, ok, type Result } from '@huimin/drivers';
import type { Journal } from './journal.ts';
import { decodeFrame, type JournalRecord } from './record.ts';
import type { Found, Hole } from './scan.ts';
import { type Position, RottenRecord } from './segment.ts';
import { snapshotFrames } from './snapshot.ts';
import { StoreState } from './state.ts';
import { createView } from './view.ts';

/** So many records, or bytes, behind a snapshot call for the next one, but not more often than they outgrow it. */
export interface CompactionBounds {
  readonly records: number;
  readonly bytes: number;
}
/**
 * Ten thousand records that nobody has answered then stand by half in a snapshot, where many share a frame: frames are
 * what a restart takes its time for.
 */
export const COMPACTION: CompactionBounds = { records: 5000, bytes: 32 * 1024 * 1024 };

/** Events that are missing at a hole, by their sequence, inclusive. */
export interface Gap {
  readonly hole: Hole;
  readonly from: number;
  readonly to: number;
}

/** What the journal says: replayed at the start, kept true with every commit, and written anew by compaction. */
export class Book {
  #state: StoreState;
  #records = 0;
  #inSnapshot = 0;
  #snapshotBytes = 0;
  /** The last hole, until an event tells what it swallowed. */
  #hole: Hole | null = null;
  #lost = false;
  #fromLater = false;
  readonly #rotten = new Set<Position>();
  readonly #gaps: Gap[] = [];

  readonly #onRotten: (sentence: string) => void;

  private constructor(state: StoreState, onRotten: (sentence: string) => void) {
    this.#state = state;
    this.#onRotten = onRotten;
  }

  /** `onRotten` is told once of each frame that was good when it was replayed and can no longer be read. */
  static async create(onRotten: (sentence: string) => void): Promise<Book> {
    return new Book(new StoreState(await createView()), onRotten);
  }

  get state(): StoreState {
    return this.#state;
  }

  /** True when records are missing that nothing later makes up for. */
  get lost(): boolean {
    return this.#lost;
  }

  get gaps(): readonly Gap[] {
    return this.#gaps;
  }

  /**
   * True when there are records of a form or a kind that is not known here. They may have used numbers or answered
   * events, so nobody can go on from what the others say.
   */
  get fromLater(): boolean {
    return this.#fromLater;
  }

  /**
   * The records of a frame again; null when it can no longer be read, which costs what stands in that frame and stops
   * nothing else.
   */
  recordsAt(journal: Journal, position: Position): readonly JournalRecord[] | null {
    if (this.#rotten.has(position)) return null;
    let plaintext: Buffer;
    try {
      plaintext = journal.read(position);
    } catch (cause) {
      if (!(cause instanceof RottenRecord)) throw cause;
      this.#rotten.add(position);
      const events = this.#state.forget(position);
      this.#onRotten(
        `${cause.message}: ${events} events that wait with it are left out; the file is set aside when the journal is written anew`,
      );
      return null;
    }
    const records = decodeFrame(plaintext);
    plaintext.fill(0);
    if (records === null) throw new Error(`the record at ${position} has changed its form`);
    return records;
  }

  /** Takes in what was found in the journal, in order. */
  replay(found: Found): void {
    switch (found.kind) {
      case 'end':
        return;
      case 'hole':
        this.#lost = true;
        this.#hole = found;
        return;
      case 'frame': {
        const records = decodeFrame(found.plaintext);
        found.plaintext.fill(0);
        if (records === null) this.#fromLater = true;
        else for (const record of records) this.#replay(found.position, record);
        return;
      }
      default:
        found satisfies never;
    }
  }

  #replay(position: Position, record: JournalRecord): void {
    if (this.#hole !== null && record.kind === 'event') {
      const { sequence } = record.event;
      if (sequence > this.#state.sequence + 1)
        this.#gaps.push({ hole: this.#hole, from: this.#state.sequence + 1, to: sequence - 1 });
      this.#hole = null;
    }
    this.apply(position, [record]);
    if (record.kind !== 'state') return;
    // All that mattered before stands here once more.
    this.#lost = false;
    this.#inSnapshot = this.#records;
    this.#snapshotBytes = position;
  }

  apply(position: Position, records: readonly JournalRecord[]): void {
    for (const record of records) this.#state.apply(position, record);
    this.#records += records.length;
  }

  isDue(journal: Journal, bounds: CompactionBounds): boolean {
    const since = this.#records - this.#inSnapshot;
    const bytesSince = journal.bytes - this.#snapshotBytes;
    return (
      since >= Math.max(bounds.records, this.#inSnapshot) ||
      bytesSince >= Math.max(bounds.bytes, this.#snapshotBytes)
    );
  }

  /** Writes all that is still needed into the journal's next segment, under `masterKey`, and goes on from there. */
  async compact(
    journal: Journal,
    options: { readonly masterKey: Uint8Array; readonly withDelivery: boolean },
  ): Promise<Result<void, string>> {
    const state = new StoreState(await createView());
    let records = 0;
    let bytes = 0;
    let current: readonly JournalRecord[] = [];
    const frames = snapshotFrames({
      state: this.#state,
      recordsAt: (position) => this.recordsAt(journal, position),
      withDelivery: options.withDelivery,
    });
    function* plaintexts(): Generator<Uint8Array, void> {
      for (const frame of frames) {
        current = frame.records;
        yield frame.plaintext;
        frame.plaintext.fill(0);
      }
    }
    const placed = (position: Position): void => {
      bytes = position;
      for (const record of current) state.apply(position, record);
      records += current.length;
    };
    const written = await journal.rewrite(options.masterKey, plaintexts(), placed);
    if (!written.ok) {
      state.view.close();
      return err(written.error);
    }
    this.#state.view.close();
    this.#state = state;
    this.#rotten.clear();
    this.#records = records;
    this.#inSnapshot = records;
    this.#snapshotBytes = bytes;
    return ok(undefined);
  }

  close(): void {
    this.#state.view.close();
  }
}
