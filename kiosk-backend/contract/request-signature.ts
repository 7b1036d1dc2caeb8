/** Headers a signed kiosk request carries. */
export const signatureHeaders = {
  kiosk: 'x-kiosk-id',
  /** ISO time by the kiosk's clock; recorded, not judged, since kiosk clocks drift. */
  time: 'x-kiosk-time',
  /** Sixteen random bytes in base64url; a kiosk's nonce is accepted once. */
  nonce: 'x-kiosk-nonce',
  /** Ed25519 over {@link requestSigningText}, base64url. */
  signature: 'x-kiosk-signature',
} as const;

/** What the kiosk signs: every part that must not be changed on the way. `bodyHash` is SHA-256 in hex. */
export const requestSigningText = (parts: {
  readonly method: string;
  readonly path: string;
  readonly bodyHash: string;
  readonly time: string;
  readonly nonce: string;
}): string => [parts.method, parts.path, parts.bodyHash, parts.time, parts.nonce].join('\n');
