import { canonicalJson, type EventsResponse, type KioskEvent, normaliseNumber } from '../contract/index.ts';
import { blocksOf, type Caller } from '../fleet/index.ts';
import type { Storage } from '../storage/index.ts';
import { noteChain } from './chain.ts';
import { examine, type Finding, type Sender } from './examine.ts';

type Result = EventsResponse['results'][number];

/** The place of a batch: whose it is, in which of its enrolments, and when it came. */
interface Batch {
  readonly kiosk: string;
  readonly enrolment: number;
  readonly serverTime: string;
}

/**
 * Takes in what a kiosk sent, exactly once: effects and the answer to a replay are written in one transaction, and the
 * kiosk's requests follow one another. One answer per entry, in order; a bad one never stops the others.
 */
export async function takeEvents(
  db: Storage,
  caller: Caller,
  sent: readonly unknown[],
  now: Date,
): Promise<Result[]> {
  const sender = await senderOf(db, caller);
  const findings = await Promise.all(sent.map((one) => examine(one, sender)));
  return db.transaction().execute(async (trx) => {
    // Holds the kiosk's row, so that two requests with the same events cannot interleave.
    const { enrolment } = await trx
      .updateTable('kiosks')
      .set({ last_contact: now.toISOString() })
      .where('id', '=', caller.id)
      .returning('enrolment')
      .executeTakeFirstOrThrow();
    const batch = { kiosk: caller.id, enrolment, serverTime: now.toISOString() };
    const results: Result[] = [];
    for (const finding of findings) results.push(await takeOne(trx, batch, finding));
    return results;
  });
}

async function senderOf(db: Storage, caller: Caller): Promise<Sender> {
  const keys = await db
    .selectFrom('document_keys')
    .select(['key_id', 'spki'])
    .where('kiosk', '=', caller.id)
    .execute();
  return {
    id: caller.id,
    number: caller.number,
    blocks: await blocksOf(db, caller.id),
    keys: new Map(keys.map(({ key_id, spki }) => [key_id, spki])),
  };
}

async function takeOne(trx: Storage, batch: Batch, finding: Finding): Promise<Result> {
  if (finding.is === 'no-event') return refuse(trx, batch, finding.id, finding.reason);
  const { event } = finding;
  const earlier = await trx
    .selectFrom('events')
    .select(['hash', 'outcome', 'reason'])
    .where('kiosk', '=', batch.kiosk)
    .where('id', '=', event.id)
    .executeTakeFirst();
  if (earlier) {
    if (earlier.hash !== event.hash) return refuse(trx, batch, event.id, 'id-conflict');
    return earlier.outcome === 'accepted'
      ? { id: event.id, outcome: 'duplicate' }
      : { id: event.id, outcome: 'rejected', reason: earlier.reason ?? 'rejected' };
  }
  const other = await trx
    .selectFrom('events')
    .select('id')
    .where('kiosk', '=', batch.kiosk)
    .where('enrolment', '=', batch.enrolment)
    .where('sequence', '=', event.sequence)
    .executeTakeFirst();
  if (other) return refuse(trx, batch, event.id, 'sequence-conflict');

  const reason = finding.reason ?? (await applyEffect(trx, batch, event));
  await trx
    .insertInto('events')
    .values({
      kiosk: batch.kiosk,
      id: event.id,
      enrolment: batch.enrolment,
      sequence: event.sequence,
      kind: event.body.kind,
      visit: 'visit' in event.body ? event.body.visit : null,
      device_time: event.deviceTime,
      server_time: batch.serverTime,
      previous: event.previous,
      hash: event.hash,
      body: canonicalJson({ monotonicMs: event.monotonicMs, body: event.body }),
      outcome: reason === null ? 'accepted' : 'rejected',
      reason,
    })
    .execute();
  await noteChain(trx, batch, event);
  return reason === null
    ? { id: event.id, outcome: 'accepted' }
    : { id: event.id, outcome: 'rejected', reason };
}

async function refuse(trx: Storage, batch: Batch, event: string, reason: string): Promise<Result> {
  await trx
    .insertInto('refusals')
    .values({ kiosk: batch.kiosk, event: event.replaceAll('\0', ''), reason, server_time: batch.serverTime })
    .execute();
  return { id: event, outcome: 'rejected', reason };
}

/** What an event changes besides being known; the reason when it may not. */
async function applyEffect(trx: Storage, batch: Batch, event: KioskEvent): Promise<string | null> {
  const { body } = event;
  switch (body.kind) {
    case 'certificate.issued': {
      const inserted = await trx
        .insertInto('certificates')
        .values({
          number_key: normaliseNumber(body.number),
          number: body.number,
          type: body.type,
          kiosk: batch.kiosk,
          event: event.id,
          statement: body.statement,
          offline: body.offline ? 1 : 0,
          server_time: batch.serverTime,
        })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      return inserted.numInsertedOrUpdatedRows === 1n ? null : 'number-taken';
    }
    case 'print.recorded':
      await trx
        .insertInto('print_ledger')
        .values({
          kiosk: batch.kiosk,
          event: event.id,
          enrolment: batch.enrolment,
          sequence: event.sequence,
          entry: body.entry,
          visit: body.visit,
          document: body.document,
          number: body.number,
          state: body.state,
          detail: body.detail,
          server_time: batch.serverTime,
        })
        .execute();
      return null;
    case 'visit.finished':
    case 'visit.rated':
    case 'help.requested':
    case 'device.changed':
      return null; // counted from the events themselves
  }
}
