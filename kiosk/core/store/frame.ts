import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto';

/**
 * One sealed frame of a segment: what was committed together, there whole or not at all.
 *
 *     frame = "HMf2" | length u32be | index u32be | previous tag 16 | nonce 12 | ciphertext | tag 16 | "HMe2"
 *
 * Everything before the nonce is authenticated with the ciphertext (AES-256-GCM). A frame says itself which one it is
 * and which one it follows, so it can be trusted after a hole, while none can be taken out, put in, swapped or repeated
 * unnoticed. The mark at its beginning lets a reader find it after a hole; the one at its end tells a frame that was
 * written whole and then damaged from one that a power cut left unfinished. Behind the last frame there is always zero
 * space.
 */
const MARK = Buffer.from('HMf2');
const END = Buffer.from('HMe2');
export const TAG_BYTES = 16;
export const NONCE_BYTES = 12;
const LENGTH_AT = MARK.length;
const INDEX_AT = LENGTH_AT + 4;
const PREVIOUS_AT = INDEX_AT + 4;
const HEAD_BYTES = PREVIOUS_AT + TAG_BYTES;
const BODY_AT = HEAD_BYTES + NONCE_BYTES;
export const FRAME_OVERHEAD = BODY_AT + TAG_BYTES + END.length;
export const LARGEST_FRAME = 64 * 1024 * 1024;

/** What a frame's place is in its segment. */
export interface Place {
  /** Counts from 0 in each segment. */
  readonly index: number;
  /** The tag of the frame before it; of the first one, the check of the segment's header. */
  readonly previous: Uint8Array;
}

export interface OpenedFrame extends Place {
  readonly plaintext: Buffer;
  readonly tag: Buffer;
  /** With everything around it. */
  readonly size: number;
}

/**
 * Nonces for one key: the first is random, each other one more than the one before (NIST SP 800-38D, 8.2.2, where the
 * random field is the whole nonce). Every opening of a segment begins anew, and a nonce is used up even if its frame is
 * not written: an index is written again after a torn write, so a nonce must not be made of that.
 */
export class Nonces {
  readonly #next: Buffer;

  /** `first`: 12 random bytes. */
  constructor(first: Uint8Array) {
    if (first.length !== NONCE_BYTES) throw new RangeError(`a nonce has ${NONCE_BYTES} bytes`);
    this.#next = Buffer.from(first);
  }

  /** Good until the next one is asked for. */
  next(): Uint8Array {
    const next = this.#next;
    for (let at = NONCE_BYTES - 1; at >= 0; at--) {
      const byte = ((next[at] ?? 0) + 1) & 0xff;
      next[at] = byte;
      if (byte !== 0) break;
    }
    return next;
  }
}

/** `nonce` was never used with this key, see {@link Nonces}. */
export function sealFrame(key: KeyObject, place: Place, plaintext: Uint8Array, nonce: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(plaintext.length + FRAME_OVERHEAD);
  frame.set(MARK);
  frame.writeUInt32BE(plaintext.length, LENGTH_AT);
  frame.writeUInt32BE(place.index, INDEX_AT);
  frame.set(place.previous, PREVIOUS_AT);
  frame.set(nonce, HEAD_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(frame.subarray(0, HEAD_BYTES));
  frame.set(cipher.update(plaintext), BODY_AT);
  cipher.final();
  frame.set(cipher.getAuthTag(), frame.length - END.length - TAG_BYTES);
  frame.set(END, frame.length - END.length);
  return frame;
}

/** The tag of a sealed frame. */
export const tagOf = (frame: Buffer): Buffer =>
  Buffer.from(frame.subarray(frame.length - END.length - TAG_BYTES, frame.length - END.length));

/** How many bytes the frame that begins here has; null when none does. */
export function frameSize(bytes: Buffer, position: number): number | null {
  if (position + BODY_AT > bytes.length) return null;
  if (bytes.compare(MARK, 0, MARK.length, position, position + MARK.length) !== 0) return null;
  const length = bytes.readUInt32BE(position + LENGTH_AT);
  return length > LARGEST_FRAME ? null : length + FRAME_OVERHEAD;
}

/** Null when no authentic frame begins here. The mark at the end is not asked for: it proves nothing. */
export function openFrame(key: KeyObject, bytes: Buffer, position: number): OpenedFrame | null {
  const size = frameSize(bytes, position);
  if (size === null || position + size - END.length > bytes.length) return null;
  const tagAt = position + size - END.length - TAG_BYTES;
  const tag = Buffer.from(bytes.subarray(tagAt, tagAt + TAG_BYTES));
  const nonce = bytes.subarray(position + HEAD_BYTES, position + BODY_AT);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(bytes.subarray(position, position + HEAD_BYTES));
  decipher.setAuthTag(tag);
  const plaintext = decipher.update(bytes.subarray(position + BODY_AT, tagAt));
  try {
    decipher.final();
  } catch {
    return null; // GCM says only that it is not authentic, which is all there is to know
  }
  return {
    index: bytes.readUInt32BE(position + INDEX_AT),
    previous: bytes.subarray(position + PREVIOUS_AT, position + HEAD_BYTES),
    plaintext,
    tag,
    size,
  };
}

/** Where the next frame may begin, at `from` or after it; -1 when nowhere. */
export const findMark = (bytes: Buffer, from: number): number => bytes.indexOf(MARK, from);

/** A disk writes a sector as a whole or not at all; larger ones are multiples of this. */
const SECTOR = 512;

/**
 * What stands after the last authentic frame. A commit is one write into space that was made ready, which is zero, and
 * space always follows it: so a power cut leaves part of one frame whose place is there to its end. Whatever else is
 * found stood there once and has changed since: more than one frame, none, or a file without its end.
 *
 * What a power cut leaves of the last commit looks the same as a last commit that lost its end or some of its sectors
 * afterwards. Nothing in the file tells those apart.
 */
export function judgeTail(bytes: Buffer, from: number): 'clean' | 'torn' | 'damaged' {
  if (bytes.length <= from) return 'damaged';
  const to = endOfContent(bytes);
  if (to <= from) return 'clean';
  const size = tornSize(bytes, from, to);
  if (size === null || from + size >= bytes.length || to > from + size) return 'damaged';
  const mark = findMark(bytes, from + 1);
  if (mark >= 0 && mark < to) return 'damaged';
  const hasEnd = bytes.subarray(to - END.length, to).equals(END);
  return hasEnd && !hasLostSector(bytes, from, to) ? 'damaged' : 'torn';
}

/** How large the frame was to become of which this is left; null when it is left of none. */
function tornSize(bytes: Buffer, from: number, to: number): number | null {
  if (to - from >= BODY_AT) return frameSize(bytes, from);
  const left = bytes.subarray(from, Math.min(to, from + MARK.length));
  return left.equals(MARK.subarray(0, left.length)) ? FRAME_OVERHEAD : null;
}

function hasLostSector(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; ) {
    const next = Math.min(to, at - (at % SECTOR) + SECTOR);
    if (bytes.subarray(at, next).every((byte) => byte === 0)) return true;
    at = next;
  }
  return false;
}

/** Behind the last byte that is not zero. */
export function endOfContent(bytes: Buffer): number {
  let to = bytes.length;
  while (to > 0 && bytes[to - 1] === 0) to--;
  return to;
}
