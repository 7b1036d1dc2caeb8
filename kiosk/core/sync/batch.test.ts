import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type BatchSize,
  fitting,
  fullBatch,
  MOST_EVENTS,
  refused,
  setAside,
  sizeOf,
  taken,
  unanswered,
} from './batch.ts';

/** Sends `count` events of which some cannot be taken, as the lane does it. */
function send(count: number, bad: ReadonlySet<number>) {
  const waiting = Array.from({ length: count }, (_, index) => index);
  const sent: number[] = [];
  const aside: number[] = [];
  let size: BatchSize = fullBatch;
  let requests = 0;
  while (waiting.length > 0) {
    const batch = waiting.slice(0, sizeOf(size));
    requests += 1;
    if (requests > 10_000) throw new Error('no end');
    expect(batch.length).toBeGreaterThan(0);
    expect(batch.length).toBeLessThanOrEqual(MOST_EVENTS);
    if (!batch.some((event) => bad.has(event))) {
      sent.push(...batch);
      waiting.splice(0, batch.length);
      size = taken(size, batch.length);
    } else if (batch.length > 1) size = refused(size, batch.length);
    else {
      aside.push(...waiting.splice(0, 1));
      size = setAside();
    }
  }
  return { sent, aside, requests };
}

test('exactly the bad ones are set aside, whichever they are, and the others keep their order', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 400 }),
      fc.uniqueArray(fc.integer({ min: 0, max: 399 }), { maxLength: 40 }),
      (count, places) => {
        const bad = new Set(places.filter((place) => place < count));
        const { sent, aside, requests } = send(count, bad);
        const all = Array.from({ length: count }, (_, index) => index);
        expect(sent).toEqual(all.filter((event) => !bad.has(event)));
        expect(aside).toEqual(all.filter((event) => bad.has(event)));
        // Halving a full batch takes seven steps down and seven up, and growing again four.
        expect(requests).toBeLessThanOrEqual(Math.ceil(count / MOST_EVENTS) + bad.size * 20);
      },
    ),
  );
});

test('one bad event among a hundred costs a dozen and a half requests, a hundred bad ones little more than one each', () => {
  for (let place = 0; place < 100; place++)
    expect(send(100, new Set([place])).requests).toBeLessThanOrEqual(18);
  const all = new Set(Array.from({ length: 100 }, (_, index) => index));
  expect(send(100, all).requests).toBeLessThanOrEqual(107);
});

test('a batch is bounded in bytes as they go over the wire, and holds one event at least', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'grapheme', maxLength: 60 })),
      fc.integer({ min: 0, max: 500 }),
      (items, bytes) => {
        const kept = fitting(items, bytes);
        expect(kept).toEqual(items.slice(0, kept.length));
        if (items.length > 0) expect(kept.length).toBeGreaterThan(0);
        const lengthOf = (some: readonly string[]) => Buffer.byteLength(JSON.stringify(some)) - 1;
        if (kept.length > 1) expect(lengthOf(kept)).toBeLessThanOrEqual(bytes);
        if (kept.length < items.length)
          expect(lengthOf(items.slice(0, kept.length + 1))).toBeGreaterThan(bytes);
      },
    ),
  );
});

test('a batch to which no answer came is halved, down to one event, and a suspicion stays', () => {
  let size: BatchSize = { limit: MOST_EVENTS, suspects: 40 };
  const sizes: number[] = [];
  for (let i = 0; i < 6; i++) {
    sizes.push(sizeOf(size));
    size = unanswered(size, sizeOf(size));
  }
  expect(sizes).toEqual([20, 10, 5, 2, 1, 1]);
  expect(size.suspects).toBe(40);
  expect(sizeOf(taken({ limit: 1, suspects: null }, 1))).toBe(4);
});
