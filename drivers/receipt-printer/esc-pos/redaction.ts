/**
 * A recorded session without the words of its receipts: text, codes and pictures are replaced by fillers of the same
 * length and kind, so that the recording still is a valid session; commands and status stay. Pure but for its state.
 */

import type { RedactedStream, Redaction } from '../../recording/index.ts';

/** Takes each byte, gives what may be written in its place. */
type Redactor = Generator<number, never, number>;
type Part = Generator<number, number, number>;

const LETTER = 0x78;
const DIGIT = 0x30;
/** U+25A1, a white square, in two bytes of GB 2312. */
const SQUARE = [0xa1, 0xf5] as const;

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;

/** Letters become one letter, digits one digit; spaces, rules and punctuation say nothing of anybody. */
const plain = (byte: number): number => {
  const upper = byte | 0x20;
  if (isDigit(byte)) return DIGIT;
  return (upper >= 0x61 && upper <= 0x7a) || byte > 0x7e ? LETTER : byte;
};

// Each part gives the replacement of the byte it was begun with, takes what follows, and ends with the last one's.

/** `count` parameter bytes, kept; ends with the replacement of the last. */
function* kept(first: number, count: number): Part {
  let byte = first;
  for (let left = count; left > 0; left -= 1) byte = yield byte;
  return byte;
}

/** `count` bytes of data, each replaced; ends with the replacement of the last. */
function* replaced(current: number, count: number, by: number): Part {
  let out = current;
  for (let left = count; left > 0; left -= 1) {
    yield out;
    out = by;
  }
  return out;
}

/** GS ( k: the data of a stored code is replaced, the settings of one are kept; any other GS ( is replaced. */
function* symbol(current: number): Part {
  const which = yield current;
  const low = yield which;
  const high = yield low;
  const length = low + high * 256;
  if (which !== 0x6b) return yield* replaced(high, length, 0);
  let out = high;
  let stores = length > 4;
  for (let at = 0; at < length; at += 1) {
    const byte = yield out;
    if (at === 1) stores ||= byte === 0x50;
    out = at < 3 || !stores ? byte : LETTER;
  }
  return out;
}

/** GS k: the marks of the code sets are kept; pairs of digits become 00. */
function* barcode(current: number): Part {
  const type = yield current;
  const length = yield type;
  let out = length;
  let set = 0x42;
  let marked = false;
  for (let left = length; left > 0; left -= 1) {
    const byte = yield out;
    if (marked) {
      const isMark = byte === 0x41 || byte === 0x42 || byte === 0x43;
      if (isMark) set = byte;
      out = byte;
      marked = false;
    } else if (byte === 0x7b) {
      marked = true;
      out = byte;
    } else out = set === 0x43 ? 0 : plain(byte) === DIGIT ? DIGIT : LETTER;
  }
  return out;
}

function* picture(current: number): Part {
  const zero = yield current;
  const mode = yield zero;
  const xLow = yield mode;
  const xHigh = yield xLow;
  const yLow = yield xHigh;
  const yHigh = yield yLow;
  return yield* replaced(yHigh, (xLow + xHigh * 256) * (yLow + yHigh * 256), 0);
}

function* escapeCommand(current: number): Part {
  const which = yield current;
  // ESC @ has no parameter, every other command that is sent has one.
  return yield* kept(which, which === 0x40 ? 0 : 1);
}

function* groupCommand(current: number): Part {
  const which = yield current;
  if (which === 0x28) return yield* symbol(which);
  if (which === 0x6b) return yield* barcode(which);
  if (which === 0x76) return yield* picture(which);
  if (which !== 0x56) return yield* kept(which, 1);
  const mode = yield which;
  return mode === 0x41 || mode === 0x42 ? yield mode : mode;
}

/** Two bytes, or four when the second is a digit (GB 18030). */
function* chinese(): Part {
  const second = yield SQUARE[0];
  if (!isDigit(second)) return SQUARE[1];
  yield DIGIT;
  yield SQUARE[0];
  return DIGIT;
}

function* session(): Redactor {
  let out = 0;
  for (;;) {
    const byte: number = yield out;
    if (byte === 0x1b) out = yield* escapeCommand(byte);
    else if (byte === 0x1d) out = yield* groupCommand(byte);
    else if (byte === 0x1c) out = yield* kept(byte, 1);
    else if (byte === 0x10) out = yield* kept(byte, 2);
    else if (byte >= 0x81 && byte <= 0xfe) out = yield* chinese();
    else out = plain(byte);
  }
}

const outgoing = (): RedactedStream => {
  const running = session();
  running.next();
  return {
    push: (chunk) => [chunk.map((byte) => running.next(byte).value)],
    end: () => [],
  };
};

/** What a printer says is status, and its model's name. */
const incoming = (): RedactedStream => ({ push: (chunk) => [chunk.slice()], end: () => [] });

export const receiptRedaction = (): Redaction => ({ input: incoming(), output: outgoing() });
