import { recordAct } from '../audit/index.ts';
import type { Authority } from '../authority/index.ts';
import { readDocumentKey } from '../authority/index.ts';
import {
  type Endorsement,
  type EnrolRequest,
  fromBase64url,
  keyIdOf,
  MOST_KIOSKS,
  type VouchedSealingKey,
} from '../contract/index.ts';
import { Refusal } from '../errors.ts';
import type { Storage } from '../storage/index.ts';
import { useEnrolmentCode } from './codes.ts';
import { holdKiosks, kioskRevoked, nonceUsed } from './contact.ts';
import { type Block, giveBlock } from './numbers.ts';
import { distrustedSince, revokedKeysOf } from './revocation.ts';
import type { SignedClaim } from './signed-requests.ts';

export interface FleetOptions {
  readonly db: Storage;
  readonly authority: Authority;
  readonly now: () => Date;
  /** Where anyone can verify a certificate. */
  readonly verifyAddress: () => string;
  /** In demo mode the community in which every kiosk stands, and the code `demo` is good; null otherwise. */
  readonly demoCommunity: string | null;
  /** What kiosks seal for this backend with. */
  readonly sealing: VouchedSealingKey;
  /** How often one address may try to enrol within a minute; 60 unless told. */
  readonly enrolmentsAMinute?: number | undefined;
}

const DEMO_CODE = 'demo';

interface KioskRow {
  readonly id: string;
  readonly number: string;
}

interface EnrolledRow extends KioskRow {
  readonly enrolment: number;
}

/**
 * Takes in a new kiosk, or one that comes back: with new keys, or because the answer was lost. Each enrolment gets a
 * block of its own, a repeated one too: whether the numbers of an answer that seems lost were used is not known here.
 * The request was signed with the key that it brings. Throws {@link Refusal}.
 */
export async function enrol(
  options: FleetOptions,
  request: EnrolRequest,
  claim: SignedClaim,
): Promise<Endorsement> {
  const document = await requireDocumentKey(request.documentKey);
  const now = options.now();
  const { kiosk, block } = await options.db.transaction().execute(async (trx) => {
    // Before its codes, as whoever revokes it does, so that neither waits for the other.
    await holdKiosks(trx, [request.kiosk]);
    const community = await communityFor(options, trx, request, now);
    if (community === null) {
      throw new Refusal(401, 'unauthorised', 'bad-code', 'This code is not good for this kiosk.');
    }
    return registerKiosk(trx, { request: { ...request, documentKey: document.spki }, claim, community }, now);
  });
  return endorsement(options, kiosk, document.key, block);
}

/**
 * Puts a kiosk that may enrol on record, with its keys and a block of numbers, in a transaction of the caller's. Throws
 * {@link Refusal}.
 */
export async function registerKiosk(
  trx: Storage,
  {
    request,
    claim: { nonce, time },
    community,
  }: {
    readonly request: Pick<EnrolRequest, 'kiosk' | 'identityKey' | 'documentKey'>;
    readonly claim: Pick<SignedClaim, 'nonce' | 'time'>;
    readonly community: string;
  },
  now: Date,
): Promise<{ readonly kiosk: { readonly id: string; readonly number: string }; readonly block: Block }> {
  const row = await upsertKiosk(trx, request, community, now);
  // With the kiosk's row in hand, so that a revocation comes wholly before or wholly after.
  await refuseRevokedKeys(trx, request);
  await noteNonce(trx, { kiosk: row.id, nonce, time }, now);
  await noteIdentityKey(trx, row, request.identityKey, now);
  await addDocumentKey(trx, row, request.documentKey, now);
  const block = await giveBlock(trx, row, now);
  await recordAct(trx, {
    at: now,
    actor: { kiosk: row.id },
    action: 'kiosk.enrolled',
    detail: { enrolment: row.enrolment, community },
  });
  return { kiosk: row, block };
}

/** Renews the certificate of a kiosk that has signed its request, with another block of numbers when it asks. */
export async function endorse(
  options: FleetOptions,
  kiosk: KioskRow,
  request: { readonly documentKey: string; readonly needsNumbers: boolean },
): Promise<Endorsement> {
  const document = await requireDocumentKey(request.documentKey);
  const now = options.now();
  const block = await options.db.transaction().execute(async (trx) => {
    // First of all, so that requests of one kiosk follow one another and blocks never overlap.
    const row = await trx
      .updateTable('kiosks')
      .set({ last_contact: now.toISOString() })
      .where('id', '=', kiosk.id)
      .returning(['enrolment', 'revoked_at'])
      .executeTakeFirstOrThrow();
    // It may have been revoked since its request was let in.
    if (row.revoked_at !== null) throw kioskRevoked();
    await refuseRevokedDocumentKey(trx, document.spki);
    await addDocumentKey(trx, { id: kiosk.id, enrolment: row.enrolment }, document.spki, now);
    return request.needsNumbers ? giveBlock(trx, kiosk, now) : null;
  });
  return endorsement(options, kiosk, document.key, block);
}

async function requireDocumentKey(spki: string) {
  const document = await readDocumentKey(spki);
  if (document) return document;
  throw new Refusal(400, 'rejected', 'bad-document-key', 'documentKey is not a P-256 public key.');
}

