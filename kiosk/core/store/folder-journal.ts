import { createHash, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { err, ok, type Result } from '@huimin/drivers';
import type { Files } from './files.ts';
import type { Finding, Journal, JournalOptions } from './journal.ts';
import { openLegacyFrame, TAKEN_OVER } from './legacy.ts';
import { writeSegment } from './rewrite.ts';
import { type Position, type Room, RottenRecord, Segment } from './segment.ts';
import { asideName, keptAside, LEGACY, lookAround, segmentName, setAside, tidy } from './shelf.ts';
import { writeWhole } from './whole.ts';

/** Where frames are read from; only a segment takes more of them. */
export type Source =
  | Segment
  /** The first form; the tag is that of its last frame. */
  | { readonly bytes: Buffer; readonly key: KeyObject; readonly tag: Uint8Array };

/** What stands under the name of the first form: nothing, the first form, or what keeps earlier versions out. */
export type Mark = 'none' | 'legacy' | 'taken over';

/** An unfinished commit, and the file at whose end it stands. */
export interface Torn {
  readonly file: string;
  readonly bytes: Buffer;
}

/** Tells whether the journal's files are what they were. */
export function fingerprint(files: Files, folder: string): string {
  const hash = createHash('sha256');
  for (const name of lookAround(files, folder).journals)
    hash.update(`${name}\n`).update(files.read(join(folder, name)));
  return hash.digest('base64');
}

/** The journal in a folder, whatever it was opened from. */
export class FolderJournal implements Journal {
  readonly #options: JournalOptions;
  #masterKey: Uint8Array | null;
  #source: Source | null;
  #lastNumber: number;
  /** Files that the next segment makes superfluous. */
  #old: readonly string[];
  /** Then they are set aside instead of taken away. */
  #damaged: boolean;
  #outdated: boolean;
  /** A segment that was not finished bears a newer number than the one in use. */
  #stuck = false;
  #mark: Mark;
  /** What is under the name of the first form was not read, so nothing may take its place. */
  #foreign: boolean;
  /** To be kept beside before anything is written over it. */
  #torn: Torn | null;
  /** What was read without the lock; null once the lock is held. */
  #unlocked: string | null;
  #superseded = false;
  readonly #kept = new Map<string, string>();
  #keptTorn: string | null = null;

  constructor(
    options: JournalOptions,
    found: {
      readonly source: Source | null;
      readonly masterKey: Uint8Array | null;
      readonly lastNumber: number;
      readonly old: readonly string[];
      readonly damaged: boolean;
      readonly outdated: boolean;
      readonly mark: Mark;
      readonly foreign: boolean;
      readonly torn: Torn | null;
      readonly unlocked: string | null;
    },
  ) {
    this.#options = options;
    this.#source = found.source;
    this.#masterKey = found.masterKey;
    this.#lastNumber = found.lastNumber;
    this.#old = found.old;
    this.#damaged = found.damaged;
    this.#outdated = found.outdated;
    this.#mark = found.mark;
    this.#foreign = found.foreign;
    this.#torn = found.torn;
    this.#unlocked = found.unlocked;
  }

  get masterKey(): Uint8Array | null {
    return this.#masterKey;
  }

  get room(): Room {
    return this.#mayWrite && this.#source instanceof Segment && !this.#stuck ? this.#source.room : 'none';
  }

  get bytes(): number {
    return this.#source instanceof Segment ? this.#source.end : 0;
  }

  get outdated(): boolean {
    return this.#outdated || this.#stuck;
  }

  get #mayWrite(): boolean {
    return this.#unlocked === null && this.#options.lock.held;
  }

  keptAs({ kind, file }: Finding): string | null {
    return (kind === 'torn' ? this.#keptTorn : null) ?? this.#kept.get(file) ?? null;
  }

  claim(): boolean {
    const { files, folder, lock } = this.#options;
    if (this.#unlocked === null) return true;
    if (this.#superseded || !lock.acquire()) return false;
    if (fingerprint(files, folder) === this.#unlocked) this.#unlocked = null;
    else {
      // Another kiosk has written meanwhile: only a new start sees what.
      this.#superseded = true;
      lock.release();
    }
    return this.#unlocked === null;
  }

  append(plaintext: Uint8Array): Promise<Result<Position, string>> {
    if (this.#mayWrite && this.#source instanceof Segment && !this.#stuck)
      return this.#source.append(plaintext);
    return Promise.resolve(err('the journal has no segment that can be written'));
  }

  read(position: Position): Buffer {
    try {
      if (this.#source instanceof Segment) return this.#source.read(position);
    } catch (cause) {
      if (cause instanceof RottenRecord) {
        this.#damaged = true;
        this.#outdated = true;
      }
      throw cause;
    }
    const frame =
      this.#source === null ? null : openLegacyFrame(this.#source.bytes, position, this.#source.key);
    if (frame === null) throw new Error(`the journal holds no record at ${position}`);
    return frame;
  }

  async rewrite(
    masterKey: Uint8Array,
    frames: Iterable<Uint8Array>,
    placed: (position: Position) => void,
  ): Promise<Result<void, string>> {
    const { files, folder } = this.#options;
    if (!this.#mayWrite) return err('the data folder is open for reading only');
    if (!this.#damaged) await this.#keepTorn();
    const number = this.#lastNumber + 1;
    const link = this.#source?.tag ?? null;
    const written = await writeSegment({ ...this.#options, number, link, masterKey, frames, placed });
    if (!written.ok) {
      // Whatever were added to the old segment now could be forgotten at the next start, so nothing is.
      this.#stuck = written.error.named;
      if (this.#stuck) {
        this.#lastNumber = number;
        this.#old = [...this.#old, segmentName(number)];
      }
      return err(written.error.sentence);
    }
    if (this.#source instanceof Segment) this.#source.close();
    if (this.#damaged) this.#setAside(this.#old);
    else
      tidy(
        files,
        folder,
        this.#old.filter((name) => name !== LEGACY),
      );
    this.#source = written.value.segment;
    this.#masterKey = masterKey;
    this.#old = [written.value.file];
    this.#lastNumber = number;
    this.#damaged = false;
    this.#outdated = false;
    this.#stuck = false;
    this.#torn = null;
    await this.#leaveMark();
    return ok(undefined);
  }

  async probe(): Promise<Room> {
    if (!this.#mayWrite || !(this.#source instanceof Segment) || this.#stuck) return 'none';
    await this.#keepTorn();
    await this.#leaveMark();
    return this.#source.probe();
  }

  discardAside(): readonly string[] {
    const { files, folder } = this.#options;
    const names = keptAside(files, folder);
    tidy(files, folder, names);
    return names;
  }

  #setAside(names: readonly string[]): void {
    const { files, folder } = this.#options;
    const kept = setAside(files, folder, names);
    for (const [name, aside] of kept) this.#kept.set(name, aside);
    if (!names.includes(LEGACY)) return;
    this.#foreign = !kept.has(LEGACY);
    if (!this.#foreign) this.#mark = 'none';
  }

  /** A disk without room for it loses it: the kiosk's next commits matter more. */
  async #keepTorn(): Promise<void> {
    if (this.#torn === null) return;
    const { files, folder } = this.#options;
    const { file, bytes } = this.#torn;
    try {
      const name = asideName(files, folder, file, 'torn');
      await writeWhole(files, join(folder, name), bytes);
      this.#keptTorn = name;
    } catch {
      // Its finding says that it is not kept.
    }
    this.#torn = null;
  }

  /** Keeps earlier versions of this program from beginning a journal of their own. What fails is tried again. */
  async #leaveMark(): Promise<void> {
    const { files, folder } = this.#options;
    if (this.#foreign) this.#setAside([LEGACY]);
    const inUse = this.#damaged || !(this.#source instanceof Segment);
    if (this.#foreign || this.#mark === 'taken over' || (this.#mark === 'legacy' && inUse)) return;
    try {
      await writeWhole(files, join(folder, LEGACY), TAKEN_OVER);
      this.#mark = 'taken over';
    } catch {
      // A full disk has no room for it now.
    }
  }

  close(): void {
    if (this.#source instanceof Segment) this.#source.close();
  }
}
