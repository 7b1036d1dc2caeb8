import { expect, test } from 'vitest';
import { begun, ended, failed, LIMITS, startedBreaker } from './breaker.ts';
import { nothingSaid, type SyncStatus, sayings, stuckSince } from './status.ts';

const NOW = Date.parse('2026-11-22T15:00:00Z');
const MINUTE_MS = 60_000;
const status = (more: Partial<SyncStatus>): SyncStatus => ({
  hasBackend: true,
  online: true,
  lanes: null,
  waiting: 0,
  refused: 0,
  heads: [],
  stuckSince: null,
  clock: null,
  ...more,
});

test('events that wait in vain are spoken of after a minute, once, and when it is over', () => {
  const stuck = status({ waiting: 31, stuckSince: '2026-11-22T14:02:31.000Z' });
  const early = sayings(stuck, nothingSaid, Date.parse('2026-11-22T14:03:00Z'));
  expect(early.sentences).toEqual([]);
  const first = sayings(stuck, early.said, NOW);
  expect(first.sentences).toEqual([
    'nothing has reached the backend since 2026-11-22 14:02 UTC; 31 events wait',
  ]);
  const second = sayings({ ...stuck, waiting: 32 }, first.said, NOW + MINUTE_MS);
  expect(second.sentences).toEqual([]);
  const over = sayings(status({}), second.said, NOW + 2 * MINUTE_MS);
  expect(over.sentences).toEqual(['events reach the backend again']);
  expect(over.said).toEqual(nothingSaid);
});

test('an event of an earlier start whose time lies ahead is spoken of too', () => {
  const stuck = status({ waiting: 1, stuckSince: '2038-01-19T03:14:00.000Z' });
  expect(sayings(stuck, nothingSaid, NOW).sentences).toEqual([
    'nothing has reached the backend since 2038-01-19 03:14 UTC; 1 event waits',
  ]);
});

test('a clock that is wrong is spoken of once, again when it is set to something else, and when it is right', () => {
  const wrong = (errorMs: number) => status({ clock: { errorMs, uncertaintyMs: 5 } });
  let said = nothingSaid;
  const say = (errorMs: number): readonly string[] => {
    const spoken = sayings(wrong(errorMs), said, NOW);
    ({ said } = spoken);
    return spoken.sentences;
  };
  expect(say(90_000)).toEqual([]);
  expect(say(-3600_000)).toEqual([
    "the kiosk's clock is 1 hour behind the backend's; the backend's is used until it is set right",
  ]);
  expect(say(-3600_500)).toEqual([]);
  expect(say(3 * 24 * 3600_000)).toEqual([
    "the kiosk's clock is 3 days ahead of the backend's; the backend's is used until it is set right",
  ]);
  expect(say(20)).toEqual(["the kiosk's clock agrees with the backend's again"]);
  expect(say(20)).toEqual([]);
});

test('stuck since is when the oldest event was made, and only while sending it fails or cannot be tried', () => {
  const resting = startedBreaker(0);
  const failing = ended(begun(resting, 0), failed('down'), 0, LIMITS, () => 0);
  const offline = ended(begun(resting, 0), { held: 'offline' }, 0, LIMITS, () => 0);
  const made = { at: '1970-01-01T00:00:05.000Z', monotonicMs: 20_000 };
  const since = new Date(NOW - 10_000).toISOString();
  expect(stuckSince(made, resting, NOW, 30_000)).toBeNull();
  expect(stuckSince(null, failing, NOW, 30_000)).toBeNull();
  expect(stuckSince(made, failing, NOW, 30_000)).toBe(since);
  expect(stuckSince(made, offline, NOW, 30_000)).toBe(since);
  expect(stuckSince({ ...made, monotonicMs: null }, failing, NOW, 30_000)).toBe(made.at);
});
