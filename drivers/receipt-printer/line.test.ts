import { expect, test } from 'vitest';
import { manualClock } from '../transport/index.ts';
import { linkEnds } from '../transport/link-ends.ts';
import { receiptPrinterConfigSchema } from './config.ts';
import type { PrinterCondition } from './esc-pos/index.ts';
import { openLine } from './line.ts';

const FINE = 0x12;
const PAPER_END = 0x72;

const bench = (config: object = {}) => {
  const clock = manualClock();
  const ends = linkEnds();
  const sent: string[] = [];
  const confirmed: (PrinterCondition | null)[] = [];
  const doubts: string[] = [];
  let handingOver: Promise<void> = Promise.resolve();
  const link = {
    onData: ends.onData,
    onClose: ends.onClose,
    async write(bytes: Uint8Array) {
      sent.push(Buffer.from(bytes).toString('hex'));
      await handingOver;
    },
    close: async () => ends.end('closed'),
  };
  const line = openLine({
    link,
    clock,
    settings: receiptPrinterConfigSchema.parse({
      transport: { name: 'by hand', open: async () => ({ ok: false, error: 'never' }) },
      ...config,
    }),
    isReady: () => true,
    isPrinting: () => true,
    onCondition: () => {},
    onSilence: () => {},
    onSettled: () => {},
    onConfirmed(condition) {
      confirmed.push(condition);
      return true;
    },
    onDoubt: () => doubts.push('doubt'),
    onModel: () => {},
  });
  return {
    clock,
    line,
    /** What is written from now on has not been handed over until the returned function is called. */
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>();
      handingOver = promise;
      return resolve;
    },
    sent,
    confirmed,
    doubts,
    hear: (...bytes: number[]) => ends.receive(Uint8Array.from(bytes)),
  };
};

test('the heads of commands cut off earlier are ended before the first question', () => {
  const { sent } = bench();
  expect(sent).toEqual(['00'.repeat(8), '100401']);
});

test('what was said before the barrier does not count: a whole round after it decides', async () => {
  const { clock, confirmed, hear } = bench();
  hear(FINE);
  await clock.advance(5);
  hear(0x00);
  await clock.advance(50);
  hear(FINE, FINE, FINE);
  expect(confirmed).toEqual([]);
  hear(FINE, FINE, FINE, PAPER_END);
  expect(confirmed).toHaveLength(1);
  expect(confirmed[0]).toMatchObject({ paperEnd: true });
});

test('a barrier counts alone, within a whole status or beside one, and not with others', async () => {
  const alone = bench({ asksStatus: false });
  alone.hear(0x10, 0x00, 0x00, 0x00, 0x00);
  await alone.clock.advance(50);
  expect([alone.confirmed.length, alone.doubts.length]).toEqual([1, 0]);
  const several = bench({ asksStatus: false });
  several.hear(0x00, 0x0c);
  await several.clock.advance(49);
  expect(several.doubts).toEqual([]);
  await several.clock.advance(1);
  expect([several.confirmed.length, several.doubts.length]).toEqual([0, 1]);
});

test('a barrier answered for one receipt confirms nothing once the known point is lost', async () => {
  const blind = bench({ asksStatus: false });
  blind.hear(0x00);
  blind.line.again();
  await blind.clock.advance(1_000);
  expect([blind.confirmed.length, blind.doubts.length]).toEqual([0, 0]);

  const asking = bench();
  asking.hear(0x00);
  await asking.clock.advance(50);
  asking.line.again();
  asking.hear(FINE, FINE, FINE, FINE, FINE, FINE, FINE, FINE);
  expect(asking.confirmed).toEqual([]);
});

test('a question waits for every receipt that is still being written', async () => {
  const { clock, hold, line, hear, sent } = bench({ automaticStatus: false, model: 'known' });
  hear(FINE, FINE, FINE, FINE);
  const first = hold();
  void line.send(Uint8Array.of(0x41));
  const second = hold();
  void line.send(Uint8Array.of(0x42));
  await clock.advance(600);
  const before = sent.length;
  first();
  await clock.advance(600);
  expect(sent.slice(before)).toEqual([]);
  second();
  await clock.advance(0);
  expect(sent.slice(before)).toEqual(['100401']);
});
