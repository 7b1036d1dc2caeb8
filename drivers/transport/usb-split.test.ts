import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { frameJoiner, splitFrame } from './usb-split.ts';

const PACKET = 64;

/** The packets of a transfer; one that fills its last packet exactly ends in no short one. */
const packets = (bytes: Uint8Array): Uint8Array[] =>
  Array.from({ length: Math.ceil(bytes.length / PACKET) }, (_, i) =>
    bytes.subarray(i * PACKET, (i + 1) * PACKET),
  );

describe('a frame over two pairs of endpoints', () => {
  test('is split where it is told, also when it is shorter', () => {
    expect(splitFrame(Uint8Array.of(1, 2, 3), 2)).toEqual({
      first: Uint8Array.of(1, 2),
      second: Uint8Array.of(3),
    });
    expect(splitFrame(Uint8Array.of(1), 7).second).toHaveLength(0);
  });

  test('is joined in its own order, whichever endpoint is heard first', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.array(fc.uint8Array({ minLength: 13, maxLength: 300 }), { minLength: 1, maxLength: 5 }),
        fc.infiniteStream(fc.boolean()),
        (splitAt, frames, order) => {
          const joiner = frameJoiner(splitAt);
          for (const frame of frames) {
            joiner.asked();
            const { first, second } = splitFrame(frame, splitAt);
            const [heads, bodies] = [packets(first), packets(second)];
            const heard: Uint8Array[] = [];
            while (heads.length + bodies.length > 0) {
              const fromFirst = bodies.length === 0 || (heads.length > 0 && order.next().value === true);
              const packet = (fromFirst ? heads : bodies).shift() ?? new Uint8Array();
              heard.push(
                ...(fromFirst ? joiner.fromFirst(packet) : joiner.fromSecond(packet, packet.length < PACKET)),
              );
            }
            expect(Uint8Array.from(Buffer.concat(heard))).toEqual(frame);
          }
        },
      ),
    );
  });

  test('without a question between is told apart by its head', () => {
    const joiner = frameJoiner(2);
    const body = new Uint8Array(PACKET).fill(9);
    expect(joiner.fromFirst(Uint8Array.of(1, 2))).toEqual([Uint8Array.of(1, 2)]);
    expect(joiner.fromSecond(body, false)).toEqual([body]);
    expect(joiner.fromFirst(Uint8Array.of(3, 4))).toEqual([Uint8Array.of(3, 4)]);
    expect(joiner.fromSecond(Uint8Array.of(5), true)).toEqual([Uint8Array.of(5)]);
    expect(joiner.fromSecond(Uint8Array.of(6), true)).toEqual([]);
  });

  test('that came too late for its question is dropped, and wiped', () => {
    const joiner = frameJoiner(2);
    const late = Uint8Array.of(7, 7);
    expect(joiner.fromSecond(late, true)).toEqual([]);
    joiner.asked();
    expect(late).toEqual(Uint8Array.of(0, 0));
    expect(joiner.fromFirst(Uint8Array.of(1, 2))).toEqual([Uint8Array.of(1, 2)]);
  });
});
