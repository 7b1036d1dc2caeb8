/** The paper in the simulated printer: carries out parsed commands and collects what is drawn. Pure but for its state. */

import { type Align, type DrawnElement, GLYPH_DOTS, LINE_DOTS, type TextRun } from '../document/index.ts';
import type { PrinterCommand } from '../esc-pos/index.ts';

const ALIGN: readonly Align[] = ['left', 'center', 'right'];

const PLAIN = { bold: false, underline: false, inverted: false, width: 1, height: 1 };
const FRESH = {
  align: 'left' as Align,
  qrDots: 3,
  qrData: '',
  barcodeDots: 162,
  barcodeModule: 3,
  style: PLAIN,
};

const heightOf = (runs: readonly TextRun[]): number =>
  Math.max(LINE_DOTS, ...runs.map((run) => run.height * GLYPH_DOTS));

export const createPaper = (columns: number) => {
  let state = FRESH;
  let runs: TextRun[] = [];
  let used = 0;
  let drawn: DrawnElement[] = [];

  const endLine = (): void => {
    drawn.push({ kind: 'line', align: state.align, runs, dots: heightOf(runs) });
    runs = [];
    used = 0;
  };

  const write = (text: string, width: number): void => {
    if (used + width > columns) endLine();
    used += width;
    const last = runs.at(-1);
    const { bold, underline, inverted, width: w, height: h } = state.style;
    const same =
      last?.bold === bold &&
      last.underline === underline &&
      last.inverted === inverted &&
      last.width === w &&
      last.height === h;
    if (same) runs[runs.length - 1] = { ...last, text: last.text + text };
    else runs.push({ text, ...state.style });
  };

  const draw = (element: DrawnElement): void => {
    if (runs.length > 0) endLine();
    drawn.push(element);
  };

  return {
    /** How far the paper moves for this command, in dots; the time it takes follows from it. */
    travel(command: PrinterCommand): number {
      switch (command.kind) {
        case 'line-feed':
          return heightOf(runs);
        case 'feed':
          return command.lines * LINE_DOTS;
        case 'qr-print':
          return state.qrDots * 33;
        case 'barcode':
          return state.barcodeDots + GLYPH_DOTS;
        case 'raster':
          return command.image.height;
        case 'cut':
          return LINE_DOTS * 4;
        default:
          return 0;
      }
    },
    apply(command: PrinterCommand): void {
      const { align } = state;
      switch (command.kind) {
        case 'character':
          write(command.text, command.columns * state.style.width);
          return;
        case 'line-feed':
          endLine();
          return;
        case 'initialise':
          // What has not been printed of the line is forgotten with the settings.
          runs = [];
          used = 0;
          state = FRESH;
          return;
        case 'feed':
          draw({ kind: 'feed', dots: command.lines * LINE_DOTS });
          return;
        case 'align':
          if (runs.length === 0) state = { ...state, align: ALIGN[command.value] ?? 'left' };
          return;
        case 'bold':
          state = { ...state, style: { ...state.style, bold: command.on } };
          return;
        case 'underline':
          state = { ...state, style: { ...state.style, underline: command.on } };
          return;
        case 'invert':
          state = { ...state, style: { ...state.style, inverted: command.on } };
          return;
        case 'size':
          state = { ...state, style: { ...state.style, width: command.width, height: command.height } };
          return;
        case 'qr-size':
          state = { ...state, qrDots: command.dots };
          return;
        case 'qr-store':
          state = { ...state, qrData: command.data };
          return;
        case 'qr-print':
          draw({ kind: 'qr', align, data: state.qrData, moduleDots: state.qrDots });
          return;
        case 'barcode-height':
          state = { ...state, barcodeDots: command.dots };
          return;
        case 'barcode-width':
          state = { ...state, barcodeModule: command.dots };
          return;
        case 'barcode':
          draw({
            kind: 'barcode',
            align,
            data: command.data,
            moduleDots: state.barcodeModule,
            dots: state.barcodeDots,
          });
          return;
        case 'raster':
          draw({ kind: 'raster', align, image: command.image });
          return;
        case 'automatic-status':
        case 'paper-status':
        case 'identity':
        case 'cut':
          return;
        default:
          command satisfies never;
      }
    },
    /** Settings back to those of power-on; what is printed stays on the paper. */
    powerCycle(): void {
      if (runs.length > 0) endLine();
      state = FRESH;
    },
    /** Takes what was drawn since the last cut. */
    cutOff(): readonly DrawnElement[] {
      if (runs.length > 0) endLine();
      const slip = drawn;
      drawn = [];
      return slip;
    },
  };
};

export type Paper = ReturnType<typeof createPaper>;
