import { decode, encode, Tagged } from 'cborg';
import { z } from 'zod';

/**
 * The statement in a certificate's QR code: COSE_Sign1 (RFC 9052 §4.2) with ES256, as base64url without padding.
 * It runs unchanged in Node and in browsers (Web Crypto), so that anyone can check it without a network.
 */
export interface StatementClaims {
  /** Certificate type code, e.g. `residence-certificate`. */
  readonly type: string;
  readonly number: string;
  /** The holder's name with all but the first character hidden, e.g. `王**`. */
  readonly holder: string;
  readonly issuer: string;
  /** Seconds since the epoch. */
  readonly issuedAt: number;
  readonly validUntil: number;
  /** First 16 bytes of SHA-256 over the page's facts. */
  readonly factsHash: Uint8Array;
}

export interface Statement {
  readonly claims: StatementClaims;
  /** First 8 bytes of SHA-256 over the signing key's SPKI, hex. */
  readonly keyId: string;
  /** RFC 9052 Sig_structure: what the signature covers. */
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
}

const COSE_SIGN1_TAG = 18;
const HEADER_ALGORITHM = 1;
const HEADER_KEY_ID = 4;
const ALGORITHM_ES256 = -7;

/** Up to 9999-12-31T23:59:59Z, the last moment that ISO 8601 writes with four digits. */
const seconds = z.number().int().min(0).max(253_402_300_799);
const claimsSchema = z
  .tuple([z.string(), z.string(), z.string(), z.string(), seconds, seconds, z.instanceof(Uint8Array)])
  .transform(
    ([type, number, holder, issuer, issuedAt, validUntil, factsHash]): StatementClaims => ({
      type,
      number,
      holder,
      issuer,
      issuedAt,
      validUntil,
      factsHash,
    }),
  );
const bytes = z.instanceof(Uint8Array);
const coseSchema = z.tuple([bytes, z.map(z.unknown(), z.unknown()), bytes, bytes]);

const decodeOptions = {
  useMaps: true,
  strict: true,
  tags: { [COSE_SIGN1_TAG]: Tagged.decoder(COSE_SIGN1_TAG) },
};

const signedBytes = (protectedHeader: Uint8Array, payload: Uint8Array): Uint8Array =>
  encode(['Signature1', protectedHeader, new Uint8Array(0), payload]);

/** Signs claims. `sign` answers the 64-byte r||s of ECDSA P-256 with SHA-256. */
export async function makeStatement(
  claims: StatementClaims,
  keyId: string,
  sign: (data: Uint8Array) => Promise<Uint8Array>,
): Promise<string> {
  const protectedHeader = encode(
    new Map<number, unknown>([
      [HEADER_ALGORITHM, ALGORITHM_ES256],
      [HEADER_KEY_ID, fromHex(keyId)],
    ]),
  );
  const { type, number, holder, issuer, issuedAt, validUntil, factsHash } = claims;
  const payload = encode([type, number, holder, issuer, issuedAt, validUntil, factsHash]);
  const signature = await sign(signedBytes(protectedHeader, payload));
  const cose = [protectedHeader, new Map(), payload, signature];
  return toBase64url(encode(new Tagged(COSE_SIGN1_TAG, cose)));
}

/** Takes a statement apart without judging its signature; null when it is not one of ours. */
export function readStatement(token: string): Statement | null {
  try {
    const cose = fromBase64url(token);
    // One statement has one spelling: spare bits in the last character are a change like any other.
    if (toBase64url(cose) !== token) return null;
    const tagged: unknown = decode(cose, decodeOptions);
    if (!(tagged instanceof Tagged)) return null;
    const [protectedHeader, , payload, signature] = coseSchema.parse(tagged.value);
    const header: unknown = decode(protectedHeader, { useMaps: true });
    if (!(header instanceof Map) || header.get(HEADER_ALGORITHM) !== ALGORITHM_ES256) return null;
    const keyId = bytes.parse(header.get(HEADER_KEY_ID));
    return {
      claims: claimsSchema.parse(decode(payload)),
      keyId: toHex(keyId),
      signed: signedBytes(protectedHeader, payload),
      signature,
    };
  } catch {
    return null; // whatever is wrong with a stranger's bytes, the answer is the same: not ours
  }
}

