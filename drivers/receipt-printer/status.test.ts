import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createDebouncer, type ReceiptPrinterStatus, toStatus, unknownStatus } from './condition.ts';
import {
  type AnswerEvent,
  createDemultiplexer,
  decodeRealTime,
  type PrinterCondition,
  STATUS_QUERIES,
} from './status.ts';

const FINE = Object.assign(
  {},
  ...STATUS_QUERIES.map((query) => decodeRealTime(query, 0x12)),
) as PrinterCondition;

test('every byte is an answer to each question exactly when its fixed bits say so', () => {
  for (const query of STATUS_QUERIES) {
    for (let byte = 0; byte < 256; byte += 1) {
      const decoded = decodeRealTime(query, byte);
      const fixed = (byte & 1) === 0 && (byte & 2) === 2 && (byte & 16) === 16 && (byte & 128) === 0;
      expect(decoded !== null).toBe(fixed);
      if (!decoded) continue;
      const status = toStatus({ ...FINE, ...decoded });
      const b = (index: number) => ((byte >> index) & 1) === 1;
      const expected: ReceiptPrinterStatus = {
        device: 'online',
        paper: 'full',
        cover: 'closed',
        cutter: 'ok',
      };
      if (query === 1 && b(3)) Object.assign(expected, { device: 'offline' });
      if (query === 2) {
        if (b(6)) Object.assign(expected, { device: 'hardwareError' });
        if (b(2) || b(5)) Object.assign(expected, { device: 'userError' });
        if (b(2)) Object.assign(expected, { cover: 'open' });
        if (b(5)) Object.assign(expected, { paper: 'out' });
      }
      if (query === 3) {
        if (b(2) || b(3) || b(5) || b(6)) Object.assign(expected, { device: 'hardwareError' });
        if (b(2)) Object.assign(expected, { paper: 'jammed' });
        if (b(3)) Object.assign(expected, { cutter: 'fault' });
      }
      if (query === 4) {
        if (b(2) || b(3)) Object.assign(expected, { paper: 'low' });
        if (b(5) || b(6)) Object.assign(expected, { paper: 'out', device: 'userError' });
      }
      expect({ query, byte, ...status }).toEqual({ query, byte, ...expected });
    }
  }
  expect(decodeRealTime(1, 0x112)).toBeNull();
  expect(decodeRealTime(1, 18.5)).toBeNull();
});

const matching = (mask: number, value: number) =>
  Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => (byte & mask) === value);
const realTime = fc.constantFrom(...matching(0x93, 0x12));
const plain = fc.constantFrom(...matching(0x90, 0x00));
const noise = fc.constantFrom(0x11, 0x13, 0x80, 0xff);
const automatic = fc.tuple(fc.constantFrom(...matching(0x93, 0x10)), plain, plain, plain);

test('answers are told apart in any order and any split', () => {
  const message = fc.oneof(
    realTime.map((byte) => ({ kind: 'real-time' as const, bytes: [byte] })),
    plain.map((byte) => ({ kind: 'barrier' as const, bytes: [byte] })),
    noise.map((byte) => ({ kind: 'noise' as const, bytes: [byte] })),
    automatic.map((bytes) => ({ kind: 'automatic' as const, bytes: [...bytes] })),
  );
  fc.assert(
    fc.property(fc.array(message), fc.integer({ min: 1, max: 5 }), (messages, size) => {
      const bytes = messages.flatMap((each) => each.bytes);
      const demultiplexer = createDemultiplexer();
      const events: AnswerEvent[] = [];
      for (let at = 0; at < bytes.length; at += size) {
        events.push(...demultiplexer.feed(Uint8Array.from(bytes.slice(at, at + size))));
      }
      expect(events.map((event) => event.kind)).toEqual(messages.map((each) => each.kind));
    }),
  );
});

test('a real-time answer may interrupt automatic status', () => {
  const events = createDemultiplexer().feed(Uint8Array.of(0x18, 0x12, 0x08, 0x0f, 0x00, 0x00));
  expect(events).toEqual([
    { kind: 'real-time', byte: 0x12 },
    {
      kind: 'automatic',
      condition: {
        offline: true,
        coverOpen: false,
        mechanicalError: false,
        cutterError: true,
        unrecoverableError: false,
        selfClearingError: false,
        paperNearEnd: true,
        paperEnd: true,
      },
    },
    { kind: 'barrier' },
  ]);
});

test('every byte is taken for exactly one kind of answer', () => {
  for (let byte = 0; byte < 256; byte += 1) {
    const events = createDemultiplexer().feed(Uint8Array.of(byte));
    const kind = events[0]?.kind ?? 'automatic';
    const expected =
      (byte & 0x93) === 0x12
        ? 'real-time'
        : (byte & 0x93) === 0x10
          ? 'automatic'
          : (byte & 0x90) === 0
            ? 'barrier'
            : 'noise';
    expect(kind).toBe(expected);
  }
});

test('trouble is reported at once, being ready only when said twice', () => {
  const ready = toStatus(FINE);
  const open = toStatus({ ...FINE, coverOpen: true });
  const low = toStatus({ ...FINE, paperNearEnd: true });
  const debounce = createDebouncer();
  expect(debounce(unknownStatus('starting'), ready)).toEqual(ready);
  expect(debounce(ready, open)).toEqual(open);
  expect(debounce(open, ready)).toBeNull();
  expect(debounce(open, open)).toBeNull();
  expect(debounce(open, ready)).toBeNull();
  expect(debounce(open, ready)).toEqual(ready);
  expect(debounce(ready, low)).toBeNull();
  expect(debounce(ready, ready)).toBeNull();
  expect(debounce(ready, low)).toBeNull();
  expect(debounce(ready, low)).toEqual(low);
});
