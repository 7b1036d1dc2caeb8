import { createCipheriv, createDecipheriv, createHmac, hkdfSync, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { fromBase64url, type Resident, residentSchema, toBase64url } from '@huimin/backend/contract';

/**
 * Card-present decryption: a resident's record opens only with what the card says, through scrypt, together with the
 * kiosk's key. Neither the disk alone nor the card alone is enough.
 */
export interface SealedBundle {
  /** Found by HMAC of the ID number under the kiosk's key: tells nothing without the key. */
  readonly lookup: string;
  readonly salt: string;
  readonly box: string;
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** About 30 ms here: unnoticed by a resident, dear to someone who tries every number of a district. */
const SCRYPT = { N: 16384, r: 8, p: 1 } as const;

const derive = promisify<string, Uint8Array, number, object, Buffer>(scrypt);

export function bundleLookup(masterKey: Uint8Array, idNumber: string): string {
  const key = Buffer.from(hkdfSync('sha256', masterKey, '', 'huimin bundle lookup', 32));
  return createHmac('sha256', key).update(idNumber).digest('base64url');
}

async function bundleKey(
  masterKey: Uint8Array,
  salt: Uint8Array,
  card: { readonly idNumber: string; readonly name: string },
): Promise<Buffer> {
  const fromCard = await derive(`${card.idNumber}\n${card.name}`, salt, 32, SCRYPT);
  return Buffer.from(hkdfSync('sha256', Buffer.concat([masterKey, fromCard]), salt, 'huimin bundle', 32));
}

export async function sealBundle(
  masterKey: Uint8Array,
  resident: Resident,
  random: (bytes: number) => Uint8Array,
): Promise<SealedBundle> {
  const salt = random(16);
  const nonce = random(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', await bundleKey(masterKey, salt, resident), nonce);
  const sealed = [cipher.update(JSON.stringify(resident), 'utf8'), cipher.final(), cipher.getAuthTag()];
  return {
    lookup: bundleLookup(masterKey, resident.idNumber),
    salt: toBase64url(salt),
    box: toBase64url(Buffer.concat([nonce, ...sealed])),
  };
}

/** Null when this card does not open this bundle. */
export async function openBundle(
  masterKey: Uint8Array,
  bundle: SealedBundle,
  card: { readonly idNumber: string; readonly name: string },
): Promise<Resident | null> {
  const key = await bundleKey(masterKey, fromBase64url(bundle.salt), card);
  const box = fromBase64url(bundle.box);
  const decipher = createDecipheriv('aes-256-gcm', key, box.subarray(0, NONCE_BYTES));
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
