import { canonicalJson, normaliseNumber } from '../contract/index.ts';
import type { Storage } from '../storage/index.ts';

/** What of an event's body tells nothing of a person; everything else is taken out, kinds unknown here included. */
const KEPT = ['kind', 'visit', 'number', 'type', 'issuedAt', 'validUntil', 'offline', 'service', 'document'];

/** An event's stored body without personal data. Its hash stays as it was, so that the chain is still told. */
export function redactedBody(stored: string): string {
  const { monotonicMs, body } = parsed(stored);
  const kept = Object.fromEntries(Object.entries(body).filter(([name]) => KEPT.includes(name)));
  return canonicalJson({ monotonicMs, body: kept });
}

/** Where events are kept: those that count, and those of a second journal under one identity. */
export const EVENT_TABLES = ['events', 'forks'] as const;

export interface StoredEvent {
  readonly kiosk: string;
  readonly id: string;
  readonly hash: string;
  readonly kind: string;
  readonly body: string;
}

/** How many rows no longer say whom they are about. */
export interface Redacted {
  readonly events: number;
  readonly certificates: number;
}

/** Takes personal data out of these events, and whose they are out of their certificates; twice does no harm. */
export async function redactEvents(
  trx: Storage,
  table: (typeof EVENT_TABLES)[number],
  events: readonly StoredEvent[],
  now: Date,
): Promise<Redacted> {
  let changed = 0n;
  let certificates = 0n;
  for (const event of events) {
    const change = { body: redactedBody(event.body), subject: null, redacted_at: now.toISOString() };
    const { numUpdatedRows } = await trx
      .updateTable(table)
      .set(change)
      .where('kiosk', '=', event.kiosk)
      .where(table === 'events' ? 'id' : 'hash', '=', table === 'events' ? event.id : event.hash)
      .where('subject', 'is not', null)
      .executeTakeFirstOrThrow();
    changed += numUpdatedRows;
    if (table === 'events' && event.kind === 'certificate.issued') {
      certificates += await unnameCertificate(trx, event);
    }
  }
  return { events: Number(changed), certificates: Number(certificates) };
}

async function unnameCertificate(trx: Storage, { kiosk, id, body }: StoredEvent): Promise<bigint> {
  const { number } = parsed(body).body;
  if (typeof number !== 'string') return 0n;
  const { numUpdatedRows } = await trx
    .updateTable('certificates')
    .set({ subject: null })
    .where('number_key', '=', normaliseNumber(number))
    .where('kiosk', '=', kiosk)
    .where('event', '=', id) // an event that was refused may name another one's number
    .where('subject', 'is not', null)
    .executeTakeFirstOrThrow();
  return numUpdatedRows;
}

const parsed = (stored: string) =>
  JSON.parse(stored) as { readonly monotonicMs: number; readonly body: Readonly<Record<string, unknown>> };
