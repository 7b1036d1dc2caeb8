import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { err, ok, type Result } from '@huimin/drivers';

/**
 * The sealed journal: an append-only file of AES-256-GCM frames.
 *
 *     file  = "HMJ1" | salt 28 | frame*
 *     frame = length u32be | nonce 12 | ciphertext | tag 16
 *
 * The file's key is HKDF-SHA256(master key, salt). Each frame authenticates the tag of the frame before it, so that
 * none can be taken out, put in, swapped or changed unnoticed. One frame is one commit: it is there whole or not at all.
 */
const MAGIC = Buffer.from('HMJ1');
const HEADER_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const LENGTH_BYTES = 4;
const LARGEST_FRAME = 64 * 1024 * 1024;

/** Where a frame begins in the file. */
export type Position = number;

export interface Journal {
  /** Appends frames in one write and one fdatasync. On an error nothing was added. */
  append(frames: readonly Uint8Array[]): Promise<Result<readonly Position[], string>>;
  /** Reads one frame again. Throws when the file no longer holds what was written. */
  read(position: Position): Promise<Uint8Array>;
  close(): Promise<void>;
}

export interface OpenedJournal {
  readonly journal: Journal;
  /** Bytes at the end that were not a whole, authentic frame: set aside in a file beside it, and cut off. */
  readonly damage: {
    readonly at: Position;
    readonly bytes: number;
    readonly savedAs: string;
    /** True when it is one unfinished frame, as a power cut leaves it: nothing acknowledged is missing. */
    readonly torn: boolean;
  } | null;
}

/** Opens or creates a journal and hands every frame to `onFrame`, in order. */
export async function openJournal(options: {
  readonly path: string;
  readonly masterKey: Uint8Array;
  readonly random: (bytes: number) => Uint8Array;
  readonly onFrame: (position: Position, plaintext: Uint8Array) => void;
}): Promise<Result<OpenedJournal, string>> {
  const { path, masterKey, random, onFrame } = options;
  let handle: FileHandle;
  try {
    if (!existsSync(path))
      writeFileSync(path, Buffer.concat([MAGIC, random(HEADER_BYTES - MAGIC.length)]), {
        mode: 0o600,
        flag: 'wx',
        flush: true,
      });
    handle = await open(path, 'r+');
  } catch (cause) {
    return err(`the journal ${path} cannot be opened: ${messageOf(cause)}`);
  }
  const file = readFileSync(path);
  const header = file.subarray(0, HEADER_BYTES);
  if (header.length < HEADER_BYTES || !header.subarray(0, MAGIC.length).equals(MAGIC)) {
    await handle.close();
    return err(`${path} is not a journal`);
  }
  const key = Buffer.from(hkdfSync('sha256', masterKey, header, 'huimin journal', 32));

  let end = HEADER_BYTES;
  let previousTag: Uint8Array = new Uint8Array(TAG_BYTES);
  while (end < file.length) {
    const frame = openFrame(file.subarray(end), key, previousTag);
    if (frame === null) break;
    onFrame(end, frame.plaintext);
    previousTag = frame.tag;
    end += frame.size;
  }
  let damage: OpenedJournal['damage'] = null;
  if (end < file.length) {
    if (end === HEADER_BYTES && file.length > HEADER_BYTES + LARGEST_TORN_FIRST_FRAME) {
      // Not one frame opens in a file that holds many: the key is wrong, and cutting would destroy good records.
      await handle.close();
      return err(`the key does not open the journal ${path}`);
    }
    const savedAs = `${path}.damaged-${end}`;
    writeFileSync(savedAs, file.subarray(end), { mode: 0o600, flush: true });
    await handle.truncate(end);
    await handle.datasync();
    damage = { at: end, bytes: file.length - end, savedAs, torn: isTorn(file.subarray(end)) };
  }
  return ok({ journal: new FileJournal(handle, key, random, end, previousTag), damage });
}

/** A first frame (keys, at most a few kilobytes) torn by a power cut may be cut; anything larger is a wrong key. */
const LARGEST_TORN_FIRST_FRAME = 4096;

