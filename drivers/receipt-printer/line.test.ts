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
  const link = {
    onData: ends.onData,
    onClose: ends.onClose,
    write: async (bytes: Uint8Array) => void sent.push(Buffer.from(bytes).toString('hex')),
    close: async () => ends.end('closed'),
  };
  openLine({
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
