import { sql } from 'kysely';
import { normaliseNumber } from '../contract/index.ts';
import { given, type Storage } from '../storage/index.ts';
import type { Known } from './decide.ts';
import type { ReadEvent } from './examine.ts';

/** A kiosk in whose name events have come, while its row is held. */
export interface Asked {
  readonly kiosk: string;
  readonly enrolment: number;
  /** True when it was ever forked: only then is there anything to look for. */
  readonly everForked: boolean;
  readonly events: readonly ReadEvent[];
}

type Growing = {
  -readonly [Name in keyof Known]: Known[Name] extends ReadonlyMap<infer K, infer V>
    ? Map<K, V>
    : Known[Name] extends ReadonlySet<infer V>
      ? Set<V>
      : Known[Name];
};

const idColumns = { kiosk: 'text', id: 'text' } as const;
const rangeColumns = { kiosk: 'text', enrolment: 'bigint', low: 'bigint', high: 'bigint' } as const;
const placeColumns = { kiosk: 'text', enrolment: 'bigint', sequence: 'bigint' } as const;
const hashColumns = { kiosk: 'text', hash: 'text' } as const;
const numberColumns = { number_key: 'text' } as const;

/**
 * `likely` leaves out what is rarely there: ids and certificate numbers of events whose places are free, as those of new
 * events are. Where one is taken all the same, a unique index refuses it, and `all` has to be read.
 */
export type Depth = 'likely' | 'all';

/** Reads what is known about many kiosks' events at once, by kiosk: a few queries, however many there are. */
export async function readKnown(
  trx: Storage,
  asked: readonly Asked[],
  depth: Depth,
): Promise<ReadonlyMap<string, Known>> {
  const known = new Map<string, Growing>(
    asked.map(({ kiosk, enrolment }) => [
      kiosk,
      {
        enrolment,
        ids: new Map(),
        places: new Map(),
        earlier: new Set(),
        forks: new Map(),
        numbers: new Set(),
      },
    ]),
  );
  await readPlaces(trx, asked, known);
  const sentBefore = asked.filter(
    ({ kiosk, everForked, events }) =>
      // What is set aside as forked is refused by no index.
      depth === 'all' || everForked || events.some(({ sequence }) => known.get(kiosk)?.places.has(sequence)),
  );
  await readIds(trx, sentBefore, known);
  await readEarlier(trx, asked, known);
  await readForks(trx, asked, known);
  await readNumbers(trx, sentBefore, known);
  return known;
}

type KnownByKiosk = ReadonlyMap<string, Growing>;

async function readIds(trx: Storage, asked: readonly Asked[], known: KnownByKiosk): Promise<void> {
  const keys = asked.flatMap(({ kiosk, events }) => events.map(({ id }) => ({ kiosk, id })));
  if (keys.length === 0) return;
  const { rows } = await sql<{
    kiosk: string;
    id: string;
    hash: string;
    outcome: string;
    reason: string | null;
  }>`
    select events.kiosk, events.id, hash, outcome, reason
    from ${given(trx, idColumns, keys)} cross join events
    where events.kiosk = given.kiosk and events.id = given.id`.execute(trx);
  for (const { kiosk, id, hash, outcome, reason } of rows) {
    known.get(kiosk)?.ids.set(id, { hash, reason: outcome === 'accepted' ? null : (reason ?? 'rejected') });
    known.get(kiosk)?.earlier.add(hash);
  }
}

async function readPlaces(trx: Storage, asked: readonly Asked[], known: KnownByKiosk): Promise<void> {
  const ranges = asked.flatMap(({ kiosk, enrolment, events }) =>
    rangesOf(events.map(({ sequence }) => sequence)).map((range) => ({ kiosk, enrolment, ...range })),
  );
  if (ranges.length === 0) return;
  const { rows } = await sql<{ kiosk: string; sequence: number; hash: string; previous: string }>`
    select events.kiosk, events.sequence, hash, previous
    from ${given(trx, rangeColumns, ranges)} cross join events
    where events.kiosk = given.kiosk and events.enrolment = given.enrolment
      and events.sequence between given.low and given.high`.execute(trx);
  for (const { kiosk, sequence, hash, previous } of rows) {
    known.get(kiosk)?.places.set(sequence, { hash, previous });
  }
}

/** The places and those beside them as few ranges; none holds more than three times what was asked. */
export function rangesOf(sequences: readonly number[]): { readonly low: number; readonly high: number }[] {
  const ranges: { low: number; high: number }[] = [];
  for (const sequence of sequences.toSorted((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last && sequence - 1 <= last.high + 1) last.high = sequence + 1;
    else ranges.push({ low: sequence - 1, high: sequence + 1 });
  }
  return ranges;
}

/** Only predecessors that the present enrolment does not have are looked for in earlier ones: rarely more than one. */
async function readEarlier(trx: Storage, asked: readonly Asked[], known: KnownByKiosk): Promise<void> {
  const places = asked.flatMap(({ kiosk, enrolment, events }) => {
    if (enrolment === 1) return [];
    const hashes = new Set(events.map(({ hash }) => hash));
    const unmet = events.filter(
      ({ sequence, previous }) =>
        sequence > 1 &&
        !hashes.has(previous) &&
        known.get(kiosk)?.places.get(sequence - 1)?.hash !== previous,
    );
    return unmet.flatMap(({ sequence }) =>
      Array.from({ length: enrolment - 1 }, (_, index) => ({
        kiosk,
        enrolment: index + 1,
        sequence: sequence - 1,
      })),
    );
  });
  if (places.length === 0) return;
  const { rows } = await sql<{ kiosk: string; hash: string }>`
    select events.kiosk, hash from ${given(trx, placeColumns, places)} cross join events
    where events.kiosk = given.kiosk and events.enrolment = given.enrolment
      and events.sequence = given.sequence`.execute(trx);
  for (const { kiosk, hash } of rows) known.get(kiosk)?.earlier.add(hash);
}

async function readForks(trx: Storage, asked: readonly Asked[], known: KnownByKiosk): Promise<void> {
  const keys = asked
    .filter(({ everForked }) => everForked)
    .flatMap(({ kiosk, events }) => {
      const hashes = new Set(events.flatMap(({ hash, previous }) => [hash, previous]));
      return [...hashes].map((hash) => ({ kiosk, hash }));
    });
  if (keys.length === 0) return;
  const { rows } = await sql<{ kiosk: string; hash: string; enrolment: number }>`
    select forks.kiosk, forks.hash, enrolment from ${given(trx, hashColumns, keys)} cross join forks
    where forks.kiosk = given.kiosk and forks.hash = given.hash`.execute(trx);
  for (const { kiosk, hash, enrolment } of rows) known.get(kiosk)?.forks.set(hash, enrolment);
}

async function readNumbers(trx: Storage, asked: readonly Asked[], known: KnownByKiosk): Promise<void> {
  const keys = asked.flatMap(({ events }) =>
    events.flatMap(({ body }) =>
      body.kind === 'certificate.issued' ? [{ number_key: normaliseNumber(body.number) }] : [],
    ),
  );
  if (keys.length === 0) return;
  const { rows } = await sql<{ number_key: string }>`
    select certificates.number_key from ${given(trx, numberColumns, keys)} cross join certificates
    where certificates.number_key = given.number_key`.execute(trx);
  for (const { number_key } of rows) for (const { numbers } of known.values()) numbers.add(number_key);
}
