import { join } from 'node:path';
import { err, ok, type Result } from '@huimin/drivers';
import { type Files, messageOf } from './files.ts';
import { readWhole, writeWhole } from './whole.ts';

/**
 * A small file beside the journal, `open N` or `closed N`: open from the first certificate number of a start, or from a
 * start that found no orderly end, to the end of an orderly stop. N is the last serial that may have been given before
 * that start, or at that stop. It stands apart because what a disk forgets at the journal's end uncovers what stood
 * there before, which may be the record of an earlier orderly stop.
 */
const FILE = 'journal.serials';
const CONTENT = /^(open|closed) (\d{1,15})\n$/;

export class SerialMark {
  readonly #files: Files;
  readonly #path: string;
  #leaving: Promise<Result<void, string>> | null = null;
  #open: boolean;
  /** Serials up to here may have been given, whatever the journal knows; null when the mark does not say. */
  readonly floor: number | null;

  constructor(files: Files, folder: string) {
    this.#files = files;
    this.#path = join(folder, FILE);
    const content = this.#read();
    const [, state, serial] = CONTENT.exec(content ?? '') ?? [];
    this.#open = content !== null && state !== 'closed';
    this.floor = serial === undefined ? null : Number(serial);
  }

  /** Whether a start gave serials that no orderly stop followed. */
  get isOpen(): boolean {
    return this.#open;
  }

  /** Opens the mark, once a start, before the first serial is given. */
  open(floor: () => number): Promise<Result<void, string>> {
    this.#leaving ??= this.#write('open', floor()).then((left) => {
      if (!left.ok) this.#leaving = null;
      return left;
    });
    return this.#leaving;
  }

  /** Opens a mark that is not open: what shows how the journal ended goes with the next write. */
  async keepOpen(floor: number): Promise<void> {
    if (!this.#open) await this.#write('open', floor);
  }

  /** One that cannot be closed costs a few serials. */
  async close(last: number): Promise<void> {
    if (this.#open) await this.#write('closed', last);
  }

  async #write(state: 'open' | 'closed', serial: number): Promise<Result<void, string>> {
    try {
      await writeWhole(this.#files, this.#path, Buffer.from(`${state} ${serial}\n`));
      this.#open = state === 'open';
      return ok(undefined);
    } catch (cause) {
      return err(messageOf(cause));
    }
  }

  #read(): string | null {
    try {
      return readWhole(this.#files, this.#path)?.toString('latin1') ?? null;
    } catch {
      return '';
    }
  }
}
