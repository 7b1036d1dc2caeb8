/** How an authority is written down: `sha256:` and 64 small hexadecimal digits. */
export const authorityPinPattern = /^sha256:[0-9a-f]{64}$/;

/**
 * What an authority is known by: SHA-256 over its public key (SPKI, DER), as in RFC 7469 §2.4. The key counts and not
 * the certificate, which may be made anew for the same key.
 */
export async function authorityPin(spki: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array(spki)));
  return `sha256:${Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

/** The certificates in a PEM text (RFC 7468), in their order, each as PEM; whatever stands between them is left out. */
export const certificatesIn = (pem: string): readonly string[] =>
  pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
