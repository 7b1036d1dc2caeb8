/** Headers a signed kiosk request carries. */
export const signatureHeaders = {
  kiosk: 'x-kiosk-id',
  /**
   * By the kiosk's clock, as `2026-11-22T09:00:00.000Z`. It may be wrong by years, so it is compared only with the
   * newest one of the same kiosk: a request stamped thirty days before that is refused, since its nonce is forgotten —
   * unless it agrees with the server's clock to a day, as after a clock that ran ahead was put right.
   */
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

/**
 * The headers of a signed request with a JSON body. `bodyHash` is SHA-256 in hex; `sign` answers the Ed25519 signature
 * of a text in base64url.
 */
export function signedHeaders(
  parts: Parameters<typeof requestSigningText>[0] & { readonly kiosk: string },
  sign: (text: string) => string,
): Record<string, string> {
  return {
    'content-type': 'application/json',
    [signatureHeaders.kiosk]: parts.kiosk,
    [signatureHeaders.time]: parts.time,
    [signatureHeaders.nonce]: parts.nonce,
    [signatureHeaders.signature]: sign(requestSigningText(parts)),
  };
}
