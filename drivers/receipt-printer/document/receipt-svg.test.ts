import { expect, test } from 'vitest';
import { systemClock } from '../../device.ts';
import { encodeReceipt } from '../esc-pos/index.ts';
import { simulateReceiptPrinter } from '../simulator/index.ts';
import { sampleReceipt } from '../testing/sample-receipt.ts';
import { paint } from './bitmap.ts';
import type { PrintedReceipt } from './drawn.ts';
import { type DrawQr, previewReceipt, renderReceiptSvg } from './receipt-svg.ts';

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

test('the preview of a document is the picture of what is then printed', () => {
  const preview = previewReceipt(sampleReceipt(['<b>']), { columns: 48, drawQr });
  expect(preview).toEqual({ ok: true, value: renderReceiptSvg(printed(['<b>']), { drawQr }) });
});

test('a preview says what cannot be printed, and shows cuts within', () => {
  const options = { columns: 48, drawQr };
  expect(previewReceipt({ lines: [{ kind: 'text', text: '𠮷' }] }, options)).toEqual({
    ok: false,
    error: { reason: 'missing-glyph', codePoint: 0x20bb7 },
  });
  const two = previewReceipt(
    { lines: [{ kind: 'text', text: 'a' }, { kind: 'cut' }, { kind: 'text', text: 'b' }, { kind: 'cut' }] },
    options,
  );
  expect(two.ok && two.value.match(/stroke-dasharray/g)).toHaveLength(1);
});
