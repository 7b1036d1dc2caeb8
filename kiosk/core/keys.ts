import { generateKeyPairSync } from 'node:crypto';
import { toBase64url } from '@huimin/backend/contract';
import { createDocumentKey } from './documents/index.ts';
import type { KioskKeys } from './store/index.ts';

/** Bytes before the raw key in an Ed25519 SPKI (RFC 8410). */
const ED25519_SPKI_PREFIX = 12;

/** The kiosk's two keys, made once: one to be known by (Ed25519), one to sign documents with (ECDSA P-256). */
export async function createKioskKeys(): Promise<KioskKeys> {
  const identity = generateKeyPairSync('ed25519');
  const spki = identity.publicKey.export({ type: 'spki', format: 'der' });
  const pkcs8 = identity.privateKey.export({ type: 'pkcs8', format: 'der' });
  const document = await createDocumentKey();
  return {
    identity: {
      pkcs8: toBase64url(pkcs8),
      publicKey: toBase64url(spki.subarray(ED25519_SPKI_PREFIX)),
    },
    document: { pkcs8: toBase64url(document.pkcs8), spki: toBase64url(document.spki) },
  };
}
