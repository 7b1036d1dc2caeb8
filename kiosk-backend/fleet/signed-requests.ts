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

/** How long a nonce is remembered. A kiosk's clock is not judged, so the server's decides. */
const NONCE_DAYS = 30;
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
      const oldest = new Date(now().getTime() - NONCE_DAYS * 86_400_000).toISOString();
      await db.deleteFrom('nonces').where('seen_at', '<', oldest).execute();
    }
  });
}

/** The kiosk behind a request in the scope of {@link signedRequests}. */
export function requireCaller(request: FastifyRequest): Caller {
  if (request.caller) return request.caller;
  throw new Error('This route is outside the scope of signedRequests');
}

async function callerOf(request: FastifyRequest, db: Storage, now: Date): Promise<Caller> {
  const id = header(request, signatureHeaders.kiosk, /^[a-z0-9-]{3,64}$/);
  const time = header(request, signatureHeaders.time, /^[0-9T:.Z+-]{1,40}$/);
  const nonce = header(request, signatureHeaders.nonce, /^[A-Za-z0-9_-]{22}$/);
  const signature = header(request, signatureHeaders.signature, /^[A-Za-z0-9_-]{86}$/);
  const row = await db
    .selectFrom('kiosks')
    .select(['id', 'number', 'community', 'identity_key'])
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
  const fresh = await db
    .insertInto('nonces')
    .values({ kiosk: id, nonce, seen_at: now.toISOString() })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (fresh.numInsertedOrUpdatedRows !== 1n) {
    throw new Refusal(409, 'retryable', 'nonce-used', 'This request was received before; sign it anew.');
  }
  await db
    .updateTable('kiosks')
    .set({ last_contact: now.toISOString(), last_kiosk_time: time })
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
