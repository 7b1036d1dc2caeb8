import type { Authority } from '../authority/index.ts';
import { readDocumentKey } from '../authority/index.ts';
import { type Endorsement, type EnrolRequest, fromBase64url, keyIdOf } from '../contract/index.ts';
import { Refusal } from '../errors.ts';
import type { Storage } from '../storage/index.ts';
import { useEnrolmentCode } from './codes.ts';
import { type Block, giveBlock } from './numbers.ts';

export interface FleetOptions {
  readonly db: Storage;
  readonly authority: Authority;
  readonly now: () => Date;
  /** Where anyone can verify a certificate. */
  readonly verifyAddress: () => string;
  /** In demo mode the community in which every kiosk stands, and the code `demo` is good; null otherwise. */
  readonly demoCommunity: string | null;
}

const DEMO_CODE = 'demo';
const MOST_KIOSKS = 9999; // four digits in every certificate number

interface KioskRow {
  readonly id: string;
  readonly number: string;
}

/**
 * Takes in a new kiosk, or one that comes back: with new keys, or because the answer was lost. Each enrolment gets a
 * block of its own, a repeated one too: whether the numbers of an answer that seems lost were used is not known here.
 * Throws {@link Refusal}.
 */
export async function enrol(options: FleetOptions, request: EnrolRequest): Promise<Endorsement> {
  const document = await requireDocumentKey(request.documentKey);
  const now = options.now();
  const { kiosk, block } = await options.db.transaction().execute(async (trx) => {
    const community = await communityFor(options, trx, request, now);
    if (community === null) {
      throw new Refusal(401, 'unauthorised', 'bad-code', 'This code is not good for this kiosk.');
    }
    const row = await upsertKiosk(trx, request, community, now);
    await addDocumentKey(trx, row.id, document.spki, now);
    return { kiosk: row, block: await giveBlock(trx, row, now) };
  });
  return endorsement(options, kiosk, document.key, block);
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
    await trx
      .updateTable('kiosks')
      .set({ last_contact: now.toISOString() })
      .where('id', '=', kiosk.id)
      .execute();
    await addDocumentKey(trx, kiosk.id, document.spki, now);
    return request.needsNumbers ? giveBlock(trx, kiosk, now) : null;
  });
  return endorsement(options, kiosk, document.key, block);
}

async function requireDocumentKey(spki: string) {
  const document = await readDocumentKey(spki);
  if (document) return document;
  throw new Refusal(400, 'rejected', 'bad-document-key', 'documentKey is not a P-256 public key.');
}

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
  request: EnrolRequest,
  community: string,
  now: Date,
): Promise<KioskRow> {
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
    }))
    .where('id', '=', request.kiosk)
    .returning(['id', 'number'])
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
  const number = String(value).padStart(4, '0');
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
  return { id: request.kiosk, number };
}

/** Old keys stay: certificates they signed are still to be verified. A key belongs to one kiosk for ever. */
async function addDocumentKey(trx: Storage, kiosk: string, spki: string, now: Date): Promise<void> {
  const keyId = await keyIdOf(fromBase64url(spki));
  await trx
    .insertInto('document_keys')
    .values({ key_id: keyId, kiosk, spki, added_at: now.toISOString() })
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
  };
}
