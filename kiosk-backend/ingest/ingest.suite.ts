import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type EventBody, eventsResponseSchema } from '../contract/index.ts';
import { type Answer, type Bench, help, TestKiosk } from '../testing/index.ts';

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
        'sequence-conflict',
        'id-conflict',
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

    test('signed with a key from before a new enrolment still counts', async () => {
      const kiosk = await TestKiosk.enrolled(bench.url, 'issue-4');
      const number = kiosk.number(3);
      const event = kiosk.event(kiosk.issued(number, await kiosk.statement(number)));
      const renewed = await TestKiosk.enrolled(bench.url, 'issue-4');
      expect(outcomes(await renewed.sendEvents([event]))).toEqual(['accepted']);
    });
  });
}
