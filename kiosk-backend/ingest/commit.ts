import { type EventsResponse, FORKED, isShareEvent, type ShareEventBody } from '../contract/index.ts';
import type { Refusal } from '../errors.ts';
import {
  type Contact,
  type HeldKiosk,
  holdKiosks,
  kioskRevoked,
  nonceUsed,
  recordContacts,
} from '../fleet/index.ts';
import { applyShareEvent, holdCommunitiesOf } from '../shares/index.ts';
import { type Storage, subjectKey } from '../storage/index.ts';
import { decide, type Verdict } from './decide.ts';
import type { Finding } from './examine.ts';
import { type Depth, readKnown } from './known.ts';
import { type Decided, writeDecided, writeNotes } from './write.ts';

export type Result = EventsResponse['results'][number];

/** What one request brought, examined. */
export interface Batch {
  readonly kiosk: string;
  /** The request that brought it, to be put on record with it; null when it came another way. */
  readonly contact: Contact | null;
  readonly findings: readonly Finding[];
  /** When it came, ISO. */
  readonly at: string;
}

/** One answer per entry, in order; or why the request as a whole has no effect. */
export type Outcome = { readonly results: Result[] } | { readonly refusal: Refusal };

/**
 * Takes in batches of any kiosks in one transaction: effects, events and the requests they came in. Kiosks' rows are
 * held, so that what several processes take in of one kiosk follows one another. Fails as a whole or not at all; with
 * the depth `likely` also where more has to be read, as a unique violation.
 */
export async function commitBatches(
  db: Storage,
  batches: readonly Batch[],
  depth: Depth,
): Promise<Outcome[]> {
  const key = await subjectKeyOf(db);
  return db.transaction().execute(async (trx) => {
    const held = new Map(
      (
        await holdKiosks(
          trx,
          batches.map(({ kiosk }) => kiosk),
        )
      ).map((row) => [row.id, row]),
    );
    const refusals = await admit(trx, batches, held);
    const admitted = batches.filter((batch) => !refusals.has(batch));
    const decided = await decideAll(trx, admitted, held, depth);
    await holdCommunitiesOf(trx, shareEvents([...decided.values()]));
    for (const { place, verdicts } of decided.values()) {
      for (const verdict of verdicts) {
        if (verdict.is !== 'new' || verdict.reason !== null || !isShareEvent(verdict.event.body)) continue;
        const { kiosk, serverTime } = place;
        verdict.reason = await applyShareEvent(
          trx,
          { kiosk, event: verdict.event.id, serverTime },
          verdict.event.body,
        );
      }
    }
    await writeDecided(trx, [...decided.values()], key);
    return batches.map((batch) => {
      const refusal = refusals.get(batch);
      return refusal ? { refusal } : { results: (decided.get(batch)?.verdicts ?? []).map(answerTo) };
    });
  });
}

/** Those that are taken in now. */
const shareEvents = (decided: readonly Decided[]): ShareEventBody[] =>
  decided.flatMap(({ verdicts }) =>
    verdicts.flatMap((verdict) =>
      verdict.is === 'new' && verdict.reason === null && isShareEvent(verdict.event.body)
        ? [verdict.event.body]
        : [],
    ),
  );

/** Puts the requests on record; tells which may have no effect. */
async function admit(
  trx: Storage,
  batches: readonly Batch[],
  held: ReadonlyMap<string, HeldKiosk>,
): Promise<ReadonlyMap<Batch, Refusal>> {
  const refusals = new Map<Batch, Refusal>();
  const contacts = batches.flatMap((batch) => {
    if (batch.contact === null) return [];
    // It was trusted when its signature was checked; since then its row could change.
    if (held.get(batch.kiosk)?.revoked_at === null) return [{ batch, contact: batch.contact }];
    refusals.set(batch, kioskRevoked());
    return [];
  });
  const fresh = await recordContacts(
    trx,
    contacts.map(({ contact }) => contact),
  );
  for (const [index, { batch }] of contacts.entries()) if (!fresh[index]) refusals.set(batch, nonceUsed());
  return refusals;
}

async function decideAll(
  trx: Storage,
  batches: readonly Batch[],
  held: ReadonlyMap<string, HeldKiosk>,
  depth: Depth,
): Promise<ReadonlyMap<Batch, Decided>> {
  const byKiosk = [...Map.groupBy(batches, ({ kiosk }) => kiosk)].map(([kiosk, own]) => {
    const row = held.get(kiosk);
    if (row === undefined) throw new Error('Events of a kiosk that is not known');
    return { kiosk, own, row };
  });
  const known = await readKnown(
    trx,
    byKiosk.map(({ kiosk, own, row }) => ({
      kiosk,
      enrolment: row.enrolment,
      everForked: row.forked_at !== null,
      events: own.flatMap(({ findings }) =>
        findings.flatMap((finding) => (finding.is === 'event' ? [finding.event] : [])),
      ),
    })),
    depth,
  );
  const decided = new Map<Batch, Decided>();
  for (const { kiosk, own, row } of byKiosk) {
    const before = known.get(kiosk);
    if (before === undefined) continue;
    const { verdicts, notes } = decide(
      before,
      own.map(({ findings }) => findings),
    );
    for (const [index, batch] of own.entries()) {
      const place = { kiosk, enrolment: row.enrolment, serverTime: batch.at };
      decided.set(batch, { place, verdicts: verdicts[index] ?? [] });
    }
    const [first] = own;
    if (first) await writeNotes(trx, { kiosk, enrolment: row.enrolment, serverTime: first.at }, notes);
  }
  return decided;
}

function answerTo(verdict: Verdict): Result {
  const rejected = (id: string, reason: string): Result => ({ id, outcome: 'rejected', reason });
  switch (verdict.is) {
    case 'new': {
      const { event, reason } = verdict;
      return reason === null ? { id: event.id, outcome: 'accepted' } : rejected(event.id, reason);
    }
    case 'replay':
      return verdict.reason === null
        ? { id: verdict.id, outcome: 'duplicate' }
        : rejected(verdict.id, verdict.reason);
    case 'again': {
      const { event, reason } = verdict.of;
      return reason === null ? { id: event.id, outcome: 'duplicate' } : rejected(event.id, reason);
    }
    case 'forked':
      return rejected(verdict.event.id, FORKED);
    case 'no-event':
      return rejected(verdict.id, verdict.reason);
    default:
      return verdict satisfies never;
  }
}

const subjectKeys = new WeakMap<Storage, string>();

/** It never changes while a database is open. */
async function subjectKeyOf(db: Storage): Promise<string> {
  const known = subjectKeys.get(db);
  if (known !== undefined) return known;
  const key = await subjectKey(db);
  subjectKeys.set(db, key);
  return key;
}
