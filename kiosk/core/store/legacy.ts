import { createDecipheriv, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import type { Found } from './scan.ts';

/**
 * The first form of the journal, read for ever and written no more:
 *
 *     file  = "HMJ1" | salt 28 | frame*
 *     frame = length u32be | nonce 12 | ciphertext | tag 16
 *
 * Each frame authenticates the tag of the frame before it, which is also the sixteen bytes before it in the file.
 */
const MAGIC = Buffer.from('HMJ1');
const HEADER_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const LENGTH_BYTES = 4;
const LARGEST_FRAME = 64 * 1024 * 1024;
export const isLegacy = (bytes: Buffer): boolean => bytes.subarray(0, MAGIC.length).equals(MAGIC);

export const legacyKey = (masterKey: Uint8Array, bytes: Buffer): KeyObject =>
  createSecretKey(
    Buffer.from(hkdfSync('sha256', masterKey, bytes.subarray(0, HEADER_BYTES), 'huimin journal', 32)),
  );

/** A file that was cut before its first frame was whole: nothing in it was ever acknowledged. */
export const isUnbegun = (bytes: Buffer): boolean => bytes.length < HEADER_BYTES;

/** Whether any frame opens with this key. */
export const opensLegacy = (bytes: Buffer, key: KeyObject): boolean =>
  openLegacyFrame(bytes, HEADER_BYTES, key) !== null || nextThatOpens(bytes, HEADER_BYTES, key) !== null;

/** Whether all there is, is a first frame that a power cut left unfinished. */
export const isTornFirst = (bytes: Buffer): boolean => isTorn(bytes.subarray(HEADER_BYTES));

/** Whether these are the beginning of one frame. */
function isTorn(rest: Buffer): boolean {
  if (rest.length < LENGTH_BYTES) return true;
  const length = rest.readUInt32BE();
  return length >= NONCE_BYTES + TAG_BYTES && length <= LARGEST_FRAME && rest.length < LENGTH_BYTES + length;
}

/** Reads the frames; a damaged one is stepped over. The end's tag is that of the last frame, zeros without any. */
export function* scanLegacy(bytes: Buffer, key: KeyObject): Generator<Found, void> {
  let position = HEADER_BYTES;
  let index = 0;
  let tag = Buffer.alloc(TAG_BYTES);
  while (position < bytes.length) {
    const frame = openLegacyFrame(bytes, position, key);
    if (frame !== null) {
      yield { kind: 'frame', position, plaintext: frame };
      position += LENGTH_BYTES + bytes.readUInt32BE(position);
      tag = Buffer.from(bytes.subarray(position - TAG_BYTES, position));
      index++;
      continue;
    }
    const next = nextThatOpens(bytes, position, key);
    if (next === null) break;
    // How many there were cannot be told: their lengths may be among what is damaged.
    yield { kind: 'hole', from: position, to: next, missing: { from: index, to: null } };
    position = next;
    index++;
  }
  const torn = isTorn(bytes.subarray(position));
  if (!torn) yield { kind: 'hole', from: position, to: bytes.length, missing: { from: index, to: null } };
  const end = torn ? position : bytes.length;
  yield { kind: 'end', position: end, index, tag, tornTo: bytes.length };
}

/** Where the next frame stands that opens; null when none does. */
function nextThatOpens(bytes: Buffer, from: number, key: KeyObject): number | null {
  for (let position = from + 1; position + LENGTH_BYTES <= bytes.length; position++)
    if (openLegacyFrame(bytes, position, key) !== null) return position;
  return null;
}

/** Whether a segment with this link was made of this file, and nothing was added to the file since. */
export function isMadeOf(link: Uint8Array, bytes: Buffer): boolean {
  const end = link.every((byte) => byte === 0) ? HEADER_BYTES : bytes.lastIndexOf(link) + TAG_BYTES;
  return end >= HEADER_BYTES && isTorn(bytes.subarray(end));
}

/**
 * Left under the name of the first form once its records have been taken over: an earlier version of this program would
 * begin an empty journal there, and says of this that it is not one.
 */
export const TAKEN_OVER = Buffer.from('taken over\n');

/** Null when no authentic frame begins here. */
export function openLegacyFrame(bytes: Buffer, position: number, key: KeyObject): Buffer | null {
  if (position < HEADER_BYTES || position + LENGTH_BYTES > bytes.length) return null;
  const length = bytes.readUInt32BE(position);
  const end = position + LENGTH_BYTES + length;
  if (length < NONCE_BYTES + TAG_BYTES || length > LARGEST_FRAME || end > bytes.length) return null;
  const nonceAt = position + LENGTH_BYTES;
  const nonce = bytes.subarray(nonceAt, nonceAt + NONCE_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(
    position === HEADER_BYTES ? Buffer.alloc(TAG_BYTES) : bytes.subarray(position - TAG_BYTES, position),
  );
  decipher.setAuthTag(bytes.subarray(end - TAG_BYTES, end));
  const plaintext = decipher.update(bytes.subarray(nonceAt + NONCE_BYTES, end - TAG_BYTES));
  try {
    decipher.final();
    return plaintext;
  } catch {
    return null;
  }
}
