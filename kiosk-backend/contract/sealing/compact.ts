import { z } from 'zod';
import { parsedJson } from './json.ts';

const name = z.string().max(100);
const common = { kid: z.string().regex(/^[0-9a-f]{16}$/), cty: name };

/**
 * The header of what is sealed, part of what is authenticated: suite (`alg` and `enc`), key and content type. Nothing
 * else is allowed in it, so that nobody asks us to inflate or to fetch anything. SM2 and SM4-GCM have no registered
 * names; these are ours.
 */
export const headerSchema = z.discriminatedUnion('enc', [
  z.strictObject({
    alg: z.literal('ECDH-ES'),
    enc: z.literal('A256GCM'),
    ...common,
    epk: z.strictObject({ kty: z.literal('EC'), crv: z.literal('P-256'), x: name, y: name }),
  }),
  z.strictObject({ alg: z.literal('SM2-C1C3C2'), enc: z.literal('SM4-GCM'), ...common }),
]);
export type SealHeader = z.infer<typeof headerSchema>;

/** JWE Compact Serialization (RFC 7516 §7.1) in its parts; both suites use this form. */
export interface Compact {
  readonly header: SealHeader;
  /** What is authenticated besides the content: the header as it is written. */
  readonly aad: Uint8Array;
  readonly encryptedKey: Uint8Array;
  readonly iv: Uint8Array;
  readonly ciphertext: Uint8Array;
  readonly tag: Uint8Array;
}

const encode = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64url');

export const encodedHeader = (header: SealHeader): string => encode(Buffer.from(JSON.stringify(header)));

export const joined = (header: string, ...parts: readonly Uint8Array[]): Uint8Array =>
  new Uint8Array(Buffer.from([header, ...parts.map(encode)].join('.'), 'latin1'));

/** Null for anything that is not written exactly as whoever sealed it would have. */
export function readCompact(sealed: Uint8Array): Compact | null {
  const texts = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.length).toString('latin1').split('.');
  const parts = texts.map((text) => Buffer.from(text, 'base64url'));
  // One spelling: Node skips what is not of the alphabet, and bits that the last character has too many.
  if (parts.some((part, i) => encode(part) !== texts[i])) return null;
  const [header, encryptedKey, iv, ciphertext, tag, ...more] = parts;
  if (!header || !encryptedKey || !iv || !ciphertext || !tag || more.length > 0) return null;
  const parsed = headerSchema.safeParse(parsedJson(header));
  if (!parsed.success) return null;
  return {
    header: parsed.data,
    aad: Buffer.from(texts[0] ?? '', 'latin1'),
    encryptedKey,
    iv,
    ciphertext,
    tag,
  };
}
