/**
 * ESC/POS as a printer reads it: one byte at a time, split anywhere. Written from the command tables, not from the
 * encoder, so that each can find the other's mistakes. Pure.
 */

import type { Bitmap, CutMode } from '../document/index.ts';

export type PrinterCommand =
  | { readonly kind: 'character'; readonly text: string; readonly columns: 1 | 2 }
  | { readonly kind: 'line-feed' }
  | { readonly kind: 'initialise' }
  | { readonly kind: 'feed'; readonly lines: number }
  | { readonly kind: 'align'; readonly value: number }
  | { readonly kind: 'bold' | 'underline' | 'invert'; readonly on: boolean }
  | { readonly kind: 'size'; readonly width: number; readonly height: number }
  | { readonly kind: 'qr-size'; readonly dots: number }
  | { readonly kind: 'qr-store'; readonly data: string }
  | { readonly kind: 'qr-print' }
  | { readonly kind: 'barcode-height' | 'barcode-width'; readonly dots: number }
  | { readonly kind: 'barcode'; readonly data: string }
  | { readonly kind: 'raster'; readonly image: Bitmap }
  | { readonly kind: 'automatic-status'; readonly mask: number }
  | { readonly kind: 'paper-status' }
  | { readonly kind: 'identity'; readonly which: number }
  | { readonly kind: 'cut'; readonly mode: CutMode };

type Reader = Generator<PrinterCommand | null, never, number>;
type Part = Generator<PrinterCommand | null, PrinterCommand | null, number>;

/** A picture larger than this is read past but not kept: a printer's memory has an end. */
const MAX_PICTURE_BYTES = 1 << 20;

const utf8 = new TextDecoder('utf-8');
const gb18030 = new TextDecoder('gb18030');

function* bytes(count: number): Generator<null, Uint8Array, number> {
  const kept = new Uint8Array(Math.min(count, MAX_PICTURE_BYTES));
  for (let at = 0; at < count; at += 1) {
    const byte: number = yield null;
    if (at < kept.length) kept[at] = byte;
  }
  return kept;
}

function* number16(): Generator<null, number, number> {
  const low = yield null;
  const high = yield null;
  return low + high * 256;
}

function* escapeCommand(): Part {
  switch (yield null) {
    case 0x40:
      return { kind: 'initialise' };
    case 0x61:
      return { kind: 'align', value: (yield null) % 0x30 };
    case 0x45:
      return { kind: 'bold', on: ((yield null) & 1) === 1 };
    case 0x2d:
      return { kind: 'underline', on: (yield null) % 0x30 !== 0 };
    case 0x64:
      return { kind: 'feed', lines: yield null };
    case 0x74:
      yield null;
      return null;
    default:
      return null;
  }
}

/** GS ( k: two-dimensional codes; only QR (cn = 31) is known. */
function* symbol(): Part {
  const length = yield* number16();
  const data = yield* bytes(length);
  if (data[0] !== 0x31) return null;
  switch (data[1]) {
    case 0x43:
      return { kind: 'qr-size', dots: data[2] ?? 3 };
    case 0x50:
      return { kind: 'qr-store', data: utf8.decode(data.subarray(3)) };
    case 0x51:
      return { kind: 'qr-print' };
    default:
      return null;
  }
}

/** GS k 73: CODE128 with its length. In set B `{{` is a brace, in set C a byte is a pair of digits. */
function* barcode(): Part {
  const type = yield null;
  const length = yield null;
  const codes = yield* bytes(length);
  if (type !== 0x49) return null;
  let set = '';
  let data = '';
  for (let at = 0; at < codes.length; at += 1) {
    const code = codes[at] ?? 0;
    if (code === 0x7b) {
      at += 1;
      const mark = String.fromCharCode(codes[at] ?? 0);
      if (mark === '{') data += '{';
      else set = mark;
    } else if (set === 'C') data += String(code).padStart(2, '0');
    else data += String.fromCharCode(code);
  }
  return set === '' ? null : { kind: 'barcode', data };
}

function* picture(): Part {
  yield null;
  yield null;
  const stride = yield* number16();
  const height = yield* number16();
  const data = yield* bytes(stride * height);
  if (data.length < stride * height) return null;
  return { kind: 'raster', image: { width: stride * 8, height, data } };
}

function* cut(): Part {
  const mode = yield null;
  if (mode === 0x41 || mode === 0x42) yield null;
  else if (mode > 1 && mode !== 0x30 && mode !== 0x31) return null;
  return { kind: 'cut', mode: mode === 0x42 || mode === 0x01 || mode === 0x31 ? 'partial' : 'full' };
}

function* groupCommand(): Part {
  switch (yield null) {
    case 0x21: {
      const size = yield null;
      return { kind: 'size', width: ((size >> 4) & 7) + 1, height: (size & 7) + 1 };
    }
    case 0x42:
      return { kind: 'invert', on: ((yield null) & 1) === 1 };
    case 0x28: {
      const which = yield null;
      if (which === 0x6b) return yield* symbol();
      yield* bytes(yield* number16());
      return null;
    }
    case 0x48:
      yield null;
      return null;
    case 0x68:
      return { kind: 'barcode-height', dots: yield null };
    case 0x77:
      return { kind: 'barcode-width', dots: yield null };
    case 0x6b:
      return yield* barcode();
    case 0x76:
      return yield* picture();
    case 0x56:
      return yield* cut();
    case 0x61:
      return { kind: 'automatic-status', mask: yield null };
    case 0x49:
      return { kind: 'identity', which: yield null };
    case 0x72:
      yield null;
      return { kind: 'paper-status' };
    default:
      return null;
  }
}

/** A Chinese character: two bytes, or four when the second is a digit (GB 18030-2022). */
function* chinese(first: number): Part {
  const second = yield null;
  const four = second >= 0x30 && second <= 0x39;
  const code = four ? [first, second, yield null, yield null] : [first, second];
  return { kind: 'character', text: gb18030.decode(Uint8Array.from(code)), columns: 2 };
}

function* reader(): Reader {
  let found: PrinterCommand | null = null;
  let chineseMode = false;
  for (;;) {
    const byte: number = yield found;
    found = null;
    if (byte === 0x0a) found = { kind: 'line-feed' };
    else if (byte === 0x1b) found = yield* escapeCommand();
    else if (byte === 0x1d) found = yield* groupCommand();
    else if (byte === 0x1c) {
      const mode: number = yield null;
      if (mode === 0x26 || mode === 0x2e) chineseMode = mode === 0x26;
    } else if (byte === 0x10) {
      // Real-time commands were carried out when they arrived; here they are only read past.
      yield null;
      yield null;
    } else if (byte >= 0x81 && byte <= 0xfe && chineseMode) found = yield* chinese(byte);
    else if (byte >= 0x20 && byte !== 0x7f) {
      found = { kind: 'character', text: byte < 0x7f ? String.fromCharCode(byte) : '?', columns: 1 };
    }
    if (found?.kind === 'initialise') chineseMode = false;
  }
}

/** Fed with bytes, gives the commands that they complete. */
export interface CommandParser {
  feed(byte: number): PrinterCommand | null;
}

export const createCommandParser = (): CommandParser => {
  const running = reader();
  running.next();
  return { feed: (byte) => running.next(byte).value };
};
