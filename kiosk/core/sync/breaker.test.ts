import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Breaker,
  backoffMs,
  begun,
  ended,
  failed,
  hurried,
  isProbe,
  type LaneOutcome,
  LIMITS,
  startedBreaker,
  woken,
} from './breaker.ts';

test('backoff grows, is capped at thirty seconds, and never comes at once', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10_000 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (failures, r) => {
        const delay = backoffMs(failures, () => r);
        expect(delay).toBeGreaterThanOrEqual(250);
        expect(delay).toBeLessThanOrEqual(30_000);
      },
    ),
  );
});

const chance = fc.double({ min: 0, max: 0.999, noNaN: true });
const outcome: fc.Arbitrary<LaneOutcome> = fc.oneof(
  fc.constantFrom<LaneOutcome>('again', 'done', 'rest', { held: 'offline' }),
  fc
    .option(fc.integer({ min: 0, max: 10 * 24 * 3600_000 }), { nil: null })
    .map((retryAfterMs) => failed('down', retryAfterMs)),
);
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 400_000 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('run' as const),
      outcome,
      takes: fc.integer({ min: 0, max: 20_000 }),
    }),
  },
  fc.record({ kind: fc.constant('wake' as const) }),
  fc.record({ kind: fc.constant('hurry' as const) }),
);

/** Plays a lane: `run` takes place only when it is due, as the edge does it. */
function play(
  steps: readonly (typeof step extends fc.Arbitrary<infer Step> ? Step : never)[],
  random: () => number,
  seen: (at: number, breaker: Breaker, what: string) => void,
): void {
  let now = 0;
  let breaker = startedBreaker(now);
  for (const each of steps) {
    if (each.kind === 'pass') now += each.ms;
    else if (each.kind === 'wake') breaker = woken(breaker, now);
    else if (each.kind === 'hurry') breaker = hurried(breaker, now, LIMITS, random);
    else if (breaker.nextTry !== null && breaker.nextTry <= now) {
      seen(now, breaker, 'begin');
      breaker = begun(breaker, now);
      seen(now, breaker, 'begun');
      now += each.takes;
      breaker = ended(breaker, each.outcome, now, LIMITS, random);
    }
    seen(now, breaker, each.kind);
  }
}

test('whatever happens, in whatever order: a lane that fails keeps its distance, and every lane tries again', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), chance, (steps, r) => {
      let begunAt = Number.NEGATIVE_INFINITY;
      play(
        steps,
        () => r,
        (now, breaker, what) => {
          if (what === 'begin') {
            // Twice a quarter of a second after a failure, and never before the other side wants it.
            if (breaker.failures > 0) expect(now - begunAt).toBeGreaterThanOrEqual(250);
            expect(now).toBeGreaterThanOrEqual(breaker.notBefore);
            begunAt = now;
          }
          expect(breaker.nextTry === null).toBe(what === 'begun');
          if (what === 'begun') expect(breaker.state).toBe('working');
          // Nothing that was ever said keeps it away for longer than this.
          if (breaker.nextTry !== null) expect(breaker.nextTry - now).toBeLessThanOrEqual(17 * 60_000);
          if (breaker.failures > 0) expect(breaker.reason).not.toBeNull();
          else expect([null, 'offline']).toContain(breaker.reason);
          if (what === 'run' && breaker.state !== 'working')
            expect(breaker.state === 'open').toBe(breaker.failures >= LIMITS.openAfter);
        },
      );
    }),
    { numRuns: 500 },
  );
});

test('a backend that fails is not hammered, however much there is to do and however the network flaps', () => {
  fc.assert(
    fc.property(chance, fc.array(fc.boolean(), { minLength: 3600, maxLength: 3600 }), (r, flaps) => {
      let breaker = startedBreaker(0);
      let tries = 0;
      let probes = 0;
      // An hour, second by second: new work in each, the network back in each where `flaps` says so.
      for (const [second, flap] of flaps.entries()) {
        const now = second * 1000;
        breaker = woken(breaker, now);
        if (flap && second < 60) breaker = hurried(breaker, now, LIMITS, () => r);
        if (breaker.nextTry === null || breaker.nextTry > now) continue;
        tries += 1;
        if (isProbe(breaker, LIMITS)) probes += 1;
        breaker = ended(begun(breaker, now), failed('down'), now, LIMITS, () => r);
      }
      // One a second while the network flaps, then at most one each two and a half minutes.
      expect(tries).toBeLessThanOrEqual(60 + 3540 / 150 + 1);
      expect(tries - probes).toBe(LIMITS.openAfter);
      expect(breaker.state).toBe('open');
    }),
    { numRuns: 20 },
  );
});

test('one success closes the breaker', () => {
  let breaker = startedBreaker(0);
  for (let i = 0; i < 10; i++) breaker = ended(begun(breaker, i), failed('down'), i, LIMITS, () => 0);
  expect(breaker).toMatchObject({ state: 'open', failures: 10, reason: 'down' });
  breaker = ended(begun(breaker, 20), 'again', 20, LIMITS, () => 0);
  expect(breaker).toMatchObject({ failures: 0, reason: null, nextTry: 20, lastSuccess: 20 });
  expect(isProbe(breaker, LIMITS)).toBe(false);
});

test('who asks to be left alone is left alone, by each a little longer, and for a quarter of an hour at most', () => {
  const after = (retryAfterMs: number, r: number) =>
    ended(begun(startedBreaker(0), 0), failed('busy', retryAfterMs), 0, LIMITS, () => r).nextTry;
  expect(after(60_000, 0)).toBe(60_000);
  expect(after(60_000, 0.5)).toBe(63_000);
  expect(after(24 * 3600_000, 0)).toBe(15 * 60_000);
  const asked = ended(begun(startedBreaker(0), 0), failed('busy', 60_000), 0, LIMITS, () => 0);
  expect(woken(asked, 1000).nextTry).toBe(60_000);
  expect(hurried(asked, 1000, LIMITS, () => 0).nextTry).toBe(60_000);
});