class FileJournal implements Journal {
  readonly #handle: FileHandle;
  readonly #key: Uint8Array;
  readonly #random: (bytes: number) => Uint8Array;
  #end: Position;
  #previousTag: Uint8Array;

  constructor(
    handle: FileHandle,
    key: Uint8Array,
    random: (bytes: number) => Uint8Array,
    end: Position,
    previousTag: Uint8Array,
  ) {
    this.#handle = handle;
    this.#key = key;
    this.#random = random;
    this.#end = end;
    this.#previousTag = previousTag;
  }

  async append(frames: readonly Uint8Array[]): Promise<Result<readonly Position[], string>> {
    const sealed: Buffer[] = [];
    const positions: Position[] = [];
    let tag = this.#previousTag;
    let end = this.#end;
    for (const plaintext of frames) {
      const frame = sealFrame(plaintext, this.#key, tag, this.#random(NONCE_BYTES));
      sealed.push(frame);
      positions.push(end);
      end += frame.length;
      tag = frame.subarray(-TAG_BYTES);
    }
    try {
      const data = Buffer.concat(sealed);
      let written = 0;
      while (written < data.length) {
        const { bytesWritten } = await this.#handle.write(
          data,
          written,
          data.length - written,
          this.#end + written,
        );
        written += bytesWritten;
      }
      await this.#handle.datasync();
    } catch (cause) {
      // Whatever reached the disk is cut off again, so that the next commit starts at a clean end.
      await this.#handle.truncate(this.#end).catch(() => undefined);
      return err(messageOf(cause));
    }
    this.#end = end;
    this.#previousTag = new Uint8Array(tag);
    return ok(positions);
  }

  async read(position: Position): Promise<Uint8Array> {
    const length = Buffer.alloc(LENGTH_BYTES);
    await this.#handle.read(length, 0, LENGTH_BYTES, position);
    const size = LENGTH_BYTES + length.readUInt32BE();
    const from = position === HEADER_BYTES ? position : position - TAG_BYTES;
    const bytes = Buffer.alloc(position - from + size);
    await this.#handle.read(bytes, 0, bytes.length, from);
    const tagBefore = position === HEADER_BYTES ? new Uint8Array(TAG_BYTES) : bytes.subarray(0, TAG_BYTES);
    const frame = openFrame(bytes.subarray(position - from), this.#key, tagBefore);
    if (frame === null) throw new Error(`the journal no longer holds its record at ${position}`);
    return frame.plaintext;
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

/** One frame whose bytes did not all reach the disk. */
const isTorn = (rest: Buffer): boolean =>
  rest.length < LENGTH_BYTES || rest.length < LENGTH_BYTES + rest.readUInt32BE();

function sealFrame(
  plaintext: Uint8Array,
  key: Uint8Array,
  previousTag: Uint8Array,
  nonce: Uint8Array,
): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(previousTag);
  const body = [nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()];
  const frame = Buffer.concat([Buffer.alloc(LENGTH_BYTES), ...body]);
  frame.writeUInt32BE(frame.length - LENGTH_BYTES);
  return frame;
}

function openFrame(
  bytes: Buffer,
  key: Uint8Array,
  previousTag: Uint8Array,
): { plaintext: Uint8Array; tag: Uint8Array; size: number } | null {
  if (bytes.length < LENGTH_BYTES) return null;
  const length = bytes.readUInt32BE();
  const size = LENGTH_BYTES + length;
  if (length < NONCE_BYTES + TAG_BYTES || length > LARGEST_FRAME || bytes.length < size) return null;
  const nonce = bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + NONCE_BYTES);
  const tag = bytes.subarray(size - TAG_BYTES, size);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce);
  decipher.setAAD(previousTag);
  decipher.setAuthTag(tag);
  try {
    const body = decipher.update(bytes.subarray(LENGTH_BYTES + NONCE_BYTES, size - TAG_BYTES));
    return { plaintext: Buffer.concat([body, decipher.final()]), tag: new Uint8Array(tag), size };
  } catch {
    return null; // GCM says only that it is not authentic, which is all there is to know
  }
}

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
