import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeFrame, FrameParser, SHORTEST_REPLY } from './frame.ts';
import { cuts, pieces } from './testing/pieces.ts';

const body = fc.uint8Array({ minLength: 3, maxLength: 1400 });
/** Any bytes, preambles that lead nowhere among them. */
const noise = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 30 }),
      fc.constant(Uint8Array.of(0xaa, 0xaa, 0xaa)),
      fc
        .uint8Array({ minLength: 2, maxLength: 12 })
        .map((rest) => Uint8Array.of(0xaa, 0xaa, 0xaa, 0x96, 0x69, ...rest)),
    ),
    { maxLength: 4 },
  )
  .map((parts) => new Uint8Array(Buffer.concat(parts)));
/** Noise that cannot begin a frame nor end in the beginning of one. */
const harmlessNoise = fc
  .uint8Array({ maxLength: 60 })
  .map((bytes) => bytes.map((b) => (b === 0xaa ? 0xab : b)));

const parse = (parser: FrameParser, chunks: Uint8Array[]) => chunks.flatMap((chunk) => parser.push(chunk));
const plain = (bodies: Uint8Array[]) => bodies.map((bytes) => Buffer.from(bytes).toString('hex'));

describe('frames', () => {
  test('are found whatever the split and whatever lies between them', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(harmlessNoise, body), { maxLength: 5 }), cuts, (frames, places) => {
        const bytes = Buffer.concat(frames.flatMap(([before, content]) => [before, encodeFrame(content)]));
        const found = parse(new FrameParser(SHORTEST_REPLY), pieces(bytes, places));
        expect(plain(found)).toEqual(plain(frames.map(([, content]) => content)));
      }),
      { numRuns: 300 },
    );
  });

  test('one byte at a time', () => {
    const frame = encodeFrame(Uint8Array.from({ length: 1287 }, (_, i) => (i * 31) & 0xff));
    const found = parse(new FrameParser(SHORTEST_REPLY), pieces(frame, [...frame.keys()]));
    expect(found).toHaveLength(1);
  });

  test('a good frame is not lost behind noise that looks like a frame', () => {
    fc.assert(
      fc.property(noise, body, cuts, (before, content, places) => {
        const parser = new FrameParser(SHORTEST_REPLY);
        const good = encodeFrame(content);
        const bytes = Buffer.concat([before, good]);
        // One false frame in 256 has a right checksum by chance; those say nothing about the parser.
        fc.pre(!hasAccidentalFrame(bytes, before.length));
        const found = [...parse(parser, pieces(bytes, places)), ...parser.quiet()];
        expect(plain(found)).toContain(Buffer.from(content).toString('hex'));
      }),
      { numRuns: 500 },
    );
  });

  test('a frame that is announced and never comes hides the next one only until the line is quiet', () => {
    const parser = new FrameParser(SHORTEST_REPLY);
    const cut = encodeFrame(new Uint8Array(1287)).subarray(0, 700);
    const good = encodeFrame(Uint8Array.of(0, 0, 0x80));
    expect(parser.push(Buffer.concat([cut, good]))).toEqual([]);
    expect(parser.quiet()).toEqual([Uint8Array.of(0, 0, 0x80)]);
    expect(parser.unfinished).toBe(false);
  });

  test('a slow frame survives a quiet line', () => {
    const parser = new FrameParser(SHORTEST_REPLY);
    const frame = encodeFrame(Uint8Array.of(0, 0, 0x90, 1, 2, 3));
    expect(parser.push(frame.subarray(0, 9))).toEqual([]);
    expect(parser.quiet()).toEqual([]);
    expect(parser.push(frame.subarray(9))).toEqual([Uint8Array.of(0, 0, 0x90, 1, 2, 3)]);
  });

  test('one flipped byte never passes as the same length of frame', () => {
    fc.assert(
      fc.property(body, fc.nat(), fc.integer({ min: 1, max: 255 }), (content, place, flip) => {
        const frame = encodeFrame(content);
        // Behind preamble and length: a changed length is another frame, for the decoder to refuse.
        const at = 7 + (place % (frame.length - 7));
        frame[at] = (frame[at] ?? 0) ^ flip;
        const parser = new FrameParser(SHORTEST_REPLY);
        expect(plain(parser.push(frame))).not.toContainEqual(plain([frame.slice(7, -1)])[0]);
        expect(parser.rejected).toBeGreaterThan(0);
      }),
      { numRuns: 300 },
    );
  });

  test('what has been a body, or was forgotten, is wiped from the parser', () => {
    const parser = new FrameParser(SHORTEST_REPLY);
    const held = () => Reflect.get(parser, 'buffer') as Uint8Array;
    const frame = encodeFrame(Uint8Array.of(0, 0, 0x90, 1, 2, 3));
    parser.push(frame.subarray(0, 9));
    const begun = held();
    expect(begun).toHaveLength(9);
    expect(parser.push(frame.subarray(9))).toEqual([Uint8Array.of(0, 0, 0x90, 1, 2, 3)]);
    expect(begun).toEqual(new Uint8Array(9));
    parser.push(frame.subarray(0, 9));
    const forgotten = held();
    parser.reset();
    expect([forgotten, held()]).toEqual([new Uint8Array(9), new Uint8Array(0)]);
  });

  test('an hour of noise keeps no more than one frame in memory', () => {
    const parser = new FrameParser(SHORTEST_REPLY);
    const announcement = Uint8Array.of(0xaa, 0xaa, 0xaa, 0x96, 0x69, 0x09, 0x00);
    for (let i = 0; i < 2000; i++)
      parser.push(Uint8Array.of(...announcement, ...new Uint8Array(100).fill(i)));
    const held = Reflect.get(parser, 'buffer') as Uint8Array;
    expect(held.length).toBeLessThan(2400 + 7);
  });
});

/** Whether some false preamble before `end` happens to be followed by a right checksum. */
function hasAccidentalFrame(bytes: Uint8Array, end: number): boolean {
  for (let at = 0; at < end; at++) {
    const parser = new FrameParser(SHORTEST_REPLY);
    if (bytes[at] !== 0xaa) continue;
    const length = ((bytes[at + 5] ?? 0) << 8) | (bytes[at + 6] ?? 0);
    if (parser.push(bytes.subarray(at, at + 7 + length)).some((found) => found.length === length - 1))
      return true;
  }
  return false;
}
