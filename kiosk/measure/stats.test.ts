import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compare, interleave, percentile, summarise } from './stats.ts';

const samplesOf = fc.array(fc.double({ min: 0.001, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 60 });

test('percentiles by nearest rank', () => {
  const twenty = Array.from({ length: 20 }, (_, index) => 20 - index);
  expect(percentile(twenty, 0.5)).toBe(10);
  expect(percentile(twenty, 0.95)).toBe(19);
  expect(percentile([3, 1, 2], 0.5)).toBe(2);
  expect(percentile([7], 0.95)).toBe(7);
  expect(() => percentile([], 0.5)).toThrow(RangeError);
});

test('a percentile is one of the samples, with its share of them at or below it', () => {
  fc.assert(
    fc.property(samplesOf, fc.double({ min: 0.01, max: 1, noNaN: true }), (samples, share) => {
      const value = percentile(samples, share);
      expect(samples).toContain(value);
      const below = samples.filter((sample) => sample < value).length;
      const upTo = samples.filter((sample) => sample <= value).length;
      expect(upTo / samples.length).toBeGreaterThanOrEqual(share - 1e-9);
      expect(below / samples.length).toBeLessThan(share + 1e-9);
    }),
  );
});

test('a summary is in order and leaves its samples alone', () => {
  const samples = [5, 1.00049, 3];
  expect(summarise(samples)).toEqual({ count: 3, p50: 3, p95: 5, min: 1, max: 5 });
  expect(samples).toEqual([5, 1.00049, 3]);
});

test('a figure is a ratio to its baseline, and says whether the aim is met', () => {
  const baseline = { what: 'bare', samples: [10, 10, 20] };
  const figure = compare([11, 12, 30], baseline, 1.2);
  expect(figure.ratio).toEqual({ p50: 1.2, p95: 1.5 });
  expect(figure.baseline).toMatchObject({ what: 'bare', count: 3, p50: 10 });
  expect(figure.aim).toEqual({ ratio: 1.2, met: true });
  expect(compare([11, 12.1, 30], baseline, 1.2).aim).toEqual({ ratio: 1.2, met: false });
  expect(compare([1], baseline).aim).toBeUndefined();
  const known = compare([50, 80, 150], { what: 'a budget', ms: 100 });
  expect(known.baseline).toEqual({ what: 'a budget', ms: 100 });
  expect(known.ratio).toEqual({ p50: 0.8, p95: 1.5 });
});

test('subjects take turns, each round beginning with another one; warming up is not counted', async () => {
  let clock = 0;
  const order: string[] = [];
  const subject = (name: string, ms: number) => async (round: number) => {
    order.push(`${name}${round}`);
    await Promise.resolve();
    clock += round === 0 ? 1000 : ms;
  };
  const samples = await interleave({
    rounds: 2,
    warmUp: 1,
    subjects: { a: subject('a', 1), b: subject('b', 2), c: subject('c', 3) },
    now: () => clock,
  });
  expect(order).toEqual(['a0', 'b0', 'c0', 'b1', 'c1', 'a1', 'c2', 'a2', 'b2']);
  expect(samples).toEqual({ a: [1, 1], b: [2, 2], c: [3, 3] });
});
