import { manualClock } from '@huimin/drivers';
import { expect, test } from 'vitest';
import { KnownTime } from './age.ts';

const YEAR_MS = 365 * 24 * 3600_000;

test('a wall clock that is years ahead ages nothing once the backend was heard, and cannot be put back', async () => {
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
  known.is(Date.parse('2026-11-19T00:00:00Z'));
  expect(known.now()).toBe(known.atLeast());
});
