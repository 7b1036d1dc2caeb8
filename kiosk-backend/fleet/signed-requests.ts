import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { requestSigningText, signatureHeaders } from '../contract/index.ts';
import { Refusal } from '../errors.ts';
import type { Storage } from '../storage/index.ts';
import { type Contact, kioskRevoked, recordContact } from './contact.ts';
import { revokedKeysOf } from './revocation.ts';

/** The kiosk that signed a request. */
export interface Caller {
  readonly id: string;
  /** Four digits; part of its certificate numbers. */
  readonly number: string;
  readonly community: string;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set for every route within {@link signedRequests}. */
    caller: Caller | null;
    /** Set for routes that put it on record themselves. */
    contact: Contact | null;
    /** The body as it came, for the signature. */
    rawBody: Buffer | null;
  }
  interface FastifyContextConfig {
    /** The route puts the request's contact on record itself, in the transaction of its effect. */
    recordsContact?: boolean;
  }
}

const DAY_MS = 86_400_000;
/**
 * How far a request may lie behind the newest one of its kiosk, by the kiosk's own clock: so long its nonce is
 * remembered, and what is older is refused unread. A kiosk's clock may be wrong by years, so it is compared with itself.
 */
const NONCE_DAYS = 30;
/**
 * A clock that ran ahead and was put right looks like an old request. It is let in when it agrees with the server's
 * to a day; for that, nonces stamped since then are remembered too. A clock that fell behind has to be put right.
 */
const CORRECTED_DAYS = 1;
const PRUNE_EVERY_MS = 3_600_000;

/**
 * Lets only requests through that a known kiosk has signed (`contract/request-signature.ts`), each once. Register it
 * in the scope whose routes it shall guard.
 */
export function signedRequests(app: FastifyInstance, db: Storage, now: () => Date): void {
  let nextPruning = 0;
  app.decorateRequest('caller', null);
  app.decorateRequest('contact', null);
  keepRawBodies(app);
  // Before validation, so that strangers learn nothing about what would be valid.
  app.addHook('preValidation', async (request) => {
    const { caller, contact } = await callerOf(request, db, now());
    request.caller = caller;
    if (request.routeOptions.config.recordsContact) request.contact = contact;
    else await recordContact(db, contact);
    if (now().getTime() >= nextPruning) {
      nextPruning = now().getTime() + PRUNE_EVERY_MS;
      await forgetNonces(db, now());
    }
  });
}

/** Keeps each body of this scope as it came, for its signature. */
export function keepRawBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('remove', 'remove');
  app.decorateRequest('rawBody', null);
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    request.rawBody = body as Buffer;
    parse(request, body.toString('utf8'), done);
  });
}

/** The kiosk behind a request in the scope of {@link signedRequests}. */
export function requireCaller(request: FastifyRequest): Caller {
  if (request.caller) return request.caller;
  throw new Error('This route is outside the scope of signedRequests');
}

/** The same for a route with `recordsContact`, with what it has to put on record. */
export function requireContact(request: FastifyRequest): {
  readonly caller: Caller;
  readonly contact: Contact;
} {
  if (request.contact) return { caller: requireCaller(request), contact: request.contact };
  throw new Error('This route does not say recordsContact');
}

/** Forgets nonces that are not needed any more: their requests would be refused for their age, now and later. */
async function forgetNonces(db: Storage, now: Date): Promise<void> {
  const seen = daysBefore(now, NONCE_DAYS);
  const stamped = daysBefore(now, NONCE_DAYS + CORRECTED_DAYS);
  await db
    .deleteFrom('nonces')
    .where('seen_at', '<', seen)
    .where('kiosk_time', '<', stamped)
    .where((where) =>
      where.exists(
        where
          .selectFrom('kiosks')
          .select('kiosks.id')
          .whereRef('kiosks.id', '=', 'nonces.kiosk')
          .whereRef('nonces.kiosk_time', '<', 'kiosks.kiosk_time_floor'),
      ),
    )
    .execute();
}

