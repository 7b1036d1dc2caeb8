import type { KeyObject } from 'node:crypto';
import { err, ok, type Result } from '@huimin/drivers';
import { messageOf, type OpenFile } from './files.ts';
import {
  FRAME_OVERHEAD,
  frameSize,
  LARGEST_FRAME,
  type Nonces,
  openFrame,
  sealFrame,
  tagOf,
} from './frame.ts';
import type { End } from './scan.ts';

/** Where a frame begins in its file. */
export type Position = number;

/**
 * What a disk still takes: `ample`; `reserve`, when it gives no more space and only what was made ready before is left;
 * `none`, when the last commit failed.
 */
export type Room = 'ample' | 'reserve' | 'none';

/** Zero space behind the frames: writing into it need not change the file's size, which makes commits faster. */
export interface Spare {
  /** Space is made ready in multiples of so many bytes. */
  readonly step: number;
  /** The next step is taken when less than this is left: room for the last commits of a visit on a full disk. */
  readonly reserve: number;
}
export const SPARE: Spare = { step: 1024 * 1024, reserve: 64 * 1024 };

/** The segment that is being written: frames go behind each other into space that is zero. */
export class Segment {
  readonly #file: OpenFile;
  readonly #key: KeyObject;
  readonly #nonces: Nonces;
  readonly #spare: Spare;
  #end: Position;
  #index: number;
  #tag: Uint8Array;
  /** Up to here the file is there. */
  #ready: number;
  /** Up to here stands what a commit left that did not succeed; the next one writes over it. */
  #dirtyTo: number;
  /** The last commit failed. */
  #failed = false;
  /** The disk gives no more space. */
  #full = false;

  constructor(options: {
    readonly file: OpenFile;
    readonly key: KeyObject;
    /** No other ones for this key since the file was opened. */
    readonly nonces: Nonces;
    readonly spare: Spare;
    readonly end: Omit<End, 'kind'>;
    /** The file's size. */
    readonly size: number;
  }) {
    this.#file = options.file;
    this.#key = options.key;
    this.#nonces = options.nonces;
    this.#spare = options.spare;
    this.#end = options.end.position;
    this.#index = options.end.index;
    this.#tag = options.end.tag;
    this.#dirtyTo = options.end.tornTo;
    this.#ready = options.size;
  }

  get end(): Position {
    return this.#end;
  }

  get room(): Room {
    if (this.#failed) return 'none';
    return this.#full ? 'reserve' : 'ample';
  }

  /** The tag of the last frame. */
  get tag(): Uint8Array {
    return this.#tag;
  }

  /**
   * Adds one frame; it is on the disk when this resolves. After an error it may be there all the same when the journal
   * is opened again: a disk that says no can have written. The next frame is written over it.
   */
  async append(plaintext: Uint8Array): Promise<Result<Position, string>> {
    if (plaintext.length > LARGEST_FRAME) return err('more than one commit can hold');
    const size = plaintext.length + FRAME_OVERHEAD;
    if (this.#end + size + this.#spare.reserve > this.#ready) await this.#makeReady(size);
    // Space that follows the last frame is how a reader knows that none was cut off.
    if (this.#end + size >= this.#ready) {
      this.#failed = true;
      return err('the disk has no room for this commit');
    }
    const place = { index: this.#index, previous: this.#tag };
    const frame = sealFrame(this.#key, place, plaintext, this.#nonces.next());
    const failed = await this.#commit(frame);
    if (failed !== null) return err(failed);
    const position = this.#end;
    this.#end += size;
    this.#index++;
    this.#tag = tagOf(frame);
    return ok(position);
  }

  /** Finds out whether the disk takes something again. */
  async probe(): Promise<Room> {
    if (this.#end + this.#spare.reserve > this.#ready) await this.#makeReady(0);
    if (this.#end + 1 < this.#ready) await this.#commit(Buffer.alloc(1));
    else this.#failed = true;
    return this.room;
  }

  /** One frame again. Throws a {@link RottenRecord} when the file no longer holds what was written. */
  read(position: Position): Buffer {
    return readFrame(this.#file, this.#key, position);
  }

  close(): void {
    this.#file.close();
  }

  /** Writes at the end, over whatever an earlier try left there; null, or why it did not succeed. */
  async #commit(data: Buffer): Promise<string | null> {
    const dirty = this.#dirtyTo - this.#end - data.length;
    const written = dirty > 0 ? Buffer.concat([data, Buffer.alloc(dirty)]) : data;
    try {
      // Not awaited when it is done already: that would cost a turn.
      const waiting = this.#file.commit(written, this.#end);
      if (waiting !== undefined) await waiting;
    } catch (cause) {
      this.#dirtyTo = Math.max(this.#dirtyTo, this.#end + data.length);
      this.#failed = true;
      return messageOf(cause);
    }
    this.#dirtyTo = 0;
    this.#failed = false;
    return null;
  }

  async #makeReady(size: number): Promise<void> {
    const { step, reserve } = this.#spare;
    this.#full = !(await this.#extend(Math.ceil((size + reserve) / step) * step));
    // What is ready is used up first, then what the disk still has.
    const missing = this.#end + size + 1 - this.#ready;
    if (this.#full && missing > 0) await this.#extend(missing);
  }

  async #extend(more: number): Promise<boolean> {
    try {
      await this.#file.write(Buffer.alloc(more), this.#ready);
      await this.#file.sync();
      this.#ready += more;
      return true;
    } catch {
      return false;
    }
  }
}

/** Most frames are no larger. */
const FIRST_READ = 4096;

/** What was written at this position and acknowledged can no longer be read. */
export class RottenRecord extends Error {}

function readFrame(file: OpenFile, key: KeyObject, position: Position): Buffer {
  const read = (length: number): Buffer => {
    try {
      return file.read(length, position);
    } catch (cause) {
      if (cause instanceof Error && 'code' in cause && cause.code === 'EIO')
        throw new RottenRecord(`the disk cannot read the record at ${position}`, { cause });
      throw cause;
    }
  };
  const first = read(FIRST_READ);
  const size = frameSize(first, 0) ?? 0;
  const frame = openFrame(key, size > FIRST_READ ? read(size) : first, 0);
  if (frame === null) throw new RottenRecord(`the journal no longer holds its record at ${position}`);
  return frame.plaintext;
}
