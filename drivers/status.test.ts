import { expect, test } from 'vitest';
import { lastingLink } from './status.ts';
import { manualClock } from './transport/index.ts';

function bench() {
  const clock = manualClock();
  const lasting = lastingLink(clock);
  const told: number[] = [];
  const up = () => lasting.up(() => told.push(clock.monotonic()));
  return { clock, lasting, told, up };
}

test('a link counts at once, also after one that lasted and after openings that failed', async () => {
  const { clock, lasting, told, up } = bench();
  lasting.down();
  lasting.down();
  up();
  await clock.advance(1500);
  lasting.down();
  lasting.down();
  up();
  expect(told).toEqual([0, 1500]);
});

test('after a short one it has to last 400 ms, after another 1500 ms, until one has lasted', async () => {
  const { clock, lasting, told, up } = bench();
  up();
  await clock.advance(100);
  lasting.down();
  up();
  await clock.advance(500);
  expect(told).toEqual([0, 500]);
  lasting.down();
  for (let drops = 0; drops < 20; drops += 1) {
    up();
    await clock.advance(1499);
    lasting.down();
    await clock.advance(1500);
  }
  expect(told).toEqual([0, 500]);
  up();
  await clock.advance(1500);
  expect(told).toHaveLength(3);
  lasting.down();
  up();
  expect(told).toHaveLength(4);
});
