import { manualClock } from '@huimin/drivers';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ServerTime } from './server-time.ts';

const YEAR_MS = 365.25 * 24 * 3600_000;
const TRUE = Date.parse('2026-11-22T09:00:00Z');

/** A kiosk whose wall clock is wrong, and can be set, beside the true time and a clock that never jumps. */
function kiosk(errorMs: number) {
  const true_ = manualClock(TRUE);
  let error = errorMs;
  return {
    clock: { ...true_, now: () => true_.now() + error, monotonic: () => true_.monotonic() - TRUE + 5000 },
    trueNow: () => true_.now(),
    setError: (ms: number) => {
      error = ms;
    },
    pass: (ms: number) => true_.advance(ms),
  };
}

test('whatever the wall clock says, and however it jumps, the time is the backend’s', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: -57 * YEAR_MS, max: 12 * YEAR_MS }),
      fc.array(
        fc.record({
          there: fc.integer({ min: 0, max: 3000 }),
          back: fc.integer({ min: 0, max: 3000 }),
          pause: fc.integer({ min: 0, max: 3600_000 }),
          jump: fc.integer({ min: -60 * YEAR_MS, max: 60 * YEAR_MS }),
        }),
        { minLength: 1, maxLength: 8 },
      ),
      async (error, exchanges) => {
        const { clock, trueNow, setError, pass } = kiosk(error);
        const time = new ServerTime(clock, clock.now);
        expect(time.error()).toBeNull();
        let wrong = error;
        for (const { there, back, pause, jump } of exchanges) {
          const sentAt = clock.monotonic();
          await pass(there);
          const told = trueNow();
          await pass(back);
          time.heard({ time: told, blurMs: 0, sentAt, receivedAt: clock.monotonic() });
          await pass(pause);
          wrong += jump;
          setError(wrong);
          const said = time.error();
          // Never further off than it says, and never worse than the shortest exchange.
          expect(Math.abs(time.now() - trueNow())).toBeLessThanOrEqual((said?.uncertaintyMs ?? 0) + 1);
          expect(Math.abs((said?.errorMs ?? 0) - wrong)).toBeLessThanOrEqual((said?.uncertaintyMs ?? 0) + 1);
        }
        const shortest = Math.min(...exchanges.map(({ there, back }) => there + back));
        const passed = exchanges.reduce((sum, each) => sum + each.there + each.back + each.pause, 0);
        expect(time.error()?.uncertaintyMs).toBeLessThanOrEqual(shortest / 2 + passed * 1e-4 + 1);
      },
    ),
  );
});

test('before the backend is heard it is as late as the caller knows', async () => {
  const { clock, pass } = kiosk(-56 * YEAR_MS);
  const time = new ServerTime(clock, () => TRUE + clock.monotonic());
  const before = time.now();
  await pass(3600_000);
  expect(time.now() - before).toBe(3600_000);
  expect(time.error()).toBeNull();
});

test('a header’s time counts only until the backend’s own word, which counts again when its clock was set', () => {
  const { clock } = kiosk(0);
  const time = new ServerTime(clock, clock.now);
  const at = clock.monotonic();
  const hear = (ms: number, blurMs: number) => time.heard({ time: ms, blurMs, sentAt: at, receivedAt: at });
  hear(TRUE + 60_000, 500);
  expect(time.now()).toBe(TRUE + 60_000);
  hear(TRUE, 0);
  expect(time.now()).toBe(TRUE);
  hear(TRUE + 60_000, 500);
  expect(time.now()).toBe(TRUE);
  hear(TRUE - YEAR_MS, 0);
  expect(time.now()).toBe(TRUE - YEAR_MS);
  hear(Number.NaN, 0);
  expect(time.now()).toBe(TRUE - YEAR_MS);
});
