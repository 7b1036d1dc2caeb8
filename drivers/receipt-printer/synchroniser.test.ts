import { expect, test } from 'vitest';
import { manualClock } from '../transport/index.ts';
import { createSynchroniser } from './synchroniser.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const FLUSH = '1d61001d7201';
const PADDED = `${'00'.repeat(1024)}${FLUSH}`;
const CUT_OFF = '0a1d5642001d7201';

const bench = (confirms = true) => {
  const clock = manualClock();
  const sent: string[] = [];
  let ready = true;
  let settled = 0;
  const sync = createSynchroniser({
    clock,
    confirms,
    send: (bytes) => sent.push(hex(bytes)),
    isReady: () => ready,
    onSettled: () => {
      settled += 1;
    },
  });
  return { clock, sent, sync, setReady: (on: boolean) => (ready = on), settledTimes: () => settled };
};

test('done after the answer and a quiet time; an older answer starts the quiet time anew', async () => {
  const { clock, sent, sync, settledTimes } = bench();
  sync.start(false);
  expect(sent).toEqual([FLUSH]);
  await clock.advance(1_000);
  sync.answer();
  await clock.advance(200);
  sync.answer();
  await clock.advance(299);
  expect(sync.state).toBe('running');
  await clock.advance(1);
  expect([sync.state, settledTimes()]).toEqual(['done', 1]);
});

test('a torn-off receipt is cut off once the line is quiet', async () => {
  const { clock, sent, sync } = bench();
  sync.start(true);
  sync.answer();
  await clock.advance(2_000);
  expect(sent).toEqual([PADDED, CUT_OFF]);
  expect(sync.state).toBe('running');
  sync.answer();
  await clock.advance(300);
  expect(sync.state).toBe('done');
});

test('without an answer it is asked again, through padding, then given up', async () => {
  const { clock, sent, sync } = bench();
  sync.start(false);
  await clock.advance(14_999);
  expect(sync.state).toBe('running');
  expect(sent).toEqual([FLUSH, PADDED, PADDED, PADDED, PADDED]);
  await clock.advance(1);
  expect(sync.state).toBe('failed');
  sync.again();
  expect(sync.state).toBe('needed');
});

test('a printer out of paper is waited for', async () => {
  const { clock, sent, sync, setReady } = bench();
  setReady(false);
  sync.start(false);
  await clock.advance(3_600_000);
  expect([sync.state, sent.length]).toEqual(['running', 1]);
  sync.stop();
});

test('with a printer that confirms nothing, nothing is waited for', () => {
  const { sent, sync, settledTimes } = bench(false);
  sync.start(true);
  expect([sync.state, settledTimes()]).toEqual(['done', 1]);
  expect(sent).toEqual([`${'00'.repeat(1024)}${CUT_OFF}`]);
});