const daysBefore = (time: Date, days: number): string =>
  new Date(time.getTime() - days * DAY_MS).toISOString();

/** What a request says of itself in its headers; whether that is so is told by {@link isSignedWith}. */
export interface SignedClaim {
  readonly kiosk: string;
  /** By the kiosk's clock. In this one form, times sort as texts. */
  readonly time: string;
  readonly nonce: string;
  readonly signature: string;
}

/** Throws {@link Refusal} for a request that does not carry them. */
export const signedClaim = (request: FastifyRequest): SignedClaim => ({
  kiosk: header(request, signatureHeaders.kiosk, /^[a-z0-9-]{3,64}$/),
  time: header(request, signatureHeaders.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
  nonce: header(request, signatureHeaders.nonce, /^[A-Za-z0-9_-]{22}$/),
  signature: header(request, signatureHeaders.signature, /^[A-Za-z0-9_-]{86}$/),
});

/** True when the request was signed, just as it came, with this identity key. */
export function isSignedWith(identity: string, request: FastifyRequest, claim: SignedClaim): boolean {
  const key = identityKey(identity);
  const text = requestSigningText({
    method: request.method,
    path: request.url,
    bodyHash: createHash('sha256')
      .update(request.rawBody ?? '')
      .digest('hex'),
    time: claim.time,
    nonce: claim.nonce,
  });
  return key !== null && verify(null, Buffer.from(text), key, Buffer.from(claim.signature, 'base64url'));
}

async function callerOf(
  request: FastifyRequest,
  db: Storage,
  now: Date,
): Promise<{ readonly caller: Caller; readonly contact: Contact }> {
  const claim = signedClaim(request);
  const { kiosk: id, time, nonce } = claim;
  const row = await db
    .selectFrom('kiosks')
    .select(['id', 'number', 'community', 'identity_key', 'kiosk_time_floor', 'revoked_at'])
    .where('id', '=', id)
    .executeTakeFirst();
  if (!row || !isSignedWith(row.identity_key, request, claim)) {
    const revoked = await revokedKeysOf(db, id);
    if (revoked.some((key) => isSignedWith(key, request, claim))) throw kioskRevoked();
    throw new Refusal(401, 'unauthorised', 'not-known', 'No enrolled kiosk has signed this request.');
  }
  if (row.revoked_at !== null) throw kioskRevoked();
  const stamped = new Date(time);
  if (Number.isNaN(stamped.getTime())) {
    throw new Refusal(400, 'rejected', 'bad-time', `The header ${signatureHeaders.time} is no time.`);
  }
  const corrected = Math.abs(stamped.getTime() - now.getTime()) <= CORRECTED_DAYS * DAY_MS;
  if (time < row.kiosk_time_floor && !corrected) {
    throw new Refusal(409, 'retryable', 'too-old', "By the kiosk's own clock this request is too old.");
  }
  return {
    caller: { id: row.id, number: row.number, community: row.community },
    contact: { kiosk: id, nonce, time, floor: daysBefore(stamped, NONCE_DAYS), at: now.toISOString() },
  };
}

function header(request: FastifyRequest, name: string, form: RegExp): string {
  const value = request.headers[name];
  if (typeof value === 'string' && form.test(value)) return value;
  throw new Refusal(401, 'unauthorised', 'not-signed', `The header ${name} is missing or malformed.`);
}

/** Keys read lately: reading one costs as much as checking a signature with it. */
const readKeys = new Map<string, KeyObject>();
const MOST_KEYS = 10_000;

/** A raw Ed25519 public key as Node's (RFC 8037 §2); null when it is none. */
export function identityKey(raw: string): KeyObject | null {
  const known = readKeys.get(raw);
  if (known) return known;
  try {
    const key = createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x: raw } });
    if (readKeys.size >= MOST_KEYS) readKeys.clear();
    readKeys.set(raw, key);
    return key;
  } catch {
    return null;
  }
}
