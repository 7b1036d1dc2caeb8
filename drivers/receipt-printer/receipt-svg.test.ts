import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../device.ts';
import { code128Widths } from './code128.ts';
import type { PrintedReceipt } from './drawn.ts';
import { encodeReceipt } from './esc-pos.ts';
import { paint } from './raster.ts';
import { type DrawQr, renderReceiptSvg } from './receipt-svg.ts';
import { simulateReceiptPrinter } from './simulator.ts';
import { sampleReceipt } from './testing/sample-receipt.ts';

const drawQr: DrawQr = () => ({ size: 21, isDark: (x, y) => (x + y) % 2 === 0 });

const printed = (extra: readonly string[] = []): PrintedReceipt => {
  const slips: PrintedReceipt[] = [];
  const printer = simulateReceiptPrinter({ clock: systemClock, columns: 48, speedMmPerSecond: 0 });
  printer.onReceipt((slip) => slips.push(slip));
  const bytes = encodeReceipt(sampleReceipt(extra), { columns: 48 });
  if (bytes.ok) printer.receive(bytes.value);
  const [slip] = slips;
  if (!slip) throw new Error('no slip came out');
  return slip;
};

test('markup in the text stays text', () => {
  const svg = renderReceiptSvg(printed(['<script>&"\'']), { drawQr });
  expect(svg).not.toContain('<script');
  expect(svg).toContain('&#60;script&#62;&#38;&#34;&#39;');
});

test('an image is drawn dot by dot', () => {
  const image = paint(8, 2, (x, y) => y === 1 && x >= 2 && x < 5);
  const receipt: PrintedReceipt = {
    id: 'r',
    at: 0,
    columns: 48,
    lines: [{ kind: 'raster', align: 'left', image }],
  };
  expect(renderReceiptSvg(receipt, { drawQr })).toContain('d="M2 1h3v1h-3z"');
});

const tool = (name: string): boolean => {
  try {
    execFileSync('which', [name], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};
const note = tool('zbarimg') ? '' : ' (skipped: no zbarimg here)';

/** A barcode as a grey picture: 3 dots a module, a quiet zone on both sides. */
const picture = (widths: readonly number[]): Buffer => {
  const modules = widths.flatMap((width, index) => new Array<number>(width).fill(index % 2 === 0 ? 0 : 255));
  const quiet = new Array<number>(12).fill(255);
  const row = Buffer.from([...quiet, ...modules, ...quiet].flatMap((grey) => [grey, grey, grey]));
  const header = Buffer.from(`P5 ${row.length} 80 255\n`);
  return Buffer.concat([header, ...new Array<Buffer>(80).fill(row)]);
};

test.skipIf(note !== '')(`an independent reader reads the barcode's bars${note}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'receipt-svg-'));
  try {
    const ascii = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join('');
    for (const data of ['R-0001-000042', ascii.slice(0, 48), ascii.slice(48)]) {
      writeFileSync(join(folder, 'bars.pgm'), picture(code128Widths(data)));
      const read = execFileSync('zbarimg', ['-q', '--raw', join(folder, 'bars.pgm')], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      expect(read.replace(/\n$/, '')).toBe(data);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
