import { keyIdOf } from '@huimin/backend/contract';

/** The kiosk's short-lived key: signs certificates and the statements in their QR codes. */
export interface DocumentKey {
  /** DER SubjectPublicKeyInfo, P-256. */
  readonly spki: Uint8Array;
  /** DER PKCS#8 private key: for the sealed journal and nowhere else. */
  readonly pkcs8: Uint8Array;
  /** See `keyIdOf` in the contract. */
  readonly keyId: string;
  /** ECDSA P-256 with SHA-256; answers r||s, 64 bytes (IEEE P1363). */
  sign(data: Uint8Array): Promise<Uint8Array>;
}

const P256 = { name: 'ECDSA', namedCurve: 'P-256' };
const ES256 = { name: 'ECDSA', hash: 'SHA-256' };

/** A new key from the system's randomness. */
export async function createDocumentKey(): Promise<DocumentKey> {
  const pair = await crypto.subtle.generateKey(P256, true, ['sign', 'verify']);
  const pkcs8 = new Uint8Array(await crypto.subtle.exportKey('pkcs8', pair.privateKey));
  const spki = new Uint8Array(await crypto.subtle.exportKey('spki', pair.publicKey));
  return importDocumentKey(pkcs8, spki);
}

/** A key from storage. Throws (DataError) when the bytes are not a P-256 key. */
export async function importDocumentKey(pkcs8: Uint8Array, spki: Uint8Array): Promise<DocumentKey> {
  const key = await crypto.subtle.importKey('pkcs8', new Uint8Array(pkcs8), P256, false, ['sign']);
  return {
    spki: new Uint8Array(spki),
    pkcs8: new Uint8Array(pkcs8),
    keyId: await keyIdOf(spki),
    sign: async (data) => new Uint8Array(await crypto.subtle.sign(ES256, key, new Uint8Array(data))),
  };
}
