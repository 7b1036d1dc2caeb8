import { createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';

/**
 * How a segment begins: who can open it, and what it follows.
 *
 *     header = "HMJ2" | number u32be | key id 8 | salt 32 | link 16 | check 16
 *
 * It stands twice in the first 4096 bytes, 2048 apart, because without its salt nothing in the segment opens. `link` is
 * the last tag of the segment before, `check` an HMAC of all that under a key from the master key. The key id names
 * the master key and tells nothing of it.
 */
const MAGIC = Buffer.from('HMJ2');
/** Every later form begins with its number too. */
const LATER_MAGIC = /^HMJ[3-9]$/;
const NUMBER_AT = 4;
const KEY_ID_AT = 8;
const KEY_ID_BYTES = 8;
const LINK_AT = 48;
const CHECK_AT = 64;
const CHECK_BYTES = 16;
const HEADER_BYTES = CHECK_AT + CHECK_BYTES;
const COPIES_AT = [0, 2048] as const;
export const SALT_BYTES = 32;
/** Where the first frame begins. */
export const FRAMES_AT = 4096;

export interface SegmentHeader {
  readonly number: number;
  /** The last tag of the segment, or of the file of the first form, that this one was made of. */
  readonly link: Buffer;
  /** What the first frame follows. */
  readonly check: Buffer;
  /** The key of this segment's frames; as an object, since making a cipher of bytes takes three times as long. */
  readonly key: KeyObject;
  readonly masterKey: Uint8Array;
}

export type ReadHeader =
  | { readonly kind: 'read'; readonly header: SegmentHeader; readonly copyDamaged: boolean }
  /** Sealed with a key that is not at hand. */
  | { readonly kind: 'other-key' }
  /** Written by a later version of this program. */
  | { readonly kind: 'newer' }
  | { readonly kind: 'damaged' };

const derive = (masterKey: Uint8Array, salt: Uint8Array, purpose: string, bytes: number): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', masterKey, salt, purpose, bytes));

const keyId = (masterKey: Uint8Array): Buffer =>
  Buffer.from(derive(masterKey, Buffer.alloc(0), 'huimin key id', KEY_ID_BYTES));

/** What stands in the header, vouched for and made into keys by a master key. */
function headerOf(masterKey: Uint8Array, fields: Buffer): SegmentHeader {
  const keys = derive(masterKey, fields, 'huimin segment', 64);
  const mac = createHmac('sha256', keys.subarray(32)).update(fields).digest();
  return {
    number: fields.readUInt32BE(NUMBER_AT),
    link: Buffer.from(fields.subarray(LINK_AT, CHECK_AT)),
    check: mac.subarray(0, CHECK_BYTES),
    key: createSecretKey(keys.subarray(0, 32)),
    masterKey,
  };
}

/** The first 4096 bytes of a segment, and what they say. */
export function makeHeader(
  masterKey: Uint8Array,
  fields: { readonly number: number; readonly salt: Uint8Array; readonly link: Uint8Array },
): { readonly bytes: Buffer; readonly header: SegmentHeader } {
  const copy = Buffer.alloc(CHECK_AT);
  copy.set(MAGIC);
  copy.writeUInt32BE(fields.number, NUMBER_AT);
  copy.set(keyId(masterKey), KEY_ID_AT);
  copy.set(fields.salt, KEY_ID_AT + KEY_ID_BYTES);
  copy.set(fields.link, LINK_AT);
  const header = headerOf(masterKey, copy);
  const bytes = Buffer.alloc(FRAMES_AT);
  for (const at of COPIES_AT) bytes.set(Buffer.concat([copy, header.check]), at);
  return { bytes, header };
}

/** Reads the first copy of the header that one of the keys vouches for. */
export function readHeader(bytes: Buffer, masterKeys: readonly Uint8Array[]): ReadHeader {
  const copies = COPIES_AT.map((at) => bytes.subarray(at, at + HEADER_BYTES)).filter(
    (copy) => copy.length === HEADER_BYTES,
  );
  for (const [place, copy] of copies.entries()) {
    if (!copy.subarray(0, MAGIC.length).equals(MAGIC)) continue;
    for (const masterKey of masterKeys) {
      const header = headerOf(masterKey, copy.subarray(0, CHECK_AT));
      if (!copy.subarray(CHECK_AT).equals(header.check)) continue;
      const copyDamaged = place > 0 || copies.length < 2 || copies[1]?.equals(copy) !== true;
      return { kind: 'read', header, copyDamaged };
    }
  }
  // Whoever holds its key must not take for damage what only has another form.
  if (copies[0] !== undefined && LATER_MAGIC.test(copies[0].toString('latin1', 0, MAGIC.length)))
    return { kind: 'newer' };
  const ids = copies.map((copy) => copy.subarray(KEY_ID_AT, KEY_ID_AT + KEY_ID_BYTES));
  if (masterKeys.some((key) => ids.some((id) => id.equals(keyId(key))))) return { kind: 'damaged' };
  // Both copies agree, so this is what was written: by somebody else.
  const [first, second] = copies;
  if (first === undefined || second === undefined || !first.equals(second)) return { kind: 'damaged' };
  return first.subarray(0, MAGIC.length).equals(MAGIC) ? { kind: 'other-key' } : { kind: 'damaged' };
}
