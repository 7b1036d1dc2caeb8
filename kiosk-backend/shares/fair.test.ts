import fc from 'fast-check';
import { expect, test } from 'vitest';
import { allot, fairTarget, wantsTopUp } from './fair.ts';

const units = fc.integer({ min: 0, max: 10_000 });
const pots = fc
  .array(units, { maxLength: 20 })
  .map((pools) => pools.map((pool, index) => ({ pot: `pot-${index}`, pool })));

test('never more is taken than there is or is needed, and all of it while there is enough', () => {
  fc.assert(
    fc.property(units, pots, (need, free) => {
      const taken = allot(need, free);
      for (const { pot, pool } of free) expect(taken.get(pot) ?? 0).toBeLessThanOrEqual(pool);
      const sum = [...taken.values()].reduce((all, each) => all + each, 0);
      expect(sum).toBeLessThanOrEqual(need);
      const enoughEach = free.every(({ pool }) => pool >= need);
      if (enoughEach && free.length > 0) expect(sum).toBe(need);
    }),
  );
});

test('kiosks that all fill up one after the other leave a part in the pool, and get alike', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 5000 }), (kiosks, capacity) => {
      let pool = capacity;
      const got = Array.from({ length: kiosks }, () => {
        const target = fairTarget({ base: pool, kiosks, usedHere: 0, usedAll: 0, offlineShare: 0.5 });
        pool -= target;
        return target;
      });
      expect(pool).toBeGreaterThanOrEqual(capacity / 2);
      // Each gets a 2n-th of what is left: the last one not less than the first one's share of a half.
      const [first = 0] = got;
      expect(got.at(-1)).toBeGreaterThanOrEqual(Math.floor(first * 0.6) - 1);
    }),
  );
});

test('a kiosk that gives out more has more at hand; one alone has half of what is free', () => {
  const common = { base: 100, kiosks: 4, usedAll: 60, offlineShare: 0.5 };
  const busy = fairTarget({ ...common, usedHere: 50 });
  const idle = fairTarget({ ...common, usedHere: 0 });
  expect([busy, idle]).toEqual([27, 6]);
  expect(fairTarget({ base: 100, kiosks: 1, usedHere: 0, usedAll: 0, offlineShare: 0.5 })).toBe(50);
  expect(fairTarget({ base: 100, kiosks: 1, usedHere: 0, usedAll: 0, offlineShare: 1 })).toBe(100);
  expect(fairTarget({ base: 1, kiosks: 3, usedHere: 0, usedAll: 0, offlineShare: 0.5 })).toBe(0);
});

test('topped up when a quarter is left, and not for nothing', () => {
  expect(wantsTopUp(25, 100)).toBe(true);
  expect(wantsTopUp(26, 100)).toBe(false);
  expect(wantsTopUp(0, 0)).toBe(true);
});
