import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson, eventHashText, type KioskEvent } from '../contract/index.ts';
import { decide, type Known, type Verdict } from './decide.ts';
import type { Finding, ReadEvent } from './examine.ts';
import { rangesOf } from './known.ts';

const nothing: Known = {
  enrolment: 1,
  ids: new Map(),
  places: new Map(),
  earlier: new Set(),
  forks: new Map(),
  numbers: new Set(),
};

function event(id: number, sequence: number, previous: string): ReadEvent {
  const draft: Omit<KioskEvent, 'hash'> = {
    id: `00000000-0000-4000-8000-${String(id).padStart(12, '0')}`,
    kiosk: 'kiosk-1',
    sequence,
    deviceTime: '2026-11-22T08:00:00.000Z',
    monotonicMs: 1,
    previous,
    body: { kind: 'help.requested', visit: null, screen: 'welcome' },
  };
  const hash = createHash('sha256').update(eventHashText(draft)).digest('hex');
  return { ...draft, hash, bodyText: canonicalJson(draft.body) };
}

/** A journal from a place on. */
function journal(firstId: number, length: number, after: ReadEvent | null): ReadEvent[] {
  const events: ReadEvent[] = [];
  for (let index = 0; index < length; index++) {
    const before = events.at(-1) ?? after;
    events.push(event(firstId + index, (before?.sequence ?? 0) + 1, before?.hash ?? ''));
  }
  return events;
}

const found = (events: readonly ReadEvent[]): Finding[] =>
  events.map((one) => ({ is: 'event', event: one, reason: null }));

/** What the database knows after a decision. */
function after(known: Known, verdicts: readonly Verdict[]): Known {
  const ids = new Map(known.ids);
  const places = new Map(known.places);
  const forks = new Map(known.forks);
  for (const verdict of verdicts) {
    if (verdict.is === 'new') {
      ids.set(verdict.event.id, { hash: verdict.event.hash, reason: verdict.reason });
      places.set(verdict.event.sequence, verdict.event);
    }
    if (verdict.is === 'forked') forks.set(verdict.event.hash, known.enrolment);
  }
  return { ...known, ids, places, forks };
}

describe('what becomes of batches', () => {
  test('each event of one journal is new once, however it is cut, repeated and shuffled; in the end no gap is left', () => {
    const all = journal(1, 10, null);
    const piece = fc.shuffledSubarray(all, { minLength: 1 });
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), fc.nat(6), (pieces, cut) => {
        const batches = [...pieces, all];
        const problems = new Map<number, string>();
        const fresh: string[] = [];
        let known = nothing;
        // Some share a transaction, the others come later: it makes no difference.
        for (const group of [batches.slice(0, cut), batches.slice(cut)]) {
          const { verdicts, notes } = decide(known, group.map(found));
          for (const verdict of verdicts.flat()) {
            expect(['new', 'again', 'replay']).toContain(verdict.is);
            if (verdict.is === 'new') fresh.push(verdict.event.id);
          }
          for (const [sequence, problem] of notes) {
            if (problem) problems.set(sequence, problem);
            else problems.delete(sequence);
          }
          known = after(known, verdicts.flat());
        }
        expect(fresh.toSorted()).toEqual(all.map(({ id }) => id));
        expect(problems).toEqual(new Map());
      }),
    );
  });

  test('of two journals one has each place; in order, the second is forked from its first event on', () => {
    fc.assert(
      fc.property(fc.nat(5), fc.nat(5), fc.integer({ min: 1, max: 5 }), (common, one, other) => {
        const shared = journal(1, common, null);
        const first = journal(100, one + 1, shared.at(-1) ?? null);
        const second = journal(200, other, shared.at(-1) ?? null);
        const { verdicts } = decide(nothing, [shared, first, second].map(found));
        expect(verdicts[1]?.every(({ is }) => is === 'new')).toBe(true);
        expect(verdicts[2]?.every(({ is }) => is === 'forked')).toBe(true);
        const again = decide(after(nothing, verdicts.flat()), [found(second)]);
        expect(
          again.verdicts[0]?.every((verdict) => verdict.is === 'replay' && verdict.reason === 'forked'),
        ).toBe(true);
      }),
    );
  });
});

test('ranges hold every place with its neighbours, and little else', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 500 }), { minLength: 1 }), (sequences) => {
      const ranges = rangesOf(sequences);
      const holds = (place: number) => ranges.some(({ low, high }) => place >= low && place <= high);
      for (const place of sequences) expect([place - 1, place, place + 1].every(holds)).toBe(true);
      const held = ranges.reduce((sum, { low, high }) => sum + high - low + 1, 0);
      expect(held).toBeLessThanOrEqual(3 * sequences.length);
    }),
  );
});
