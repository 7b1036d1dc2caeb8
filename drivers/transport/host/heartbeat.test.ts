import { expect, test } from 'vitest';
import { manualClock } from '../manual-clock.ts';
import { heartbeat } from './heartbeat.ts';

/** `delay` lets time pass in which no timer could run: a machine that sleeps, or a process that is held up. */
function patient() {
  const clock = manualClock();
  let skipped = 0;
  const told = { pings: 0, silences: 0 };
  const heart = heartbeat({
    clock: { ...clock, monotonic: () => clock.monotonic() + skipped },
    ping() {
      told.pings += 1;
    },
    onSilent() {
      told.silences += 1;
    },
  });
  const delay = (ms: number): void => {
    skipped += ms;
  };
  return { clock, heart, told, delay };
}

test('a process is given up five seconds after the first question that it left unanswered, once', async () => {
  const { clock, heart, told } = patient();
  heart.start();
  heart.start();
  for (let beat = 1; beat <= 100; beat++) {
    await clock.advance(2500);
    heart.heard();
  }
  expect(told).toEqual({ pings: 100, silences: 0 });
  await clock.advance(2500);
  await clock.advance(4999);
  expect(told.silences).toBe(0);
  await clock.advance(1);
  expect(told).toEqual({ pings: 102, silences: 1 });
  await clock.advance(60_000);
  expect(told).toEqual({ pings: 102, silences: 1 });
  heart.start();
  await clock.advance(7500);
  expect(told.silences).toBe(2);
});

test('a machine that slept asks again before it gives anybody up, however often it sleeps', async () => {
  const { clock, heart, told, delay } = patient();
  heart.start();
  for (let night = 0; night < 10; night++) {
    await clock.advance(2500);
    await clock.advance(2500);
    delay(8 * 3_600_000);
    await clock.advance(2500);
    expect(told.silences).toBe(0);
    heart.heard();
  }
  delay(3_600_000);
  await clock.advance(2500);
  await clock.advance(4999);
  expect(told.silences).toBe(0);
  await clock.advance(1);
  expect(told.silences).toBe(1);
});

test('nothing is asked once it has been stopped', async () => {
  const { clock, heart, told } = patient();
  heart.start();
  await clock.advance(2500);
  heart.stop();
  heart.stop();
  await clock.advance(60_000);
  expect(told).toEqual({ pings: 1, silences: 0 });
});
