import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type EventBody, eventsResponseSchema, type KioskEvent, kioskPaths } from '../contract/index.ts';
import { isPostgres, type Storage } from '../storage/index.ts';
import { type Answer, type Bench, help, TestKiosk } from '../testing/index.ts';
import { forkSchema } from './forks.ts';

const outcomes = ({ json }: Answer) =>
  eventsResponseSchema.parse(json).results.map(({ outcome, reason }) => reason ?? outcome);

const printed = (entry: string, state: 'confirmed' | 'unknown' | 'failed'): EventBody => ({
  kind: 'print.recorded',
  visit: randomUUID(),
  entry,
  document: 'receipt',
  number: null,
  state,
  detail: '',
});

/** Makes the database fail whenever an event of this kiosk is written. */
async function refuseEventsOf(db: Storage, kiosk: string): Promise<void> {
  if (!isPostgres(db)) {
    await sql`create trigger poison before insert on events when new.kiosk = ${sql.lit(kiosk)}
      begin select raise(abort, 'poison'); end`.execute(db);
    return;
  }
  await sql`create function poison() returns trigger language plpgsql as
    $$ begin raise exception 'poison'; end $$`.execute(db);
  await sql`create trigger poison before insert on events for each row
    when (new.kiosk = ${sql.lit(kiosk)}) execute function poison()`.execute(db);
}

const acceptAllEvents = (db: Storage) =>
  (isPostgres(db) ? sql`drop trigger poison on events` : sql`drop trigger poison`).execute(db);

