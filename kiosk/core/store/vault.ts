import { createCipheriv, createDecipheriv, createHmac, hkdfSync, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { type Bundle, fromBase64url, toBase64url } from '@huimin/backend/contract';
import { wipeableBytes } from '../wipeable.ts';

/**
 * Card-present decryption: a resident's record is found and opens only with what the card says, through scrypt,
 * together with the kiosk's key. Neither the disk alone nor the card alone is enough.
 *
 * The key a bundle is bound to is made for a delivery in which nothing is as it was, and kept in its record, which the journal seals: a change of
 * the master key seals that record anew and needs no resident's card.
 */
export interface SealedBundle {
  /** What a card finds it by. */
  readonly lookup: string;
  /** Of its own in deliveries of the earlier form, and not there in later ones. */
  readonly salt?: string | undefined;
  /** Tells whoever has the bundle itself that this is it; not there where nobody looks for it. */
  readonly mark?: string | undefined;
  readonly box: string;
}

/** What the card's words go through (RFC 7914): stated beside what was sealed with it. */
export interface Kdf {
  readonly name: 'scrypt';
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** The half of what opens a delivery's bundles that the kiosk has. */
export interface KioskHalf {
  readonly key: Uint8Array;
  readonly kdf: Kdf;
  /** Null for the earlier form, which found a bundle by the number alone and gave each a salt of its own. */
  readonly salt: Uint8Array | null;
}

/** What the person in front of the kiosk has, and a stolen disk has not: all that card and registry both know. */
export interface CardWords {
  readonly idNumber: string;
  readonly name: string;
}

/** Both halves together. */
export interface OpeningKey {
  readonly lookup: string;
  /** The record, for the caller to judge; null when this card does not open this bundle. */
  open(bundle: SealedBundle): Promise<unknown>;
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
/** Who has the disk and the kiosk's key tries cards against all bundles of a delivery at once, at this price each. */
export const SALT_BYTES = 16;

/**
 * 16 MiB and 30 to 47 ms (measured on a calm and on a busy machine) of one core for each card that is laid down or
 * guessed, in the thread pool, so that nothing else waits. Unnoticed by a resident; somebody who stole the disk and its
 * key has to guess number and name together, since nothing on the disk tells whether half a guess is right. Argon2id
 * would be the younger choice, but Electron's BoringSSL has none; scrypt is in both.
 */
export const KDF: Kdf = { name: 'scrypt', N: 16384, r: 8, p: 1 };

const derive = promisify<Uint8Array, Uint8Array, number, object, Buffer>(scrypt);

async function fromCard({ N, r, p }: Kdf, salt: Uint8Array, card: CardWords): Promise<Buffer> {
  const words = wipeableBytes(`${card.idNumber}\n${card.name}`);
  try {
    return await derive(words, salt, KEY_BYTES, { N, r, p, maxmem: 256 * N * r });
  } finally {
    words.fill(0);
  }
}

/** A key for one purpose out of both halves; the card's is wiped by whoever made it. */
function combined(key: Uint8Array, card: Uint8Array, salt: Uint8Array, purpose: string): Buffer {
  const both = Buffer.concat([key, card]);
  const made = Buffer.from(hkdfSync('sha256', both, salt, purpose, KEY_BYTES));
  both.fill(0);
  return made;
}

export async function openingKey(half: KioskHalf, card: CardWords): Promise<OpeningKey> {
  const { key, kdf, salt } = half;
  if (salt === null)
    return {
      lookup: numberLookup(key, card.idNumber),
      open: async (bundle) => {
        const own = fromBase64url(bundle.salt ?? '');
        const words = await fromCard(kdf, own, card);
        return unbox(combined(key, words, own, 'huimin bundle'), bundle.box);
      },
    };
  const words = await fromCard(kdf, salt, card);
  const opening = combined(key, words, salt, 'huimin bundle box');
  const lookup = toBase64url(combined(key, words, salt, 'huimin bundle lookup'));
  words.fill(0);
  return { lookup, open: async (bundle) => unbox(opening, bundle.box) };
}

export async function sealBundle(
  half: KioskHalf & { readonly salt: Uint8Array },
  bundle: Bundle,
  random: (bytes: number) => Uint8Array,
): Promise<SealedBundle> {
  const { key, kdf, salt } = half;
  const words = await fromCard(kdf, salt, bundle.resident);
  const nonce = random(NONCE_BYTES);
  const opening = combined(key, words, salt, 'huimin bundle box');
  const lookup = toBase64url(combined(key, words, salt, 'huimin bundle lookup'));
  const cipher = createCipheriv('aes-256-gcm', opening, nonce);
  const plain = wipeableBytes(JSON.stringify(bundle));
  const sealed = [cipher.update(plain), cipher.final(), cipher.getAuthTag()];
  for (const each of [words, opening, plain]) each.fill(0);
  return { lookup, mark: markOf(key, bundle), box: toBase64url(Buffer.concat([nonce, ...sealed])) };
}

/** A signature cannot be guessed, so that this says nothing of a resident to whoever has the key. */
export const markOf = (key: Uint8Array, { signature }: Bundle): string =>
  createHmac('sha256', key).update(`huimin bundle mark\n${signature}`).digest('base64url');

/** How bundles of the earlier form are found: by HMAC of the ID number under the delivery's key. */
function numberLookup(key: Uint8Array, idNumber: string): string {
  const lookupKey = Buffer.from(hkdfSync('sha256', key, '', 'huimin bundle lookup', KEY_BYTES));
  return createHmac('sha256', lookupKey).update(idNumber).digest('base64url');
}

function unbox(opening: Buffer, sealed: string): unknown {
  const box = fromBase64url(sealed);
  const decipher = createDecipheriv('aes-256-gcm', opening, box.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAuthTag(box.subarray(-TAG_BYTES));
  let plain: Buffer | null = null;
  try {
    // GCM holds nothing back: the last step only tells whether it is authentic (NIST SP 800-38D 7.2).
    plain = decipher.update(box.subarray(NONCE_BYTES, -TAG_BYTES));
    decipher.final();
    return JSON.parse(plain.toString('utf8'));
  } catch {
    return null; // not this card, or not authentic: nothing may be concluded from which
  } finally {
    plain?.fill(0);
  }
}
