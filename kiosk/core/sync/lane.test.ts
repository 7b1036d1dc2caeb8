import { manualClock } from '@huimin/drivers';
import { expect, test } from 'vitest';
import { failed, type LaneOutcome } from './breaker.ts';
import { startLane } from './lane.ts';

test('a lane runs again at once while there is more, backs off while it fails, and wakes early', async () => {
  const clock = manualClock();
  const outcomes: LaneOutcome[] = ['again', 'again', failed('down'), failed('down'), 'rest', 'rest'];
  const times: number[] = [];
  const lane = startLane({
    task: async () => {
      times.push(clock.now());
      return outcomes.shift() ?? 'rest';
    },
    limits: { restMs: 60_000 },
    clock,
    random: () => 0,
    onFailure: () => undefined,
  });
  await clock.advance(5000);
  expect(times).toEqual([0, 0, 0, 250, 750]);
  lane.wake();
  await clock.advance(10);
  expect(times).toHaveLength(6);
  await lane.close();
  await clock.advance(600_000);
  expect(times).toHaveLength(6);
});

test('a lane goes on when somebody who was told of its end throws', async () => {
  const clock = manualClock();
  const failures: unknown[] = [];
  let runs = 0;
  const lane = startLane({
    task: async () => {
      runs += 1;
      return 'rest';
    },
    limits: { restMs: 1000 },
    clock,
    random: () => 0,
    onFailure: (cause) => failures.push(cause),
    onEnd: () => {
      throw new Error('not here');
    },
  });
  await clock.advance(2500);
  expect(runs).toBe(3);
  expect(failures).toHaveLength(3);
  await lane.close();
});

test('a task is never run twice at once, however often it is woken', async () => {
  const clock = manualClock();
  let running = 0;
  let most = 0;
  const lane = startLane({
    task: async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise<void>((done) => clock.after(100, done));
      running -= 1;
      return 'rest';
    },
    limits: { restMs: 1000 },
    clock,
    random: () => 0,
    onFailure: () => undefined,
  });
  for (let i = 0; i < 20; i++) {
    lane.wake();
    await clock.advance(30);
  }
  expect(most).toBe(1);
  const closing = lane.close();
  await clock.advance(200);
  await closing;
});
