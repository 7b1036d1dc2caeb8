import { err, manualClock, ok } from '@huimin/drivers';
import { expect, test } from 'vitest';
import { unanswered } from './client.ts';
import { watchPresence } from './presence.ts';

/** A backend that answers or not, and a machine whose cable is pulled. */
function scene() {
  const clock = manualClock();
  const asked: number[] = [];
  const changes: boolean[] = [];
  const world = { answers: true, addresses: 'lan', retryAfterMs: null as number | null };
  const presence = watchPresence({
    client: {
      reach: async () => {
        asked.push(clock.now());
        const { answers, retryAfterMs } = world;
        return answers ? ok(undefined) : err({ ...unanswered('refused'), retryAfterMs });
      },
    },
    clock,
    random: () => 0,
    addresses: () => world.addresses,
    onFailure: () => undefined,
    onChange: (online) => changes.push(online),
    onEnd: () => undefined,
  });
  return { clock, asked, changes, world, presence };
}

test('a cable that is plugged in again is noticed within two seconds, an outage further away within thirty', async () => {
  const { clock, asked, changes, world, presence } = scene();
  await clock.advance(10);
  expect(changes).toEqual([true]);
  Object.assign(world, { answers: false, addresses: '' });
  await clock.advance(40_000);
  expect(changes).toEqual([true, false]);
  await clock.advance(300_000);
  const before = asked.length;
  Object.assign(world, { answers: true, addresses: 'lan' });
  await clock.advance(2500);
  expect(changes).toEqual([true, false, true]);
  expect(asked.length).toBe(before + 1);

  world.answers = false;
  await clock.advance(300_000);
  world.answers = true;
  await clock.advance(30_000);
  expect(changes).toEqual([true, false, true, false, true]);
  await presence.close();
  const last = asked.length;
  await clock.advance(600_000);
  expect(asked.length).toBe(last);
});

test('a backend that asked to be left alone is found well again all the same', async () => {
  const { clock, changes, world, presence } = scene();
  Object.assign(world, { answers: false, retryAfterMs: 3600_000 });
  await clock.advance(1000);
  world.answers = true;
  await clock.advance(30_000);
  expect(changes).toEqual([true]);
  await presence.close();
});

test('a request without an answer is a reason to look, an answer is one not to', async () => {
  const { clock, asked, changes, world, presence } = scene();
  await clock.advance(10);
  world.answers = false;
  presence.heard(false);
  await clock.advance(10);
  expect(changes).toEqual([true, false]);
  world.answers = true;
  await clock.advance(1000);
  expect(changes).toEqual([true, false, true]);
  const before = asked.length;
  for (let i = 0; i < 60; i++) {
    presence.heard(true);
    await clock.advance(10_000);
  }
  expect(asked.length).toBe(before);
  await presence.close();
});