/** A key that signs statements, from DER SubjectPublicKeyInfo (P-256); rejects what is none. */
export const statementKey = (spki: Uint8Array): Promise<CryptoKey> =>
  crypto.subtle.importKey('spki', new Uint8Array(spki), { name: 'ECDSA', namedCurve: 'P-256' }, false, [
    'verify',
  ]);

/** True when `statement` was signed by this key (see {@link statementKey}), or by the key in this SPKI. */
export async function verifyStatement(statement: Statement, key: CryptoKey | Uint8Array): Promise<boolean> {
  return crypto.subtle.verify(
    { name: 'ECDSA', hash: 'SHA-256' },
    key instanceof Uint8Array ? await statementKey(key) : key,
    new Uint8Array(statement.signature),
    new Uint8Array(statement.signed),
  );
}

/** The id under which a document key is known: first 8 bytes of SHA-256 over its SPKI, hex. */
export async function keyIdOf(spki: Uint8Array): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array(spki))).slice(0, 8));
}

/** Crockford's base 32: no I, L, O, U, so that a printed code can be typed without doubt. */
const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** The eight characters beneath the QR code, for those who type: 40 bits of SHA-256 over the statement. */
export async function verificationCode(token: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token)));
  let value = digest.slice(0, 5).reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  let code = '';
  for (let i = 0; i < 8; i++) {
    code = `${CROCKFORD[Number(value % 32n)]}${code}`;
    value /= 32n;
  }
  return code;
}

/** What people type for a printed code: case, width, spaces, dashes and look-alike letters forgiven. */
export const normaliseCode = (typed: string): string =>
  typed
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]/gu, '')
    .replace(/O/g, '0')
    .replace(/[IL]/g, '1');

/** The page's facts as one text: sorted `name=value` lines. */
export const factsText = (facts: Readonly<Record<string, string>>): string =>
  Object.entries(facts)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('\n');

/** So much of the SHA-256 over {@link factsText} is in the statement. */
export const FACTS_HASH_BYTES = 16;

export async function hashFacts(facts: Readonly<Record<string, string>>): Promise<Uint8Array> {
  const text = new TextEncoder().encode(factsText(facts));
  return new Uint8Array(await crypto.subtle.digest('SHA-256', text)).slice(0, FACTS_HASH_BYTES);
}

/** `王小明` -> `王**`: enough for the holder to be recognised, too little to learn a name. */
export const maskName = (name: string): string => {
  const [first = '', ...rest] = [...name];
  return first + '*'.repeat(rest.length);
};

/** An address that opens the verification page with this statement; the part after # never leaves the phone's browser by itself. */
export const statementAddress = (verifyAddress: string, token: string): string => `${verifyAddress}#${token}`;

/** The statement in a scanned code: an address of ours or the bare token; null for anything else. */
export const statementFromScan = (scanned: string): string | null =>
  /^(?:https?:\/\/[^\s#]+\/verify#)?([A-Za-z0-9_-]{80,1000})$/.exec(scanned.trim())?.[1] ?? null;

export function toBase64url(data: Uint8Array): string {
  return btoa(String.fromCharCode(...data))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+$/, '');
}

/** Throws on characters outside the alphabet. */
export function fromBase64url(text: string): Uint8Array {
  const binary = atob(text.replace(/-/g, '+').replace(/_/g, '/'));
  const data = new Uint8Array(binary.length);
  for (let index = 0; index < data.length; index++) data[index] = binary.charCodeAt(index);
  return data;
}

const toHex = (data: Uint8Array): string =>
  Array.from(data, (byte) => byte.toString(16).padStart(2, '0')).join('');
const fromHex = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
