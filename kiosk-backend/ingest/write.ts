import { normaliseNumber } from '../contract/index.ts';
import { insertRows, type Storage, subjectOf } from '../storage/index.ts';
import type { ChainNotes, Verdict } from './decide.ts';
import type { ReadEvent } from './examine.ts';

/** Whose events these are, in which of its enrolments, and when they came. */
export interface Place {
  readonly kiosk: string;
  readonly enrolment: number;
  readonly serverTime: string;
}

/** What was decided about one batch. */
export interface Decided {
  readonly place: Place;
  readonly verdicts: readonly Verdict[];
}

const journalColumns = {
  kiosk: 'text',
  id: 'text',
  enrolment: 'bigint',
  sequence: 'bigint',
  kind: 'text',
  visit: 'text',
  device_time: 'text',
  server_time: 'text',
  previous: 'text',
  hash: 'text',
  body: 'text',
  subject: 'text',
} as const;
const eventColumns = { ...journalColumns, outcome: 'text', reason: 'text' } as const;
const certificateColumns = {
  number_key: 'text',
  number: 'text',
  type: 'text',
  kiosk: 'text',
  event: 'text',
  statement: 'text',
  offline: 'bigint',
  server_time: 'text',
  subject: 'text',
} as const;
const printColumns = {
  kiosk: 'text',
  event: 'text',
  enrolment: 'bigint',
  sequence: 'bigint',
  entry: 'text',
  visit: 'text',
  document: 'text',
  number: 'text',
  state: 'text',
  detail: 'text',
  server_time: 'text',
} as const;
const refusalColumns = { kiosk: 'text', event: 'text', reason: 'text', server_time: 'text' } as const;

/** An event with its place and whom it is about. */
interface Entry {
  readonly place: Place;
  readonly event: ReadEvent;
  readonly reason: string | null;
  readonly subject: string | null;
}

/** Writes what was decided about many batches, table by table. */
export async function writeDecided(
  trx: Storage,
  decided: readonly Decided[],
  subjectKey: string,
): Promise<void> {
  const entry = (place: Place, event: ReadEvent, reason: string | null): Entry => ({
    place,
    event,
    reason,
    subject: subjectOf(event.body, subjectKey),
  });
  const all = decided.flatMap(({ place, verdicts }) => verdicts.map((verdict) => ({ place, verdict })));
  const fresh = all.flatMap(({ place, verdict }) =>
    verdict.is === 'new' ? [{ ...entry(place, verdict.event, verdict.reason), before: verdict.before }] : [],
  );
  const forked = all.flatMap(({ place, verdict }) =>
    verdict.is === 'forked' ? [entry(place, verdict.event, null)] : [],
  );
  const effective = fresh.filter(({ reason }) => reason === null);
  await insertRows(trx, 'certificates', certificateColumns, effective.flatMap(certificateRow));
  await insertRows(trx, 'print_ledger', printColumns, effective.flatMap(printRow));
  await insertRows(
    trx,
    'events',
    eventColumns,
    fresh
      .filter(({ before }) => before !== 'refused')
      .map((one) => ({ ...journalRow(one), outcome: outcomeOf(one.reason), reason: one.reason })),
  );
  await changeOutcomes(
    trx,
    fresh.filter(({ before }) => before === 'refused'),
  );
  await noLongerForked(
    trx,
    fresh.filter(({ before }) => before === 'forked'),
  );
  await insertRows(trx, 'forks', journalColumns, forked.map(journalRow));
  await markForked(trx, forked);
  await insertRows(
    trx,
    'refusals',
    refusalColumns,
    all.flatMap(({ place, verdict }) =>
      verdict.is === 'no-event'
        ? [
            {
              kiosk: place.kiosk,
              event: verdict.id.replaceAll('\0', ''),
              reason: verdict.reason,
              server_time: place.serverTime,
            },
          ]
        : [],
    ),
  );
}

