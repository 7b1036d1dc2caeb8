/** A receipt as a picture of itself: one that came out of the simulator, or one that has yet to be printed. Pure. */

import { ok, type Result } from '../../device.ts';
import { arrangeReceipt, type EncodeError, type EncodeOptions } from './arrange.ts';
import { GLYPH_DOTS, isBlack, LINE_DOTS } from './bitmap.ts';
import { code128Widths } from './code128.ts';
import { type Align, type Bitmap, DOTS_PER_COLUMN, type ReceiptDocument } from './document.ts';
import {
  type ArrangedElement,
  characterWidth,
  type DrawnElement,
  type PrintedReceipt,
  type TextRun,
} from './drawn.ts';

/** A QR code's modules; the caller brings the library that makes them. */
export type DrawQr = (data: string) => { readonly size: number; isDark(x: number, y: number): boolean };

export interface ReceiptSvgOptions {
  readonly drawQr: DrawQr;
  /** CSS font list; the first must be monospaced with full-width Chinese. */
  readonly fontFamily?: string;
}

const MARGIN = 36;
const DOTS_PER_MM = 8;
const TOOTH = 12;
const INK = '#26262b';

const escapeXml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);

const startOf = (align: Align, width: number, paper: number): number => {
  switch (align) {
    case 'left':
      return 0;
    case 'center':
      return Math.max(0, (paper - width) / 2);
    case 'right':
      return Math.max(0, paper - width);
  }
};

/** Horizontal runs of black dots as one path. */
const dotsPath = (width: number, height: number, black: (x: number, y: number) => boolean): string => {
  let path = '';
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      if (!black(x, y)) continue;
      const from = x;
      while (x + 1 < width && black(x + 1, y)) x += 1;
      path += `M${from} ${y}h${x + 1 - from}v1h${from - x - 1}z`;
    }
  }
  return path;
};

const runWidth = (run: TextRun): number =>
  [...run.text].reduce((sum, character) => sum + characterWidth(character), 0) * run.width * DOTS_PER_COLUMN;

const drawRun = (run: TextRun, left: number, baseline: number): string => {
  // Every character at its own place, as the printer does; spaces are left out because SVG would collapse them.
  const xs: number[] = [];
  let x = 0;
  for (const character of run.text) {
    if (character !== ' ') xs.push(x / run.width);
    x += characterWidth(character) * run.width * DOTS_PER_COLUMN;
  }
  const box = run.inverted
    ? `<rect x="${left}" y="${baseline - 21 * run.height}" width="${x}" height="${GLYPH_DOTS * run.height}" fill="${INK}"/>`
    : '';
  const line = run.underline
    ? `<rect x="${left}" y="${baseline + 2}" width="${x}" height="3" fill="${INK}"/>`
    : '';
  const weight = run.bold ? ' font-weight="700"' : '';
  const fill = run.inverted ? ' fill="#fff"' : '';
  const place = `translate(${left} ${baseline}) scale(${run.width} ${run.height})`;
  return `${box}<text transform="${place}" x="${xs.join(' ')}"${weight}${fill}>${escapeXml(run.text.replaceAll(' ', ''))}</text>${line}`;
};

interface Drawing {
  readonly svg: string;
  readonly height: number;
}

const drawLine = (element: DrawnElement & { kind: 'line' }, top: number, paper: number): Drawing => {
  let left = startOf(
    element.align,
    element.runs.reduce((sum, run) => sum + runWidth(run), 0),
    paper,
  );
  const tallest = Math.max(1, ...element.runs.map((run) => run.height));
  let svg = '';
  for (const run of element.runs) {
    svg += drawRun(run, left, top + 21 * tallest);
    left += runWidth(run);
  }
  return { svg, height: element.dots };
};

const drawImage = (image: Bitmap, align: Align, top: number, paper: number): Drawing => ({
  svg: `<path transform="translate(${startOf(align, image.width, paper)} ${top})" d="${dotsPath(image.width, image.height, (x, y) => isBlack(image, x, y))}"/>`,
  height: image.height,
});

