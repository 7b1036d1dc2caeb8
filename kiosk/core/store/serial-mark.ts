import { join } from 'node:path';
import { err, ok, type Result } from '@huimin/drivers';
import { type Files, messageOf } from './files.ts';
import { readWhole, writeWhole } from './whole.ts';

/**
 * A small file beside the journal, `open N OF` or `closed N OF`: open from the first certificate number of a start, or from a
 * start that found no orderly end, to the end of an orderly stop. N is the last serial that may have been given before
 * that start, or at that stop; OF names whose serials they are, which an earlier version left out. It stands apart because what a disk forgets at the journal's end uncovers what stood
 * there before, which may be the record of an earlier orderly stop.
 */
const FILE = 'journal.serials';
const CONTENT = /^(open|closed) (\d{1,15})(?: (\d{4}-[0-9a-f]{16}))?\n$/;

export class SerialMark {
  readonly #files: Files;
  readonly #path: string;
  #leaving: { readonly of: string; readonly done: Promise<Result<void, string>> } | null = null;
  #open: boolean;
  readonly #floor: number | null;
  /** Null when it does not say. */
  readonly #of: string | null;

  constructor(files: Files, folder: string) {
    this.#files = files;
    this.#path = join(folder, FILE);
    const content = this.#read();
    const [, state, serial, of] = CONTENT.exec(content ?? '') ?? [];
    this.#open = content !== null && state !== 'closed';
    this.#floor = serial === undefined ? null : Number(serial);
    this.#of = of ?? null;
  }

  /**
   * Serials of this numbering up to here may have been given before this start, whatever the journal knows; null when
   * the mark does not say.
   */
  floorOf(of: string): number | null {
    return this.#of === null || this.#of === of ? this.#floor : null;
  }

  /** Whether a start gave serials that no orderly stop followed. */
  get isOpen(): boolean {
    return this.#open;
  }

  /** Opens the mark, once a start and numbering, before the first serial is given. */
  open(of: string, floor: number): Promise<Result<void, string>> {
    if (this.#leaving?.of !== of) {
      const done = this.#write('open', floor, of).then((left) => {
        if (!left.ok) this.#leaving = null;
        return left;
      });
      this.#leaving = { of, done };
    }
    return this.#leaving.done;
  }

  /** Opens a mark that is not open: what shows how the journal ended goes with the next write. */
  async keepOpen(of: string, floor: number): Promise<void> {
    if (!this.#open) await this.#write('open', floor, of);
  }

  /** One that cannot be closed costs a few serials. */
  async close(of: string, last: number): Promise<void> {
    if (this.#open) await this.#write('closed', last, of);
  }

  async #write(state: 'open' | 'closed', serial: number, of: string): Promise<Result<void, string>> {
    try {
      await writeWhole(this.#files, this.#path, Buffer.from(`${state} ${serial} ${of}\n`));
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
