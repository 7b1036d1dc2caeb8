import { manualClock } from '@huimin/drivers';
import { expect, test } from 'vitest';
import { KnownTime } from './age.ts';

const YEAR_MS = 365 * 24 * 3600_000;

test('a wall clock that is years ahead ages nothing once the backend was heard, whose word alone counts then', async () => {
  const real = manualClock(Date.parse('2026-11-22T00:00:00Z'));
  let error = 12 * YEAR_MS;
  const known = new KnownTime({ ...real, now: () => real.now() + error });
  known.heard('2026-11-20T00:00:00Z');
  expect(known.now()).toBe(real.now() + error);
  known.is(real.now());
  expect(known.now()).toBe(real.now());
  error = -50 * YEAR_MS;
  await real.advance(3600_000);
  expect(known.now()).toBe(real.now());
  // What it told while its own clock ran ahead is forgotten.
  known.heard('2027-01-19T00:00:00Z');
  known.is(Date.parse('2026-11-23T00:00:00Z'));
  expect(known.now()).toBe(Date.parse('2026-11-23T00:00:00Z'));
  expect(known.atLeast()).toBe(known.now());
});

test('before the backend is heard time goes on from what it told before, and never stands still', async () => {
  const real = manualClock(Date.parse('2026-11-22T00:00:00Z'));
  const known = new KnownTime({ ...real, now: () => real.now() - 50 * YEAR_MS });
  expect(known.atLeast()).toBe(Number.NEGATIVE_INFINITY);
  known.heard('2026-11-20T00:00:00Z');
  await real.advance(3600_000);
  expect(known.now()).toBe(Date.parse('2026-11-20T01:00:00Z'));
});
