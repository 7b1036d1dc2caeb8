import { CompactEncrypt, compactDecrypt } from 'jose';
import type { SealingPublicKey } from '../carried.ts';
import { newScalar, pointOf, type Random, type SealingKeyPair } from './keys.ts';

const curve = { name: 'ECDH', namedCurve: 'P-256' } as const;

/** AES-GCM's (NIST SP 800-38D §5.2.1.1); the key is another for each message, so this never repeats under one. */
const IV_BYTES = 12;

/** JWE with ECDH-ES directly (RFC 7518 §4.6) and A256GCM (§5.3). */
export async function sealAes(
  plaintext: Uint8Array,
  recipient: SealingPublicKey,
  contentType: string,
  random: Random,
): Promise<Uint8Array> {
  const scalar = newScalar('aes', random);
  const ephemeral = await importKey(await pointOf('aes', scalar), scalar);
  scalar.fill(0);
  const compact = await new CompactEncrypt(plaintext)
    .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', kid: recipient.keyId, cty: contentType })
    .setKeyManagementParameters({ epk: ephemeral })
    .setInitializationVector(random(IV_BYTES))
    .encrypt(await importKey(Buffer.from(recipient.publicKey, 'base64url')));
  return new Uint8Array(Buffer.from(compact, 'latin1'));
}

/** Throws when it was not sealed for this key, or was changed. */
export async function openAes(sealed: Uint8Array, key: SealingKeyPair): Promise<Uint8Array> {
  const own = await importKey(
    Buffer.from(key.publicKey, 'base64url'),
    Buffer.from(key.privateKey, 'base64url'),
  );
  const { plaintext } = await compactDecrypt(sealed, own, {
    keyManagementAlgorithms: ['ECDH-ES'],
    contentEncryptionAlgorithms: ['A256GCM'],
  });
  return plaintext;
}

/** A point, with its private key where that is known, as Web Crypto's (RFC 7518 §6.2). */
function importKey(point: Uint8Array, scalar?: Uint8Array): Promise<CryptoKey> {
  const coordinate = (from: number) => Buffer.from(point.subarray(from, from + 32)).toString('base64url');
  const jwk = { kty: 'EC', crv: curve.namedCurve, x: coordinate(1), y: coordinate(33) };
  return scalar === undefined
    ? crypto.subtle.importKey('jwk', jwk, curve, true, [])
    : crypto.subtle.importKey('jwk', { ...jwk, d: Buffer.from(scalar).toString('base64url') }, curve, true, [
        'deriveBits',
      ]);
}
