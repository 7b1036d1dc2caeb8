import { hkdfSync, verify, X509Certificate } from 'node:crypto';
import {
  type Endorsement,
  fromBase64url,
  type SealingPublicKey,
  type SealingSuite,
  sealingKeyText,
} from '@huimin/backend/contract';
import { newSealingKeyPair, type SealingKeyPair } from '@huimin/backend/contract/sealing';
import { err, ok, type Result } from '@huimin/drivers';

/** Whether the authority that vouches for this kiosk signed the text: ECDSA, P-256 with SHA-256, r ‖ s. */
export function isAuthoritys(endorsement: Endorsement, text: string, signature: string): boolean {
  const root = endorsement.certificates.at(-1);
  if (root === undefined) return false;
  const key = { key: new X509Certificate(root).publicKey, dsaEncoding: 'ieee-p1363' } as const;
  return verify('sha256', Buffer.from(text), key, fromBase64url(signature));
}

/** The key that what is carried to the backend is sealed for. The error is one sentence for a technician. */
export function backendKey(endorsement: Endorsement | null): Result<SealingPublicKey, string> {
  if (endorsement === null)
    return err('this kiosk is not enrolled, so no backend could take in what it carries');
  const { sealing } = endorsement;
  if (sealing === undefined)
    return err('the backend has not told this kiosk yet what to seal for: it does when it next endorses it');
  const { suite, keyId, publicKey } = sealing;
  return isAuthoritys(endorsement, sealingKeyText(sealing), sealing.signature)
    ? ok({ suite, keyId, publicKey })
    : err('the key to seal for is not signed by the authority of this kiosk, so nothing is sealed for it');
}

/**
 * What the answers to one export are sealed for: derived from the kiosk's identity (HKDF, RFC 5869), so that nothing
 * needs to be kept until they come.
 */
export function answerKey(
  identityPkcs8: string,
  exportId: string,
  suite: SealingSuite,
): Promise<SealingKeyPair> {
  let drawn = 0;
  return newSealingKeyPair(suite, (bytes) => {
    drawn += 1;
    const info = `huimin-answers-1 ${suite} ${drawn}`;
    return new Uint8Array(
      hkdfSync('sha256', fromBase64url(identityPkcs8), fromBase64url(exportId), info, bytes),
    );
  });
}
