/** The printed paper as grey pixels, dot by dot, for readers of codes that we did not write. */

import { isBlack } from '../document/bitmap.ts';
import {
  type Align,
  code128Widths,
  DOTS_PER_COLUMN,
  type DrawnElement,
  type DrawQr,
  type PrintedReceipt,
} from '../document/index.ts';

const MARGIN = 48;
const LABEL_DOTS = 30;

interface Block {
  readonly width: number;
  readonly height: number;
  readonly align: Align;
  /** Blank paper below. */
  readonly below: number;
  black(x: number, y: number): boolean;
}

const block = (element: DrawnElement, drawQr: DrawQr): Block => {
  switch (element.kind) {
    case 'line':
    case 'feed':
      return { width: 0, height: 0, align: 'left', below: element.dots, black: () => false };
    case 'qr': {
      const code = drawQr(element.data);
      const side = code.size * element.moduleDots;
      const module = (dot: number): number => Math.floor(dot / element.moduleDots);
      return {
        width: side,
        height: side,
        align: element.align,
        below: 0,
        black: (x, y) => code.isDark(module(x), module(y)),
      };
    }
    case 'barcode': {
      const dots = code128Widths(element.data).flatMap((width, index) =>
        new Array<boolean>(width * element.moduleDots).fill(index % 2 === 0),
      );
      return {
        width: dots.length,
        height: element.dots,
        align: element.align,
        below: LABEL_DOTS,
        black: (x) => dots[x] === true,
      };
    }
    case 'raster':
      return {
        width: element.image.width,
        height: element.image.height,
        align: element.align,
        below: 0,
        black: (x, y) => isBlack(element.image, x, y),
      };
    default:
      return element satisfies never;
  }
};

const START: Record<Align, (free: number) => number> = {
  left: () => 0,
  center: (free) => Math.floor(free / 2),
  right: (free) => free,
};

/** The receipt as a PGM file (Netpbm, 8-bit grey); text is left out, it is in the printer's own font. */
export const paperPicture = (receipt: PrintedReceipt, drawQr: DrawQr): Buffer => {
  const paper = receipt.columns * DOTS_PER_COLUMN;
  const blocks = receipt.lines.map((element) => block(element, drawQr));
  const width = paper + 2 * MARGIN;
  const height = blocks.reduce((sum, each) => sum + each.height + each.below, 2 * MARGIN);
  const pixels = Buffer.alloc(width * height, 0xff);
  let top = MARGIN;
  for (const each of blocks) {
    const left = MARGIN + START[each.align](paper - each.width);
    for (let y = 0; y < each.height; y += 1) {
      for (let x = 0; x < each.width; x += 1) {
        if (each.black(x, y)) pixels[(top + y) * width + left + x] = 0;
      }
    }
    top += each.height + each.below;
  }
  return Buffer.concat([Buffer.from(`P5 ${width} ${height} 255\n`), pixels]);
};