const outcomeOf = (reason: string | null): 'accepted' | 'rejected' =>
  reason === null ? 'accepted' : 'rejected';

/** Rarely more than one, each put back by a technician. */
async function changeOutcomes(trx: Storage, entries: readonly Entry[]): Promise<void> {
  for (const { place, event, reason } of entries) {
    await trx
      .updateTable('events')
      .set({ outcome: outcomeOf(reason), reason })
      .where('kiosk', '=', place.kiosk)
      .where('id', '=', event.id)
      .execute();
  }
}

async function noLongerForked(trx: Storage, entries: readonly Entry[]): Promise<void> {
  for (const { place, event } of entries) {
    await trx.deleteFrom('forks').where('kiosk', '=', place.kiosk).where('hash', '=', event.hash).execute();
  }
}

function journalRow({ place, event, subject }: Entry) {
  const { body } = event;
  return {
    kiosk: place.kiosk,
    id: event.id,
    enrolment: place.enrolment,
    sequence: event.sequence,
    kind: body.kind,
    visit: 'visit' in body ? body.visit : null,
    device_time: event.deviceTime,
    server_time: place.serverTime,
    previous: event.previous,
    hash: event.hash,
    // Canonical JSON of both, in the order of their names.
    body: `{"body":${event.bodyText},"monotonicMs":${JSON.stringify(event.monotonicMs)}}`,
    subject,
  };
}

function certificateRow({ place, event, subject }: Entry) {
  const { body } = event;
  if (body.kind !== 'certificate.issued') return [];
  return [
    {
      number_key: normaliseNumber(body.number),
      number: body.number,
      type: body.type,
      kiosk: place.kiosk,
      event: event.id,
      statement: body.statement,
      offline: body.offline ? 1 : 0,
      server_time: place.serverTime,
      subject,
    },
  ];
}

function printRow({ place, event }: Entry) {
  const { body } = event;
  if (body.kind !== 'print.recorded') return [];
  return [
    {
      kiosk: place.kiosk,
      event: event.id,
      enrolment: place.enrolment,
      sequence: event.sequence,
      entry: body.entry,
      visit: body.visit,
      document: body.document,
      number: body.number,
      state: body.state,
      detail: body.detail,
      server_time: place.serverTime,
    },
  ];
}

/** The first sign in an enrolment is kept; what follows is in `forks`. */
async function markForked(trx: Storage, forked: readonly Entry[]): Promise<void> {
  for (const [kiosk, entries] of Map.groupBy(forked, ({ place }) => place.kiosk)) {
    const [first] = entries;
    if (first === undefined) continue;
    const { enrolment, serverTime } = first.place;
    await trx
      .updateTable('kiosks')
      .set({
        forked_at: serverTime,
        forked_sequence: Math.min(...entries.map(({ event }) => event.sequence)),
        forked_enrolment: enrolment,
      })
      .where('id', '=', kiosk)
      .where((where) =>
        where.or([where('forked_enrolment', 'is', null), where('forked_enrolment', '<', enrolment)]),
      )
      .execute();
  }
}

const gapColumns = {
  kiosk: 'text',
  enrolment: 'bigint',
  sequence: 'bigint',
  problem: 'text',
  server_time: 'text',
} as const;

/** Notes what is wrong in a kiosk's chain, and settles what is wrong no longer. */
export async function writeNotes(trx: Storage, place: Place, notes: ChainNotes): Promise<void> {
  if (notes.size === 0) return;
  const { kiosk, enrolment, serverTime } = place;
  await trx
    .deleteFrom('chain_gaps')
    .where('kiosk', '=', kiosk)
    .where('enrolment', '=', enrolment)
    .where('sequence', 'in', [...notes.keys()])
    .execute();
  const rows = [...notes].flatMap(([sequence, problem]) =>
    problem ? [{ kiosk, enrolment, sequence, problem, server_time: serverTime }] : [],
  );
  await insertRows(trx, 'chain_gaps', gapColumns, rows);
}
