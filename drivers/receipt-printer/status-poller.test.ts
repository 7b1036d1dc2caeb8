import { expect, test } from 'vitest';
import { manualClock } from '../transport/index.ts';
import type { PrinterCondition } from './esc-pos/index.ts';
import { createStatusPoller } from './status-poller.ts';

const FINE = 0x12;
const COVER_OPEN = 0x16;

const bench = () => {
  const clock = manualClock();
  const asked: number[] = [];
  const rounds: PrinterCondition[] = [];
  const silences: number[] = [];
  const begun: number[] = [];
  const poller = createStatusPoller({
    clock,
    intervalMs: 500,
    answerTimeoutMs: 1_000,
    send: (bytes) => asked.push(bytes[2] ?? 0),
    onRound(condition, begunAt) {
      rounds.push(condition);
      begun.push(begunAt);
    },
    onSilence: (sinceMs) => silences.push(sinceMs),
  });
  return { clock, asked, rounds, begun, silences, poller };
};

test('asks the four questions in turn, then pauses', async () => {
  const { clock, asked, rounds, poller } = bench();
  for (const answer of [FINE, COVER_OPEN, FINE, FINE]) poller.answer(answer);
  expect(asked).toEqual([1, 2, 3, 4]);
  expect(rounds).toHaveLength(1);
  expect(rounds[0]).toMatchObject({ coverOpen: true, offline: false, paperEnd: false });
  poller.answer(COVER_OPEN);
  expect(asked).toHaveLength(4);
  await clock.advance(500);
  expect(asked).toEqual([1, 2, 3, 4, 1]);
});

test('a late answer is never taken for the answer to another question', async () => {
  const { clock, asked, rounds, silences, poller } = bench();
  poller.answer(FINE);
  await clock.advance(1_000);
  expect(asked).toEqual([1, 2, 2]);
  expect(silences).toEqual([1_000]);
  poller.answer(COVER_OPEN);
  await clock.advance(500);
  poller.answer(COVER_OPEN);
  expect(asked).toEqual([1, 2, 2, 3]);
  poller.answer(FINE);
  poller.answer(FINE);
  expect(rounds[0]).toMatchObject({ coverOpen: true, mechanicalError: false });
});

test('when the late answer never comes, it goes on after a quiet time', async () => {
  const { clock, asked, poller } = bench();
  await clock.advance(1_000);
  poller.answer(FINE);
  await clock.advance(999);
  expect(asked).toEqual([1, 1]);
  await clock.advance(1);
  expect(asked).toEqual([1, 1, 2]);
});

test('asks nothing while a job is being written', () => {
  const { asked, poller } = bench();
  poller.suspend();
  poller.answer(FINE);
  expect(asked).toEqual([1]);
  poller.resume();
  expect(asked).toEqual([1, 2]);
});

test('a round can be had at once, or right after the one that has begun', async () => {
  const { clock, asked, rounds, begun, poller } = bench();
  const answerAll = () => {
    for (let n = 0; n < 4; n += 1) poller.answer(FINE);
  };
  poller.answer(FINE);
  await clock.advance(10);
  poller.now();
  expect(asked).toEqual([1, 2]);
  for (let n = 0; n < 3; n += 1) poller.answer(FINE);
  expect(asked).toEqual([1, 2, 3, 4, 1]);
  answerAll();
  expect(begun).toEqual([0, 10]);
  await clock.advance(20);
  poller.now();
  answerAll();
  expect(begun).toEqual([0, 10, 30]);
  expect(rounds).toHaveLength(3);
});

test('stops', async () => {
  const { clock, asked, poller } = bench();
  poller.stop();
  poller.answer(FINE);
  await clock.advance(10_000);
  expect(asked).toEqual([1]);
});