const drawBarcode = (element: DrawnElement & { kind: 'barcode' }, top: number, paper: number): Drawing => {
  const widths = code128Widths(element.data);
  const total = widths.reduce((sum, width) => sum + width, 0) * element.moduleDots;
  const left = startOf(element.align, total, paper);
  let x = left;
  let bars = '';
  for (const [index, width] of widths.entries()) {
    const dots = width * element.moduleDots;
    if (index % 2 === 0) bars += `M${x} ${top}h${dots}v${element.dots}h${-dots}z`;
    x += dots;
  }
  const run = { text: element.data, bold: false, underline: false, inverted: false, width: 1, height: 1 };
  const label = drawRun(run, startOf(element.align, runWidth(run), paper), top + element.dots + 23);
  return { svg: `<path d="${bars}"/>${label}`, height: element.dots + LINE_DOTS };
};

const drawElement = (element: ArrangedElement, top: number, paper: number, drawQr: DrawQr): Drawing => {
  switch (element.kind) {
    case 'line':
      return drawLine(element, top, paper);
    case 'feed':
      return { svg: '', height: element.dots };
    case 'qr': {
      const code = drawQr(element.data);
      const side = code.size * element.moduleDots;
      const place = `translate(${startOf(element.align, side, paper)} ${top}) scale(${element.moduleDots})`;
      return {
        svg: `<path transform="${place}" d="${dotsPath(code.size, code.size, code.isDark)}"/>`,
        height: side,
      };
    }
    case 'barcode':
      return drawBarcode(element, top, paper);
    case 'raster':
      return drawImage(element.image, element.align, top, paper);
    case 'cut':
      return {
        svg: `<path d="M0 ${top + LINE_DOTS / 2}h${paper}" stroke="${INK}" stroke-dasharray="8 8"/>`,
        height: LINE_DOTS,
      };
    default:
      return element satisfies never;
  }
};

/** The slip's outline: straight sides, torn above and below. */
const outline = (width: number, height: number): string => {
  const teeth = Math.round(width / TOOTH);
  const step = width / teeth;
  const tear = (direction: 1 | -1): string =>
    Array.from(
      { length: teeth },
      () => `l${(direction * step) / 2} ${-direction * 5}l${(direction * step) / 2} ${direction * 5}`,
    ).join('');
  return `M0 6${tear(1)}V${height - 6}${tear(-1)}Z`;
};

const picture = (lines: readonly ArrangedElement[], paper: number, options: ReceiptSvgOptions): string => {
  const { drawQr, fontFamily = "'Noto Sans Mono CJK SC','Noto Sans SC',monospace" } = options;
  let top = MARGIN;
  let content = '';
  for (const element of lines) {
    const drawing = drawElement(element, top, paper, drawQr);
    content += drawing.svg;
    top += drawing.height;
  }
  const width = paper + 2 * MARGIN;
  const height = top + MARGIN;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width / DOTS_PER_MM}mm" height="${height / DOTS_PER_MM}mm" ` +
    `viewBox="0 0 ${width} ${height}"><path d="${outline(width, height)}" fill="#fdfcf8" stroke="#d9d6cc"/>` +
    `<g transform="translate(${MARGIN} 0)" fill="${INK}" font-family="${escapeXml(fontFamily)}" font-size="${GLYPH_DOTS}" ` +
    `shape-rendering="crispEdges">${content}</g></svg>`
  );
};

/** A printed receipt as an SVG document, in millimetres of paper; one unit of its view box is one printer dot. */
export const renderReceiptSvg = (
  receipt: Pick<PrintedReceipt, 'columns' | 'lines'>,
  options: ReceiptSvgOptions,
): string => picture(receipt.lines, receipt.columns * DOTS_PER_COLUMN, options);

/**
 * The same picture of a document before it is printed, from the same layout that is sent to the printer; a cut is a
 * dashed line, the last one the paper's edge.
 */
export const previewReceipt = (
  document: ReceiptDocument,
  options: EncodeOptions & ReceiptSvgOptions,
): Result<string, EncodeError> => {
  const arranged = arrangeReceipt(document, options);
  if (!arranged.ok) return arranged;
  const lines = arranged.value.at(-1)?.kind === 'cut' ? arranged.value.slice(0, -1) : arranged.value;
  const { columns, dotsPerLine = columns * DOTS_PER_COLUMN } = options;
  return ok(picture(lines, dotsPerLine, options));
};