/** What was taken back is never trusted again: whoever held the kiosk may hold its keys. */
async function refuseRevokedKeys(
  trx: Storage,
  request: Pick<EnrolRequest, 'kiosk' | 'identityKey' | 'documentKey'>,
): Promise<void> {
  if ((await revokedKeysOf(trx, request.kiosk)).includes(request.identityKey)) throw keysRevoked();
  await refuseRevokedDocumentKey(trx, request.documentKey);
}

async function refuseRevokedDocumentKey(trx: Storage, spki: string): Promise<void> {
  const since = await distrustedSince(trx, await keyIdOf(fromBase64url(spki)));
  if (since !== null) throw keysRevoked();
}

const keysRevoked = (): Refusal =>
  new Refusal(401, 'unauthorised', 'keys-revoked', 'These keys were revoked; new ones are needed.');

async function communityFor(
  options: FleetOptions,
  trx: Storage,
  request: EnrolRequest,
  now: Date,
): Promise<string | null> {
  if (options.demoCommunity !== null && request.code === DEMO_CODE) return options.demoCommunity;
  return useEnrolmentCode(trx, request, now);
}

async function upsertKiosk(
  trx: Storage,
  request: Pick<EnrolRequest, 'kiosk' | 'identityKey'>,
  community: string,
  now: Date,
): Promise<EnrolledRow> {
  const at = now.toISOString();
  const known = await trx
    .updateTable('kiosks')
    .set((column) => ({
      community,
      // What was signed with another key cannot come again.
      kiosk_time_floor: column
        .case()
        .when('identity_key', '=', request.identityKey)
        .then(column.ref('kiosk_time_floor'))
        .else('')
        .end(),
      identity_key: request.identityKey,
      enrolment: column('enrolment', '+', 1),
      enrolled_at: at,
      last_contact: at,
      revoked_at: null,
    }))
    .where('id', '=', request.kiosk)
    .returning(['id', 'number', 'enrolment'])
    .executeTakeFirst();
  if (known) return known;
  const { value } = await trx
    .updateTable('counters')
    .set((column) => ({ value: column('value', '+', 1) }))
    .where('name', '=', 'kiosk-number')
    .returning('value')
    .executeTakeFirstOrThrow();
  if (value > MOST_KIOSKS) {
    throw new Refusal(409, 'rejected', 'no-kiosk-number', 'All four-digit kiosk numbers are taken.');
  }
  const number = String(value % MOST_KIOSKS).padStart(4, '0');
  await trx
    .insertInto('kiosks')
    .values({
      id: request.kiosk,
      number,
      community,
      identity_key: request.identityKey,
      enrolment: 1,
      enrolled_at: at,
      last_contact: at,
      last_kiosk_time: null,
      kiosk_time_floor: '',
    })
    .execute();
  return { id: request.kiosk, number, enrolment: 1 };
}

/** An enrolment that is sent again as it was gives nothing twice. */
async function noteNonce(
  trx: Storage,
  { kiosk, nonce, time }: { readonly kiosk: string; readonly nonce: string; readonly time: string },
  now: Date,
): Promise<void> {
  const fresh = await trx
    .insertInto('nonces')
    .values({ kiosk, nonce, seen_at: now.toISOString(), kiosk_time: time })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (fresh.numInsertedOrUpdatedRows !== 1n) throw nonceUsed();
}

/** Earlier keys stay on record: what was signed with them may still be on its way. */
async function noteIdentityKey(
  trx: Storage,
  { id, enrolment }: EnrolledRow,
  key: string,
  now: Date,
): Promise<void> {
  const at = now.toISOString();
  await trx
    .updateTable('identity_keys')
    .set({ until: at })
    .where('kiosk', '=', id)
    .where('until', 'is', null)
    .execute();
  await trx
    .insertInto('identity_keys')
    .values({ kiosk: id, enrolment, key, from: at, until: null })
    .execute();
}

/** Old keys stay: certificates they signed are still to be verified. A key belongs to one kiosk for ever. */
async function addDocumentKey(
  trx: Storage,
  { id: kiosk, enrolment }: Pick<EnrolledRow, 'id' | 'enrolment'>,
  spki: string,
  now: Date,
): Promise<void> {
  const keyId = await keyIdOf(fromBase64url(spki));
  await trx
    .insertInto('document_keys')
    .values({ key_id: keyId, kiosk, spki, added_at: now.toISOString(), enrolment })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const kept = await trx
    .selectFrom('document_keys')
    .select(['kiosk', 'spki'])
    .where('key_id', '=', keyId)
    .executeTakeFirstOrThrow();
  if (kept.kiosk !== kiosk || kept.spki !== spki) {
    throw new Refusal(409, 'rejected', 'document-key-taken', 'This documentKey belongs to another kiosk.');
  }
}

async function endorsement(
  options: FleetOptions,
  kiosk: KioskRow,
  documentKey: CryptoKey,
  block: Block | null,
): Promise<Endorsement> {
  const leaf = await options.authority.endorse(kiosk.id, documentKey);
  return {
    kiosk: kiosk.id,
    kioskNumber: kiosk.number,
    certificates: [leaf.certificate, options.authority.root],
    notBefore: leaf.notBefore.toISOString(),
    notAfter: leaf.notAfter.toISOString(),
    numbers: block && { from: block.first, to: block.last },
    verifyAddress: options.verifyAddress(),
    serverTime: options.now().toISOString(),
    sealing: options.sealing,
  };
}
