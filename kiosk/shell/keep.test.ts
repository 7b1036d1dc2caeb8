import { expect, test } from 'vitest';
import type { Member } from './family.ts';
import { type KeepWorld, keepRunning } from './keep.ts';
import { messagesFor } from './messages.ts';

/** A part that lives as long as told, life after life (ms, or 'hangs' for one that never gets ready); then for ever. */
async function keep(lives: readonly (number | 'hangs')[], closeAt = Number.POSITIVE_INFINITY) {
  let time = 0;
  let starts = 0;
  const told: string[] = [];
  const world: KeepWorld = {
    now: () => time,
    wait: async (ms) => {
      time += ms;
    },
    closed: () => time >= closeAt,
    tell: (line) => told.push(line),
    say: messagesFor({ LC_ALL: 'C' }),
  };
  const start = (): Member => {
    const life = lives[starts++];
    const never = new Promise<never>(() => {});
    if (life === undefined) throw new Error('started more often than expected');
    if (life === 'hangs') return { name: 'core', ready: never, ended: never };
    const ended = Promise.resolve().then(() => {
      time += life;
      return { code: undefined, how: 'signal SIGKILL' };
    });
    return { name: 'core', ready: Promise.resolve('http://127.0.0.1:1/'), ended };
  };
  const sentence = await keepRunning({ name: 'core', readySeconds: 0.01, start }, start(), world);
  const waits = told.map((line) => Number(/it starts again in (\d+) s\.$/.exec(line)?.[1]));
  return { sentence, told, waits, starts };
}

test('what ends is started again, later each time, with one line', async () => {
  const { told, waits } = await keep([20_000, 20_000, 20_000, 20_000, 20_000, 20_000, 'hangs']);
  expect(told[0]).toBe('The core ended unexpectedly (signal SIGKILL); it starts again in 1 s.');
  expect(waits).toEqual([1, 2, 4, 8, 16, 30]);
});

test('what lived for a minute begins anew', async () => {
  expect((await keep([0, 0, 60_000, 0, 'hangs'])).waits).toEqual([1, 2, 1, 2]);
});

test('five ends within a minute are the last', async () => {
  const { sentence, starts } = await keep([0, 0, 0, 0, 0]);
  expect(starts).toBe(5);
  expect(sentence).toBe(
    'The core ended 5 times within a minute (signal SIGKILL), so everything is being ended.',
  );
});

test('what does not get ready again is given up', async () => {
  expect((await keep([5000, 'hangs'])).sentence).toBe('The core was not ready within 0.01 seconds.');
});

test('once everything is being ended nothing is said or started', async () => {
  expect(await keep([1000], 1100)).toMatchObject({ sentence: undefined, told: [], starts: 1 });
  expect(await keep([1000], 2000)).toMatchObject({ sentence: undefined, starts: 1 });
});
