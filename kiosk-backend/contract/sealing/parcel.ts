import { createHash } from 'node:crypto';
import {
  type CarriedHead,
  type CarriedTail,
  carriedHeadSchema,
  carriedTailSchema,
  carriedText,
  MOST_PIECE_BYTES,
} from '../carried.ts';
import { parsedJson } from './json.ts';

/**
 * A carried file (`.hmx`): eight bytes to know it by, a head, sealed pieces, a tail with the signature. Each part is
 * its kind (one byte), its length (four bytes, big endian) and so many bytes. A file without its tail was not finished.
 */
const MAGIC = Buffer.from('HMX1\r\n\x1a\n', 'latin1');
const PART_BYTES = 5;
const MOST_WORDS_BYTES = 16 * 1024;
const kinds = { head: 0x48, piece: 0x50, tail: 0x54 } as const;
type Kind = keyof typeof kinds;

/** Up to `length` bytes from `position` on; fewer at the end. */
export type ReadAt = (length: number, position: number) => Uint8Array;

/** Writes one carried file from its beginning to its end, each part as it comes. */
export class ParcelWriter {
  readonly #write: (bytes: Uint8Array) => Promise<void>;
  readonly #head: CarriedHead;
  readonly #hash = createHash('sha256');
  #pieces = 0;

  private constructor(head: CarriedHead, write: (bytes: Uint8Array) => Promise<void>) {
    this.#head = head;
    this.#write = write;
  }

  static async begin(head: CarriedHead, write: (bytes: Uint8Array) => Promise<void>): Promise<ParcelWriter> {
    const parcel = new ParcelWriter(head, write);
    await parcel.#append(Buffer.concat([MAGIC, part('head', Buffer.from(JSON.stringify(head)))]));
    return parcel;
  }

  /** `sealed` is at most {@link MOST_PIECE_BYTES} long. */
  async piece(sealed: Uint8Array): Promise<void> {
    if (sealed.length > MOST_PIECE_BYTES) throw new RangeError(`a piece of ${sealed.length} bytes`);
    this.#pieces += 1;
    await this.#append(part('piece', sealed));
  }

  async end(
    told: Pick<CarriedTail, 'count' | 'first' | 'last'>,
    sign: (text: string) => Promise<string>,
  ): Promise<void> {
    const unsigned = { ...told, pieces: this.#pieces };
    const signature = await sign(carriedText(this.#head, unsigned, this.#hash.digest('hex')));
    await this.#write(part('tail', Buffer.from(JSON.stringify({ ...unsigned, signature }))));
  }

  async #append(bytes: Uint8Array): Promise<void> {
    this.#hash.update(bytes);
    await this.#write(bytes);
  }
}

/** A carried file that is whole; whether it is genuine, its signature tells. */
export interface Parcel {
  readonly head: CarriedHead;
  readonly tail: CarriedTail;
  /** What `tail.signature` is over. */
  readonly text: string;
  /** A sealed piece, counted from 0; null when the file is no longer the one that was read first. */
  piece(index: number): Uint8Array | null;
}

/** Reads a carried file once, part by part, to know that it is whole. The error is a few words for a technician. */
export function readParcel(
  read: ReadAt,
): { readonly ok: true; readonly value: Parcel } | { readonly ok: false; readonly error: string } {
  const refused = (error: string) => ({ ok: false as const, error });
  if (!MAGIC.equals(read(MAGIC.length, 0))) return refused('it is not a file of a kiosk');
  const hash = createHash('sha256').update(MAGIC);
  const pieces: { readonly at: number; readonly length: number; readonly digest: string }[] = [];
  let head: CarriedHead | null = null;
  for (let at = MAGIC.length; ; ) {
    const frame = readPart(read, at);
    if (frame === 'cut') return refused('it was not finished');
    if (frame === 'strange' || (frame.kind === 'head') !== (head === null)) return refused('it is damaged');
    const { kind, bytes, start } = frame;
    at += PART_BYTES + bytes.length;
    switch (kind) {
      case 'head': {
        const parsed = carriedHeadSchema.safeParse(parsedJson(bytes));
        if (!parsed.success) return refused('it is damaged, or of a later version');
        head = parsed.data;
        break;
      }
      case 'piece':
        pieces.push({ at: at - bytes.length, length: bytes.length, digest: digestOf(bytes) });
        break;
      case 'tail': {
        const parsed = carriedTailSchema.safeParse(parsedJson(bytes));
        if (!parsed.success || head === null || parsed.data.pieces !== pieces.length)
          return refused('it is damaged');
        if (read(1, at).length > 0) return refused('something was added to it');
        const text = carriedText(head, parsed.data, hash.digest('hex'));
        return {
          ok: true,
          value: {
            head,
            tail: parsed.data,
            text,
            piece: (index) => {
              const known = pieces[index];
              const again = known && read(known.length, known.at);
              return again && digestOf(again) === known.digest ? again : null;
            },
          },
        };
      }
      default:
        kind satisfies never;
    }
    hash.update(start).update(bytes);
  }
}

function part(kind: Kind, bytes: Uint8Array): Buffer {
  const start = Buffer.alloc(PART_BYTES);
  start.writeUInt8(kinds[kind], 0);
  start.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([start, bytes]);
}

function readPart(read: ReadAt, at: number) {
  const start = Buffer.from(read(PART_BYTES, at));
  if (start.length < PART_BYTES) return 'cut';
  const length = start.readUInt32BE(1);
  const kind = (['head', 'piece', 'tail'] as const).find((name) => kinds[name] === start[0]);
  if (kind === undefined || length > (kind === 'piece' ? MOST_PIECE_BYTES : MOST_WORDS_BYTES))
    return 'strange';
  const bytes = Buffer.from(read(length, at + PART_BYTES));
  return bytes.length < length ? 'cut' : { kind, bytes, start };
}

const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('base64');
