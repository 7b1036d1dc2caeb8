import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { requestSigningText, signatureHeaders } from '../contract/index.ts';
import { Refusal } from '../errors.ts';
import type { Storage } from '../storage/index.ts';

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
    /** The body as it came, for the signature. */
    rawBody: Buffer | null;
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
  const parse = app.getDefaultJsonParser('remove', 'remove');
  let nextPruning = 0;
  app.decorateRequest('caller', null);
  app.decorateRequest('rawBody', null);
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    request.rawBody = body as Buffer;
    parse(request, body.toString('utf8'), done);
  });
  // Before validation, so that strangers learn nothing about what would be valid.
  app.addHook('preValidation', async (request) => {
    request.caller = await callerOf(request, db, now());
    if (now().getTime() >= nextPruning) {
      nextPruning = now().getTime() + PRUNE_EVERY_MS;
      await forgetNonces(db, now());
    }
  });
}

/** The kiosk behind a request in the scope of {@link signedRequests}. */
export function requireCaller(request: FastifyRequest): Caller {
  if (request.caller) return request.caller;
  throw new Error('This route is outside the scope of signedRequests');
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

async function callerOf(request: FastifyRequest, db: Storage, now: Date): Promise<Caller> {
  const id = header(request, signatureHeaders.kiosk, /^[a-z0-9-]{3,64}$/);
  // In this one form, times sort as texts.
  const time = header(request, signatureHeaders.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  const nonce = header(request, signatureHeaders.nonce, /^[A-Za-z0-9_-]{22}$/);
  const signature = header(request, signatureHeaders.signature, /^[A-Za-z0-9_-]{86}$/);
  const row = await db
    .selectFrom('kiosks')
    .select(['id', 'number', 'community', 'identity_key', 'kiosk_time_floor'])
    .where('id', '=', id)
    .executeTakeFirst();
  const text = requestSigningText({
    method: request.method,
    path: request.url,
    bodyHash: createHash('sha256')
      .update(request.rawBody ?? '')
      .digest('hex'),
    time,
    nonce,
  });
  const key = row && identityKey(row.identity_key);
  if (!key || !verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64url'))) {
    throw new Refusal(401, 'unauthorised', 'not-known', 'No enrolled kiosk has signed this request.');
  }
  const stamped = new Date(time);
  if (Number.isNaN(stamped.getTime())) {
    throw new Refusal(400, 'rejected', 'bad-time', `The header ${signatureHeaders.time} is no time.`);
  }
  const corrected = Math.abs(stamped.getTime() - now.getTime()) <= CORRECTED_DAYS * DAY_MS;
  if (time < row.kiosk_time_floor && !corrected) {
    throw new Refusal(409, 'retryable', 'too-old', "By the kiosk's own clock this request is too old.");
  }
  const fresh = await db
    .insertInto('nonces')
    .values({ kiosk: id, nonce, seen_at: now.toISOString(), kiosk_time: time })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (fresh.numInsertedOrUpdatedRows !== 1n) {
    throw new Refusal(409, 'retryable', 'nonce-used', 'This request was received before; sign it anew.');
  }
  const own = daysBefore(stamped, NONCE_DAYS);
  const floor = time < row.kiosk_time_floor || own > row.kiosk_time_floor ? own : row.kiosk_time_floor;
  await db
    .updateTable('kiosks')
    .set({ last_contact: now.toISOString(), last_kiosk_time: time, kiosk_time_floor: floor })
    .where('id', '=', id)
    .execute();
  return { id: row.id, number: row.number, community: row.community };
}

function header(request: FastifyRequest, name: string, form: RegExp): string {
  const value = request.headers[name];
  if (typeof value === 'string' && form.test(value)) return value;
  throw new Refusal(401, 'unauthorised', 'not-signed', `The header ${name} is missing or malformed.`);
}

/** A raw Ed25519 public key as Node's (RFC 8037 §2); null when it is none. */
export function identityKey(raw: string): KeyObject | null {
  try {
    return createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x: raw } });
  } catch {
    return null;
  }
}
