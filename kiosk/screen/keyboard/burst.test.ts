import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BurstFilter, burstGapMs } from './burst.ts';

/** Feeds keys with the given gaps and tells which were kept from the page. */
function feed(keys: readonly { key: string; gap: number }[]): boolean[] {
  const filter = new BurstFilter();
  let at = 1000;
  return keys.map(({ key, gap }) => {
    at += gap;
    return filter.take({ key, at });
  });
}

const character = fc.constantFrom(...'0123456789ABCXYZ-');
const fast = fc.integer({ min: 0, max: burstGapMs - 1 });
const slow = fc.integer({ min: burstGapMs, max: 2000 });

describe('telling a scanner from a hand', () => {
  test('the Enter that ends a scan of two or more characters never reaches the page', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(character, fast), { minLength: 2, maxLength: 60 }),
        fast,
        (scan, last) => {
          const swallowed = feed([...scan.map(([key, gap]) => ({ key, gap })), { key: 'Enter', gap: last }]);
          expect(swallowed.at(-1)).toBe(true);
        },
      ),
    );
  });

  test('a hand is never kept from the page', () => {
    const key = fc.oneof(character, fc.constantFrom('Enter', ' ', 'Tab', 'ArrowDown'));
    fc.assert(
      fc.property(fc.array(fc.tuple(key, slow), { maxLength: 40 }), (typed) => {
        expect(feed(typed.map(([pressed, gap]) => ({ key: pressed, gap })))).not.toContain(true);
      }),
    );
  });

  test('Tab and Enter close together are a hand’s', () => {
    expect(feed(['Tab', 'Tab', 'Enter'].map((key) => ({ key, gap: 5 })))).toEqual([false, false, false]);
  });

  test('a batch is complete at Enter, is handed over once and stays within what the bridge takes', () => {
    const filter = new BurstFilter();
    filter.take({ key: '1', at: 0 });
    expect(filter.complete).toBe(false);
    filter.take({ key: 'Enter', at: 5 });
    expect(filter.complete).toBe(true);
    expect(filter.drain().map(({ key }) => key)).toEqual(['1', 'Enter']);
    expect(filter.drain()).toEqual([]);
    let taken = 0;
    while (!filter.complete) filter.take({ key: '7', at: 10 * taken++ });
    expect(taken).toBe(200);
  });
});
