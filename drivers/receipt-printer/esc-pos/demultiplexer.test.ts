import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type AnswerEvent, createDemultiplexer } from './demultiplexer.ts';
import { NOTHING_WRONG } from './status.ts';

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
        ...NOTHING_WRONG,
        offline: true,
        cutterError: true,
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

test('automatic status interrupted by any answers: never more barriers told than came in, and none lost', () => {
  /** Whole packets, each with what stands between its bytes. */
  const between = fc.array(
    fc.oneof(
      realTime.map((byte) => ({ byte, barrier: false })),
      plain.map((byte) => ({ byte, barrier: true })),
    ),
    { maxLength: 3 },
  );
  const packet = fc
    .tuple(automatic, fc.tuple(between, between, between, between))
    .map(([bytes, gaps]) =>
      bytes.flatMap((byte, index) => [{ byte, barrier: false }, ...(gaps[index] ?? [])]),
    );
  fc.assert(
    fc.property(fc.array(packet, { maxLength: 6 }), (packets) => {
      const demultiplexer = createDemultiplexer();
      let came = 0;
      let told = 0;
      let realTimeCame = 0;
      let realTimeTold = 0;
      for (const { byte, barrier } of packets.flat()) {
        came += barrier ? 1 : 0;
        realTimeCame += (byte & 0x93) === 0x12 ? 1 : 0;
        for (const event of demultiplexer.feed(Uint8Array.of(byte))) {
          told += event.kind === 'barrier' ? 1 : 0;
          realTimeTold += event.kind === 'real-time' ? 1 : 0;
        }
        expect(told).toBeLessThanOrEqual(came);
        expect(realTimeTold).toBe(realTimeCame);
      }
      expect(told).toBe(came);
    }),
  );
});

test("the model's name is taken for nothing else, and nothing else for it", () => {
  const demultiplexer = createDemultiplexer();
  const name = Uint8Array.from([0x5f, ...Buffer.from('TM-T88 048<PX'), 0x00]);
  expect(demultiplexer.feed(name).some(({ kind }) => kind === 'model')).toBe(false);
  const asked = createDemultiplexer();
  asked.expectModel();
  expect(asked.feed(name)).toEqual([{ kind: 'model', name: 'TM-T88 048<PX' }]);
  expect(asked.feed(Uint8Array.of(0x00))).toEqual([{ kind: 'barrier' }]);
  asked.expectModel();
  expect(asked.feed(Uint8Array.of(0x5f, 0x41, 0x12, 0x42, 0x00))).toEqual([
    { kind: 'real-time', byte: 0x12 },
    { kind: 'model', name: 'AB' },
  ]);
});
