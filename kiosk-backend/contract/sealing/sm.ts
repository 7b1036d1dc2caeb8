import { kdf, sm2, sm3, sm4 } from 'sm-crypto-v2';
import type { SealingPublicKey } from '../carried.ts';
import { type Compact, encodedHeader, joined } from './compact.ts';
import { newScalar, type Random, type SealingKeyPair } from './keys.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** SM4 takes 16 bytes (GB/T 32907). */
const KEY_BYTES = 16;
/** Of GCM with SM4, as in RFC 8998 §3.2. */
const IV_BYTES = 12;
const TAG_BYTES = 16;
const POINT_BYTES = 64;
const HASH_BYTES = 32;
const C1C3C2 = 1;

/** The library's own seeded key generation (`generateKeyPairHex(seed)`) always gives the private key 1. */
export const sm2PointOf = (scalar: Uint8Array): Uint8Array =>
  new Uint8Array(Buffer.from(sm2.getPublicKeyFromPrivateKey(hex(scalar)), 'hex'));

/**
 * A short secret for the holder of an SM2 key: C1 ‖ C3 ‖ C2 (GB/T 32918.4 §6.1), C1 without its leading 4. Put together
 * here, because the library's encryption draws its own random numbers.
 */
export function sm2Encrypt(secret: Uint8Array, point: Uint8Array, random: Random): Uint8Array {
  for (;;) {
    const scalar = newScalar('sm', random);
    const c1 = sm2PointOf(scalar).subarray(1);
    const shared = sm2.ecdh(new Uint8Array(scalar), new Uint8Array(point), false).subarray(1);
    scalar.fill(0);
    const mask = kdf(new Uint8Array(shared), secret.length);
    if (mask.every((byte) => byte === 0)) continue; // step A5
    const c2 = secret.map((byte, i) => byte ^ (mask[i] ?? 0));
    const [x2, y2] = [shared.subarray(0, 32), shared.subarray(32)];
    const c3 = Buffer.from(sm3(new Uint8Array(Buffer.concat([x2, secret, y2]))), 'hex');
    return new Uint8Array(Buffer.concat([c1, c3, c2]));
  }
}

/** SM2 for a random SM4 key, and SM4-GCM with that key for the content; the header is authenticated. */
export function sealSm(
  plaintext: Uint8Array,
  recipient: SealingPublicKey,
  contentType: string,
  random: Random,
): Uint8Array {
  const key = random(KEY_BYTES);
  const iv = random(IV_BYTES);
  const header = encodedHeader({
    alg: 'SM2-C1C3C2',
    enc: 'SM4-GCM',
    kid: recipient.keyId,
    cty: contentType,
  });
  const encryptedKey = sm2Encrypt(key, Buffer.from(recipient.publicKey, 'base64url'), random);
  const { output, tag } = sm4Seal(plaintext, key, iv, Buffer.from(header, 'latin1'));
  key.fill(0);
  return joined(header, encryptedKey, iv, output, tag);
}

export function sm4Seal(
  plaintext: Uint8Array,
  key: Uint8Array,
  iv: Uint8Array,
  aad: Uint8Array,
): { readonly output: Uint8Array; readonly tag: Uint8Array } {
  const { output, tag } = sm4.encrypt(plaintext, key, {
    mode: 'gcm',
    iv,
    associatedData: aad,
    output: 'array',
    outputTag: true,
  });
  if (tag === undefined) throw new Error('SM4-GCM gave no tag');
  return { output, tag };
}

/** Throws when it was not sealed for this key, or was changed. */
export function openSm({ aad, encryptedKey, iv, ciphertext, tag }: Compact, own: SealingKeyPair): Uint8Array {
  // The library would compare as many bytes of the tag as there are, and read an IV of any length.
  if (iv.length !== IV_BYTES || tag.length !== TAG_BYTES) throw new Error('of another form');
  if (encryptedKey.length !== POINT_BYTES + HASH_BYTES + KEY_BYTES) throw new Error('of another form');
  const privateKey = hex(Buffer.from(own.privateKey, 'base64url'));
  const key = sm2.doDecrypt(hex(encryptedKey), privateKey, C1C3C2, { output: 'array' });
  // What was changed comes back empty.
  if (key.length !== KEY_BYTES) throw new Error('the key does not open');
  try {
    return sm4.decrypt(ciphertext, key, { mode: 'gcm', iv, associatedData: aad, tag, output: 'array' });
  } finally {
    key.fill(0);
  }
}
