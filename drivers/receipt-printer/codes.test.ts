import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import qrcode from 'qrcode';
import { expect, test } from 'vitest';
import { systemClock } from '../device.ts';
import { code128Segments } from './document/code128.ts';
import type { DrawQr, PrintedReceipt, ReceiptElement } from './document/index.ts';
import { encodeReceipt } from './esc-pos/index.ts';
import { simulateReceiptPrinter } from './simulator/index.ts';
import { paperPicture } from './testing/paper-picture.ts';

/** A printer makes the code from the data by itself; the simulated one has this library for it. */
const drawQr: DrawQr = (data) => {
  const { modules } = qrcode.create([{ data: new TextEncoder().encode(data), mode: 'byte' }], {
    errorCorrectionLevel: 'M',
  });
  return { size: modules.size, isDark: (x, y) => modules.get(y, x) === 1 };
};

const printed = (...lines: ReceiptElement[]): PrintedReceipt => {
  const slips: PrintedReceipt[] = [];
  const printer = simulateReceiptPrinter({ clock: systemClock, columns: 48, speedMmPerSecond: 0 });
  printer.onReceipt((slip) => slips.push(slip));
  const bytes = encodeReceipt({ lines: [...lines, { kind: 'cut' }] }, { columns: 48 });
  if (!bytes.ok) throw new Error(bytes.error.reason);
  printer.receive(bytes.value);
  const [slip] = slips;
  if (!slip) throw new Error('no slip came out');
  return slip;
};

const note = spawnSync('zbarimg', ['--version']).status === 0 ? '' : ' (skipped: no zbarimg here)';

/** What an independent reader finds on the paper: kind and data. */
const read = (receipt: PrintedReceipt): string[] => {
  const folder = mkdtempSync(join(tmpdir(), 'receipt-codes-'));
  try {
    const file = join(folder, 'paper.pgm');
    writeFileSync(file, paperPicture(receipt, drawQr));
    return execFileSync('zbarimg', ['-q', file], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
      .replace(/\n$/, '')
      .split('\n')
      .sort();
  } finally {
    rmSync(folder, { recursive: true });
  }
};

test.skipIf(note !== '')(
  `both codes are read back from the drawn receipt by a reader we did not write${note}`,
  () => {
    const receipt = printed(
      { kind: 'text', text: '请妥善保管' },
      { kind: 'qr', data: 'https://verify.example/r/0001-000042?name=居民', size: 6 },
      { kind: 'feed', lines: 2 },
      { kind: 'code128', data: 'R-0001-000042' },
    );
    expect(read(receipt)).toEqual([
      'CODE-128:R-0001-000042',
      'QR-Code:https://verify.example/r/0001-000042?name=居民',
    ]);
  },
);

const ascii = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join('');
const BARCODES = [
  ...(ascii.match(/.{1,19}/g) ?? []),
  '20260101000042',
  '123',
  'A1234567B',
  'AB123456',
].concat(['1234AB', 'x12345678901y', '0010042010', '1604', '16051620', '{{12}}']);

test.skipIf(note !== '')(`barcodes in both code sets are read back${note}`, () => {
  for (const data of BARCODES) {
    expect(read(printed({ kind: 'code128', data, align: 'center' }))).toEqual([`CODE-128:${data}`]);
  }
});

test.skipIf(note !== '')(`QR codes of any length and module size are read back${note}`, () => {
  for (const [length, size] of [
    [1, 10],
    [120, 8],
    [700, 4],
  ] as const) {
    const data = 'HM1:abcdefghijklmnopqrstuvwxyz0123456789'.repeat(20).slice(0, length);
    expect(read(printed({ kind: 'qr', data, size }))).toEqual([`QR-Code:${data}`]);
  }
});

test('long runs of digits go in pairs, unless the pairs would be a real-time command', () => {
  const sets = (data: string) => code128Segments(data).map(({ set, text }) => `${set}:${text}`);
  expect(sets('R-0001')).toEqual(['B:R-', 'C:0001']);
  expect(sets('123456A')).toEqual(['C:123456', 'B:A']);
  expect(sets('A1234B')).toEqual(['B:A1234B']);
  expect(sets('A1234567B')).toEqual(['B:A1', 'C:234567', 'B:B']);
  expect(sets('12345')).toEqual(['B:1', 'C:2345']);
  expect(sets('123')).toEqual(['B:123']);
  expect(sets('1604')).toEqual(['B:1604']);
  expect(sets('A160512B')).toEqual(['B:A160512B']);
  expect(sets('1616')).toEqual(['C:1616']);
});

test('a barcode that is wider than the paper is refused: a printer would print nothing', () => {
  const encode = (data: string, columns: number) =>
    encodeReceipt({ lines: [{ kind: 'code128', data }] }, { columns });
  expect(encode('abcdefghijklmnopqrstuvw', 48).ok).toBe(true);
  expect(encode('abcdefghijklmnopqrstuvwx', 48)).toEqual({ ok: false, error: { reason: 'invalid-code128' } });
  expect(encode('abcdefghijklmnopqrstuvw', 32).ok).toBe(false);
});