/** Events: taken exactly once, each judged by itself. */
export function ingestSuite(bench: Bench): void {
  const stored = (kiosk: TestKiosk) =>
    bench.db
      .selectFrom('events')
      .select(['sequence', 'kind', 'outcome', 'server_time'])
      .where('kiosk', '=', kiosk.id)
      .orderBy('sequence')
      .execute();
  const gaps = (kiosk: TestKiosk) =>
    bench.db
      .selectFrom('chain_gaps')
      .select(['sequence', 'problem'])
      .where('kiosk', '=', kiosk.id)
      .orderBy('sequence')
      .execute();

  describe('exactly once', () => {
    test('each event is taken, and a replay is answered as one', async () => {
      const kiosk = await TestKiosk.enrolled(bench.url, 'once-1');
      const events = [
        kiosk.event({
          kind: 'visit.finished',
          visit: randomUUID(),
          service: 'residence-certificate',
          outcome: 'completed',
          language: 'zh-CN',
          elder: true,
          seconds: 61.5,
          consent: true,
          verification: { by: 'none' },
        }),
        kiosk.event({ kind: 'visit.rated', visit: randomUUID(), rating: null }),
        kiosk.event(help),
        kiosk.event({ kind: 'device.changed', device: 'receiptPrinter', state: 'paper-out', detail: '' }),
        kiosk.event(printed(randomUUID(), 'confirmed')),
      ];
      expect(outcomes(await kiosk.sendEvents(events))).toEqual(Array(5).fill('accepted'));
      expect(outcomes(await kiosk.sendEvents(events))).toEqual(Array(5).fill('duplicate'));
      const rows = await stored(kiosk);
      expect(rows.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5]);
      expect(rows.every((row) => row.server_time === '2026-11-22T09:00:00.000Z')).toBe(true);
      expect(await gaps(kiosk)).toEqual([]);
    });

    test('also within one batch', async () => {
      const kiosk = await TestKiosk.enrolled(bench.url, 'once-2');
      const event = kiosk.event(printed(randomUUID(), 'failed'));
      expect(outcomes(await kiosk.sendEvents([event, event, event]))).toEqual([
        'accepted',
        'duplicate',
        'duplicate',
      ]);
      const ledger = await bench.db
        .selectFrom('print_ledger')
        .select('state')
        .where('kiosk', '=', kiosk.id)
        .execute();
      expect(ledger).toEqual([{ state: 'failed' }]);
    });

    test('also when the same batch arrives eight times at once, in either order', async () => {
      const kiosk = await TestKiosk.enrolled(bench.url, 'once-3');
      const events = Array.from({ length: 20 }, () => kiosk.event(help));
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, i) => kiosk.sendEvents(i % 2 ? events : events.toReversed())),
      );
      const all = answers.flatMap(outcomes);
      expect(all.filter((outcome) => outcome === 'accepted')).toHaveLength(20);
      expect(all.filter((outcome) => outcome === 'duplicate')).toHaveLength(140);
      expect(await stored(kiosk)).toHaveLength(20);
      expect(await gaps(kiosk)).toEqual([]);
    });
  });

  describe('many at once', () => {
    test('whatever is sent twice, in pieces, out of order and all together is taken once', async () => {
      let runs = 0;
      const pieces = fc.array(
        fc.record({
          kiosk: fc.nat(2),
          from: fc.nat(7),
          length: fc.integer({ min: 1, max: 8 }),
          order: fc.boolean(),
        }),
        { minLength: 1, maxLength: 12 },
      );
      await fc.assert(
        fc.asyncProperty(pieces, async (plan) => {
          runs += 1;
          const kiosks = await Promise.all(
            [1, 2, 3].map((index) => TestKiosk.enrolled(bench.url, `any-${runs}-${index}`)),
          );
          const events = kiosks.map((kiosk) => Array.from({ length: 8 }, () => kiosk.event(help)));
          const answered = new Map<string, string[]>();
          const send = async (index: number, some: readonly KioskEvent[]) => {
            const answer = await kiosks[index]?.sendEvents(some);
            for (const { id, outcome } of eventsResponseSchema.parse(answer?.json).results) {
              answered.set(id, [...(answered.get(id) ?? []), outcome]);
            }
          };
          await Promise.all(
            plan.map(({ kiosk, from, length, order }) => {
              const piece = events[kiosk]?.slice(from, from + length) ?? [];
              return send(kiosk, order ? piece : piece.toReversed());
            }),
          );
          await Promise.all(events.map((all, index) => send(index, all)));
          for (const { id } of events.flat()) {
            const [first, ...others] = answered.get(id)?.toSorted() ?? [];
            expect(first).toBe('accepted');
            expect(others.every((outcome) => outcome === 'duplicate')).toBe(true);
          }
          for (const kiosk of kiosks) {
            expect((await stored(kiosk)).map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
            expect(await gaps(kiosk)).toEqual([]);
          }
        }),
        { numRuns: 6 },
      );
    }, 90_000);

    test('one whose events the database will not take stops none of those it shares a commit with', async () => {
      await refuseEventsOf(bench.db, 'group-3');
      const kiosks = await Promise.all(
        Array.from({ length: 6 }, (_, index) => TestKiosk.enrolled(bench.url, `group-${index}`)),
      );
      const answers = await Promise.all(kiosks.map((kiosk) => kiosk.sendEvents([kiosk.event(help)])));
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 500, 200, 200]);
      for (const [index, kiosk] of kiosks.entries()) {
        expect(await stored(kiosk)).toHaveLength(index === 3 ? 0 : 1);
      }
      await acceptAllEvents(bench.db);
      const refused = kiosks[3];
      expect(
        outcomes(
          (await refused?.sendEvents([refused.event(help, { sequence: 1, previous: '' })])) ?? {
            status: 0,
            json: null,
          },
        ),
      ).toEqual(['accepted']);
    });

    test('a request that comes again has no effect', async () => {
      const kiosk = await TestKiosk.enrolled(bench.url, 'again-1');
      const [events, nonce] = [{ events: [kiosk.event(help)] }, 'CCCCCCCCCCCCCCCCCCCCCC'];
      const answers = await Promise.all(
        Array.from({ length: 4 }, () => kiosk.send(kioskPaths.events, events, { nonce })),
      );
      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409, 409, 409]);
      expect(await stored(kiosk)).toHaveLength(1);
    });
  });

  describe('what is not right is rejected, and stops nothing else', () => {
    test('tampered, of another kiosk, malformed, from the future of the format', async () => {
      const kiosk = await TestKiosk.enrolled(bench.url, 'reject-1');
      const good = kiosk.event(help);
      const tampered = { ...kiosk.event(help), monotonicMs: 1 };
      const foreign = kiosk.event(help, { kiosk: 'once-1' });
      const nul = kiosk.event({ kind: 'device.changed', device: 'x', state: 'a\0b', detail: '' });
      const after = kiosk.event({ kind: 'visit.rated', visit: randomUUID(), rating: 5 });
      const strange = { id: 'x', body: { kind: 'never.heard.of' } };
      const answer = await kiosk.sendEvents([good, tampered, foreign, null, strange, nul, after]);
      expect(outcomes(answer)).toEqual([
        'accepted',
        'hash-mismatch',
        'wrong-kiosk',
        'invalid: event',
        expect.stringMatching(/^invalid: id, kiosk, /),
        'invalid: NUL in a text',
        'accepted',
      ]);
      expect(answer.json.results.map(({ id }: { id: string }) => id).slice(3, 5)).toEqual(['', 'x']);
    });

    test('a sequence that another event has, an id that another event has', async () => {
      const kiosk = await TestKiosk.enrolled(bench.url, 'reject-2');
      const first = kiosk.event(help);
      await kiosk.sendEvents([first]);
      const sameSequence = kiosk.event(help, { sequence: 1, previous: '' });
      const sameId = kiosk.event(help, { id: first.id, sequence: 2 });
      expect(outcomes(await kiosk.sendEvents([sameSequence, sameId, first]))).toEqual([
        'forked',
        'forked',
        'duplicate',
      ]);
    });

    test('what the server refused is kept as a fact, without what was sent', async () => {
      const kiosk = await TestKiosk.enrolled(bench.url, 'reject-3');
      await kiosk.sendEvents([{ ...kiosk.event(help), hash: '0'.repeat(64) }]);
      const kept = await bench.db
        .selectFrom('refusals')
        .select(['reason'])
        .where('kiosk', '=', kiosk.id)
        .execute();
      expect(kept).toEqual([{ reason: 'hash-mismatch' }]);
    });
  });

  describe('the chain', () => {
    test('a gap is taken but noted, and settled when the missing one comes', async () => {
      const kiosk = await TestKiosk.enrolled(bench.url, 'chain-1');
      const [one, two, three] = [kiosk.event(help), kiosk.event(help), kiosk.event(help)];
      expect(outcomes(await kiosk.sendEvents([one, three]))).toEqual(['accepted', 'accepted']);
      expect(await gaps(kiosk)).toEqual([{ sequence: 3, problem: 'missing' }]);
      await kiosk.sendEvents([two]);
      expect(await gaps(kiosk)).toEqual([]);
    });

    test('an event that chains to something else is noted as broken', async () => {
      const kiosk = await TestKiosk.enrolled(bench.url, 'chain-2');
      const one = kiosk.event(help);
      const two = kiosk.event(help, { previous: 'f'.repeat(64) });
      const four = kiosk.event(help, { sequence: 4 });
      const three = kiosk.event(help, { sequence: 3, previous: two.hash });
      await kiosk.sendEvents([one, two, four, three]);
      expect(await gaps(kiosk)).toEqual([
        { sequence: 2, problem: 'broken' },
        { sequence: 4, problem: 'broken' },
      ]);
    });

    test('a kiosk enrolled again goes on, or begins anew when its journal is lost', async () => {
      const kiosk = await TestKiosk.enrolled(bench.url, 'chain-3');
      const one = kiosk.event(help);
      await kiosk.sendEvents([one]);
      await kiosk.enrol('demo');
      expect(outcomes(await kiosk.sendEvents([one, kiosk.event(help)]))).toEqual(['duplicate', 'accepted']);
      expect(await gaps(kiosk)).toEqual([]);
      const replaced = await TestKiosk.enrolled(bench.url, 'chain-3');
      expect(outcomes(await replaced.sendEvents([replaced.event(help)]))).toEqual(['accepted']);
      expect(await gaps(kiosk)).toEqual([]);
    });
  });

  describe('two kiosks with one identity', () => {
    const setAside = (kiosk: TestKiosk) =>
      bench.db
        .selectFrom('forks')
        .select(['sequence', 'hash', 'body'])
        .where('kiosk', '=', kiosk.id)
        .orderBy('sequence')
        .execute();
    const forks = async ({ id }: TestKiosk) => {
      const summary = await (await fetch(`${bench.url}api/console/summary`)).json();
      return z
        .object({ forks: forkSchema })
        .parse(summary)
        .forks.filter(({ kiosk }) => kiosk === id);
    };

    test('are noticed; what the second one did is kept whole, however often it sends it', async () => {
      const first = await TestKiosk.enrolled(bench.url, 'fork-1');
      await first.sendEvents([first.event(help), first.event(help)]);
      const second = first.copy();
      const theirs = [first.event(help), first.event(help)];
      const number = second.number(1);
      const others = [
        second.event(second.issued(number, await second.statement(number))),
        second.event(help),
        second.event(help),
      ];
      expect(outcomes(await first.sendEvents(theirs))).toEqual(['accepted', 'accepted']);
      expect(await forks(first)).toEqual([]);
      // The third has a place that the first kiosk has not reached, but it chains to what was forked.
      expect(outcomes(await second.sendEvents(others))).toEqual(['forked', 'forked', 'forked']);
      expect(outcomes(await second.sendEvents(others.slice(1)))).toEqual(['forked', 'forked']);
      const kept = await setAside(first);
      expect(kept.map(({ sequence, hash }) => ({ sequence, hash }))).toEqual(
        others.map(({ sequence, hash }) => ({ sequence, hash })),
      );
      expect(JSON.parse(kept[0]?.body ?? '')).toMatchObject({ body: { number } });
      // The first one's chain goes on, whole.
      expect(outcomes(await first.sendEvents([first.event(help)]))).toEqual(['accepted']);
      expect(await gaps(first)).toEqual([]);
      const noticed = { kiosk: 'fork-1', sequence: 3, setAside: 3, revoked: false };
      expect(await forks(first)).toMatchObject([noticed]);
      const page = await (await fetch(`${bench.url}console`)).text();
      expect(page).toContain('an old backup put back');
    });

    test('are one again when the right one enrols anew, whichever of the two it is', async () => {
      const kiosk = await TestKiosk.enrolled(bench.url, 'fork-2');
      await kiosk.sendEvents([kiosk.event(help)]);
      const other = kiosk.copy();
      await kiosk.sendEvents([kiosk.event(help)]);
      expect(outcomes(await other.sendEvents([other.event(help)]))).toEqual(['forked']);
      await other.enrol('demo');
      expect(outcomes(await other.sendEvents([other.event(help)]))).toEqual(['accepted']);
      expect(await gaps(other)).toEqual([]);
      expect(await forks(kiosk)).toEqual([]);
    });

    test('what the right one did before it enrolled anew counts then, once it is sent again; the other’s does not', async () => {
      const kiosk = await TestKiosk.enrolled(bench.url, 'fork-5');
      await kiosk.sendEvents([kiosk.event(help)]);
      const other = kiosk.copy();
      await kiosk.sendEvents([kiosk.event(help)]);
      const number = other.number(5);
      const certificate = other.event(other.issued(number, await other.statement(number)));
      const next = other.event(help);
      expect(outcomes(await other.sendEvents([certificate, next]))).toEqual(['forked', 'forked']);
      await other.enrol('demo');
      expect(outcomes(await other.sendEvents([other.event(help)]))).toEqual(['accepted']);
      expect(outcomes(await other.sendEvents([certificate, next, certificate]))).toEqual([
        'accepted',
        'accepted',
        'duplicate',
      ]);
      expect(outcomes(await other.sendEvents([certificate]))).toEqual(['duplicate']);
      expect(await setAside(kiosk)).toEqual([]);
      expect(await gaps(other)).toEqual([]);
      const known = await bench.db
        .selectFrom('certificates')
        .select('number')
        .where('kiosk', '=', kiosk.id)
        .execute();
      expect(known).toEqual([{ number }]);

      // Of a journal that the new enrolment does not go on with, nothing counts.
      const first = await TestKiosk.enrolled(bench.url, 'fork-6');
      const second = first.copy();
      await first.sendEvents([first.event(help)]);
      const theirs = second.event(help);
      expect(outcomes(await second.sendEvents([theirs]))).toEqual(['forked']);
      await first.enrol('demo');
      expect(outcomes(await first.sendEvents([first.event(help)]))).toEqual(['accepted']);
      expect(outcomes(await second.sendEvents([theirs]))).toEqual(['forked-earlier']);
      expect(await setAside(first)).toHaveLength(1);
    });

    test('that issue one number: the second event is kept, its effect is refused', async () => {
      const first = await TestKiosk.enrolled(bench.url, 'fork-3');
      const second = first.copy();
      const number = first.number(1);
      const event = first.event(first.issued(number, await first.statement(number)));
      second.event(help);
      const later = second.event(second.issued(number, await second.statement(number)));
      expect(outcomes(await first.sendEvents([event]))).toEqual(['accepted']);
      expect(outcomes(await second.sendEvents([later]))).toEqual(['number-taken']);
      expect((await stored(first)).map(({ outcome }) => outcome)).toEqual(['accepted', 'rejected']);
    });

    test('at once: exactly one of them has each place', async () => {
      const first = await TestKiosk.enrolled(bench.url, 'fork-4');
      const second = first.copy();
      const sent = [first, second].map((kiosk) => Array.from({ length: 20 }, () => kiosk.event(help)));
      const answers = await Promise.all(
        [first, second].map((kiosk, index) => kiosk.sendEvents(sent[index] ?? [])),
      );
      expect(answers.map(({ status }) => status)).toEqual([200, 200]);
      const all = answers.flatMap(outcomes);
      expect(all.filter((outcome) => outcome === 'accepted')).toHaveLength(20);
      expect(all.filter((outcome) => outcome === 'forked')).toHaveLength(20);
      expect(await stored(first)).toHaveLength(20);
      expect(await setAside(first)).toHaveLength(20);
    });
  });

  describe('a certificate', () => {
    test('is known once its event is taken; its number is not given twice', async () => {
      const kiosk = await TestKiosk.enrolled(bench.url, 'issue-1');
      const number = kiosk.number(1);
      const statement = await kiosk.statement(number);
      const event = kiosk.event(kiosk.issued(number, statement));
      expect(outcomes(await kiosk.sendEvents([event]))).toEqual(['accepted']);
      const again = kiosk.event(kiosk.issued(number, statement));
      expect(outcomes(await kiosk.sendEvents([again, event]))).toEqual(['number-taken', 'duplicate']);
      expect(outcomes(await kiosk.sendEvents([again]))).toEqual(['number-taken']);
      expect(await gaps(kiosk)).toEqual([]);
    });

    test('is refused when its number or its statement is not right', async () => {
      const kiosk = await TestKiosk.enrolled(bench.url, 'issue-2');
      const stranger = await TestKiosk.enrolled(bench.url, 'issue-3');
      const number = kiosk.number(7);
      const good = await kiosk.statement(number);
      const spoilt = `${good.slice(0, -10)}${good.at(-10) === 'A' ? 'B' : 'A'}${good.slice(-9)}`;
      const cases: readonly (readonly [number: string, statement: string, reason: string])[] = [
        [kiosk.number(501), await kiosk.statement(kiosk.number(501)), 'number-not-given'],
        [stranger.number(7), await kiosk.statement(stranger.number(7)), 'number-not-given'],
        [number, 'AAAA', 'statement-unreadable'],
        [number, await stranger.statement(number), 'statement-key-unknown'],
        [number, spoilt, 'statement-signature'],
        [number, await kiosk.statement(kiosk.number(8)), 'statement-disagrees'],
        [number, await kiosk.statement(number, { type: 'senior-card' }), 'statement-disagrees'],
        [number, await kiosk.statement(number, { validUntil: 1e15 }), 'statement-unreadable'],
        [number, await kiosk.statement(number, { holder: '李**' }), 'statement-disagrees'],
        [number, await kiosk.statement(number, { facts: { purpose: '孩子上学' } }), 'facts-disagree'],
        [number, good, 'accepted'],
      ];
      const events = cases.map(([no, statement]) => kiosk.event(kiosk.issued(no, statement)));
      expect(outcomes(await kiosk.sendEvents(events))).toEqual(cases.map(([, , reason]) => reason));
    });

    test('that was refused counts when it is sent again and what stood in its way is gone', async () => {
      const kiosk = await TestKiosk.enrolled(bench.url, 'issue-5');
      const number = kiosk.number(501);
      const event = kiosk.event(kiosk.issued(number, await kiosk.statement(number)));
      expect(outcomes(await kiosk.sendEvents([event]))).toEqual(['number-not-given']);
      expect(outcomes(await kiosk.sendEvents([event]))).toEqual(['number-not-given']);
      await kiosk.send(kioskPaths.endorse, { documentKey: kiosk.documentKey, needsNumbers: true });
      expect(outcomes(await kiosk.sendEvents([event, event]))).toEqual(['accepted', 'duplicate']);
      expect(outcomes(await kiosk.sendEvents([event]))).toEqual(['duplicate']);
      expect((await stored(kiosk)).map(({ outcome }) => outcome)).toEqual(['accepted']);
      const known = await bench.db
        .selectFrom('certificates')
        .select('number')
        .where('kiosk', '=', kiosk.id)
        .execute();
      expect(known).toEqual([{ number }]);
    });

    test('signed with a key from before a new enrolment still counts', async () => {
      const kiosk = await TestKiosk.enrolled(bench.url, 'issue-4');
      const number = kiosk.number(3);
      const event = kiosk.event(kiosk.issued(number, await kiosk.statement(number)));
      const renewed = await TestKiosk.enrolled(bench.url, 'issue-4');
      expect(outcomes(await renewed.sendEvents([event]))).toEqual(['accepted']);
    });
  });
}
