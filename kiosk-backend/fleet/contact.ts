import { sql } from 'kysely';
import { Refusal } from '../errors.ts';
import { given, isPostgres, type Storage } from '../storage/index.ts';

/** A signed request whose signature was good, not yet on record. */
export interface Contact {
  readonly kiosk: string;
  readonly nonce: string;
  /** What the kiosk's clock said. */
  readonly time: string;
  /** Requests of the same kiosk stamped before this are not taken any more. */
  readonly floor: string;
  /** When it came, by the server's clock. */
  readonly at: string;
}

/** A kiosk's row, held until the transaction ends. */
export interface HeldKiosk {
  readonly id: string;
  readonly enrolment: number;
  readonly revoked_at: string | null;
  readonly forked_at: string | null;
  readonly forked_enrolment: number | null;
}

/**
 * Holds kiosks' rows, so that what concerns one of them happens one after the other. Always in the order of their
 * names, so that two who hold several never wait for each other.
 */
export function holdKiosks(trx: Storage, kiosks: readonly string[]): Promise<HeldKiosk[]> {
  const rows = trx
    .selectFrom('kiosks')
    .select(['id', 'enrolment', 'revoked_at', 'forked_at', 'forked_enrolment'])
    .where('id', 'in', [...new Set(kiosks)])
    .orderBy('id');
  // SQLite has one writer at a time, and it holds everything.
  return (isPostgres(trx) ? rows.forUpdate() : rows).execute();
}

const nonceColumns = { kiosk: 'text', nonce: 'text', seen_at: 'text', kiosk_time: 'text' } as const;
const contactColumns = { kiosk: 'text', at: 'text', time: 'text', floor: 'text' } as const;

/**
 * Puts contacts on record, in a transaction that holds their kiosks' rows (see {@link holdKiosks}). Of each it tells
 * whether its nonce is new; a contact whose nonce is not leaves no trace, and its request must have no effect.
 */
export async function recordContacts(trx: Storage, contacts: readonly Contact[]): Promise<boolean[]> {
  if (contacts.length === 0) return [];
  const rows = contacts.map(({ kiosk, nonce, time, at }) => ({
    kiosk,
    nonce,
    seen_at: at,
    kiosk_time: time,
  }));
  const { rows: added } = await sql<{ kiosk: string; nonce: string }>`
    insert into nonces (kiosk, nonce, seen_at, kiosk_time)
    select kiosk, nonce, seen_at, kiosk_time from ${given(trx, nonceColumns, rows)} where true
    on conflict do nothing returning kiosk, nonce`.execute(trx);
  const unused = new Set(added.map(({ kiosk, nonce }) => `${kiosk} ${nonce}`));
  // Within one group the first has it.
  const fresh = contacts.map(({ kiosk, nonce }) => unused.delete(`${kiosk} ${nonce}`));
  const latest = new Map(contacts.filter((_, index) => fresh[index]).map((each) => [each.kiosk, each]));
  if (latest.size > 0) {
    await sql`update kiosks set last_contact = given.at, last_kiosk_time = given.time,
      kiosk_time_floor = case when given.time < kiosks.kiosk_time_floor or given.floor > kiosks.kiosk_time_floor
        then given.floor else kiosks.kiosk_time_floor end
      from ${given(trx, contactColumns, [...latest.values()])} where kiosks.id = given.kiosk`.execute(trx);
  }
  return fresh;
}

/**
 * Puts one contact on record by itself. Throws {@link Refusal} when its nonce was used, or when the kiosk was revoked
 * since its signature was checked.
 */
export async function recordContact(db: Storage, contact: Contact): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const [held] = await holdKiosks(trx, [contact.kiosk]);
    if (held?.revoked_at !== null) throw kioskRevoked();
    const [fresh] = await recordContacts(trx, [contact]);
    if (!fresh) throw nonceUsed();
  });
}

/** Said to whoever holds a key that is not trusted any more, and to nobody else. */
export const kioskRevoked = (): Refusal =>
  new Refusal(
    401,
    'unauthorised',
    'kiosk-revoked',
    'This kiosk is not trusted any more; it needs new keys and a new code.',
  );

export const nonceUsed = (): Refusal =>
  new Refusal(409, 'retryable', 'nonce-used', 'This request was received before; sign it anew.');
