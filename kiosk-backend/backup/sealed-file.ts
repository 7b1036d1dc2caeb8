import { createCipheriv, createDecipheriv, createHash, randomBytes, scrypt } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { promisify } from 'node:util';
import { z } from 'zod';

const derive = promisify<string, Buffer, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(
  scrypt,
);

const MAGIC = Buffer.from('HUIMIN BACKUP 1\n');
const CHUNK = 64 * 1024;
const TAG = 16;
const MOST_HEADER = 4096;
/** scrypt (RFC 7914): 128 MiB and about half a second for each guess at the passphrase. */
const SCRYPT = { N: 2 ** 17, r: 8, p: 1 };

/** What a sealed backup says of itself in the clear; nothing personal. */
const headerSchema = z.object({
  kind: z.enum(['sqlite', 'postgres']),
  madeAt: z.iso.datetime(),
  /** The audit's last hash when the backup was made; null where it had no entries. */
  auditHead: z.string().nullable(),
  salt: z.string(),
  scrypt: z.object({
    N: z.number().max(SCRYPT.N),
    r: z.number().max(SCRYPT.r),
    p: z.number().max(SCRYPT.p),
  }),
});

export type BackupNote = Omit<z.infer<typeof headerSchema>, 'salt' | 'scrypt'>;

/** A file that is no sealed backup, was changed or cut, or does not open with this passphrase. */
export class NotOpened extends Error {
  override readonly name = 'NotOpened';
}

/**
 * Seals a stream under a passphrase: AES-256-GCM in chunks of 64 KiB, each bound to the header, to its place and to
 * whether it is the last (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár), so that a file that was
 * cut or put together differently does not open. `cost` is what each guess at the passphrase costs.
 */
export async function* sealed(
  source: AsyncIterable<Buffer>,
  note: BackupNote,
  passphrase: string,
  cost = SCRYPT,
): AsyncGenerator<Buffer, void, undefined> {
  const salt = randomBytes(16);
  const header = Buffer.from(JSON.stringify({ ...note, salt: salt.toString('base64url'), scrypt: cost }));
  const key = await keyOf(passphrase, salt, cost);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(header.length);
  yield Buffer.concat([MAGIC, length, header]);
  const chunks = new Chunks(key, header);
  let held = Buffer.alloc(0);
  for await (const part of source) {
    held = Buffer.concat([held, part]);
    // One byte more than a chunk is needed to know that a chunk is not the last.
    while (held.length > CHUNK) {
      yield chunks.seal(held.subarray(0, CHUNK), false);
      held = held.subarray(CHUNK);
    }
  }
  yield chunks.seal(held, true);
}

/** True for a file that begins like a sealed backup. */
export async function isSealed(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    return (await bytesAt(file, 0, MAGIC.length)).equals(MAGIC);
  } finally {
    await file.close();
  }
}

export interface Opened {
  readonly note: BackupNote;
  /** What was sealed, as often as it is asked for. Throws {@link NotOpened}: only the end says that all of it is good. */
  content(): AsyncGenerator<Buffer, void, undefined>;
}

/** Opens a sealed backup. Throws {@link NotOpened}. */
export async function openSealed(path: string, passphrase: string): Promise<Opened> {
  const file = await open(path);
  const { fields, bytes, end } = await headerIn(file).finally(() => file.close());
  const key = await keyOf(passphrase, Buffer.from(fields.salt, 'base64url'), fields.scrypt).catch(() => {
    throw new NotOpened('was changed or cut short'); // a cost that is none
  });
  const { kind, madeAt, auditHead } = fields;
  return {
    note: { kind, madeAt, auditHead },
    content: () => unsealed(path, new Chunks(key, bytes), end),
  };
}

async function* unsealed(
  path: string,
  chunks: Chunks,
  start: number,
): AsyncGenerator<Buffer, void, undefined> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    for (let position = start; ; position += CHUNK + TAG) {
      const last = position + CHUNK + TAG >= size;
      yield chunks.open(await bytesAt(file, position, Math.min(CHUNK + TAG, size - position)), last);
      if (last) return;
    }
  } finally {
    await file.close();
  }
}

class Chunks {
  readonly #key: Buffer;
  readonly #header: Buffer;
  #next = 0;

  constructor(key: Buffer, header: Buffer) {
    this.#key = key;
    this.#header = createHash('sha256').update(header).digest();
  }

  /** The key is this file's alone, so that a counter makes every nonce a new one. */
  #nonce(last: boolean): Buffer {
    const nonce = Buffer.alloc(12);
    nonce.writeUInt32BE(this.#next, 7);
    nonce[11] = last ? 1 : 0;
    this.#next += 1;
    return nonce;
  }

  seal(chunk: Buffer, last: boolean): Buffer {
    const cipher = createCipheriv('aes-256-gcm', this.#key, this.#nonce(last)).setAAD(this.#header);
    return Buffer.concat([cipher.update(chunk), cipher.final(), cipher.getAuthTag()]);
  }

  open(chunk: Buffer, last: boolean): Buffer {
    const nonce = this.#nonce(last);
    const first = this.#next === 1;
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.#key, nonce, { authTagLength: TAG });
      decipher.setAAD(this.#header).setAuthTag(chunk.subarray(-TAG));
      return Buffer.concat([decipher.update(chunk.subarray(0, -TAG)), decipher.final()]);
    } catch {
      throw new NotOpened(
        first
          ? 'does not open: the passphrase is not the one it was made with, or it was changed'
          : 'was changed or cut short',
      );
    }
  }
}

const keyOf = (passphrase: string, salt: Buffer, cost: typeof SCRYPT): Promise<Buffer> =>
  derive(passphrase, salt, 32, { ...cost, maxmem: 256 * cost.N * cost.r });

async function headerIn(file: FileHandle) {
  const start = await bytesAt(file, 0, MAGIC.length + 4);
  const length = start.length < MAGIC.length + 4 ? 0 : start.readUInt32BE(MAGIC.length);
  if (!start.subarray(0, MAGIC.length).equals(MAGIC) || length === 0 || length > MOST_HEADER) {
    throw new NotOpened('is not a sealed backup');
  }
  const bytes = await bytesAt(file, start.length, length);
  try {
    const fields = headerSchema.parse(JSON.parse(bytes.toString('utf8')));
    return { fields, bytes, end: start.length + length };
  } catch {
    throw new NotOpened('was changed or cut short');
  }
}

async function bytesAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(Math.max(length, 0));
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}
