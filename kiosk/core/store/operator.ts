import { verify, X509Certificate } from 'node:crypto';
import { type Bundle, bundleSigningText, fromBase64url } from '@huimin/backend/contract';

/** Whether the operator signed this record; `root` is the certificate (PEM) that came with the kiosk's enrolment. */
export function isSignedBy(root: string, bundle: Bundle): Promise<boolean> {
  const { signature, ...signed } = bundle;
  const text = Buffer.from(bundleSigningText(signed));
  return new Promise((done) => {
    const judged = (failure: Error | null, good: boolean): void => {
      text.fill(0);
      done(failure === null && good);
    };
    try {
      const key = { key: new X509Certificate(root).publicKey, dsaEncoding: 'ieee-p1363' } as const;
      verify('sha256', text, key, fromBase64url(signature), judged);
    } catch {
      judged(null, false); // no certificate, or no key that could have signed
    }
  });
}
