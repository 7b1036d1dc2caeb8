import { createCipheriv, createDecipheriv, createHmac, hkdfSync, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { fromBase64url, type Resident, residentSchema, toBase64url } from '@huimin/backend/contract';

/**
 * Card-present decryption: a resident's record opens only with what the card says, through scrypt, together with the
 * kiosk's key. Neither the disk alone nor the card alone is enough.
 *
 * The key a bundle is bound to is made for each delivery and kept in its record, which the journal seals: a change of
 * the master key seals that record anew and needs no resident's card.
 */
export interface SealedBundle {
  /** Found by HMAC of the ID number under the delivery's key: tells nothing without the key. */
  readonly lookup: string;
  readonly salt: string;
  readonly box: string;
}

/** What the card's words go through (RFC 7914): stated beside what was sealed with it. */
export interface Kdf {
  readonly name: 'scrypt';
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** What the person in front of the kiosk has, and a stolen disk has not. */
export interface CardWords {
  readonly idNumber: string;
  readonly name: string;
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** About 30 ms and 16 MB here: unnoticed by a resident, dear to someone who tries every number of a district. */
export const KDF: Kdf = { name: 'scrypt', N: 16384, r: 8, p: 1 };

const derive = promisify<string, Uint8Array, number, object, Buffer>(scrypt);

export function bundleLookup(key: Uint8Array, idNumber: string): string {
  const lookupKey = Buffer.from(hkdfSync('sha256', key, '', 'huimin bundle lookup', 32));
  return createHmac('sha256', lookupKey).update(idNumber).digest('base64url');
}

async function bundleKey(key: Uint8Array, kdf: Kdf, salt: Uint8Array, card: CardWords): Promise<Buffer> {
  const { N, r, p } = kdf;
  const fromCard = await derive(`${card.idNumber}\n${card.name}`, salt, 32, { N, r, p, maxmem: 256 * N * r });
  const both = Buffer.concat([key, fromCard]);
  const made = Buffer.from(hkdfSync('sha256', both, salt, 'huimin bundle', 32));
  both.fill(0);
  fromCard.fill(0);
  return made;
}

export async function sealBundle(
  key: Uint8Array,
  resident: Resident,
  random: (bytes: number) => Uint8Array,
): Promise<SealedBundle> {
  const salt = random(16);
  const nonce = random(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', await bundleKey(key, KDF, salt, resident), nonce);
  const sealed = [cipher.update(JSON.stringify(resident), 'utf8'), cipher.final(), cipher.getAuthTag()];
  return {
    lookup: bundleLookup(key, resident.idNumber),
    salt: toBase64url(salt),
    box: toBase64url(Buffer.concat([nonce, ...sealed])),
  };
}

/** Null when this card does not open this bundle. */
export async function openBundle(
  key: Uint8Array,
  kdf: Kdf,
  bundle: SealedBundle,
  card: CardWords,
): Promise<Resident | null> {
  const opening = await bundleKey(key, kdf, fromBase64url(bundle.salt), card);
  const box = fromBase64url(bundle.box);
  const decipher = createDecipheriv('aes-256-gcm', opening, box.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAuthTag(box.subarray(-TAG_BYTES));
  try {
    const plain = Buffer.concat([decipher.update(box.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
    const resident = residentSchema.parse(JSON.parse(plain.toString('utf8')));
    plain.fill(0);
    return resident;
  } catch {
    return null; // not this card, or not authentic: nothing may be concluded from which
  }
}
