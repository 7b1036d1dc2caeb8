import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodePcscFrame, type PcscFrame, pcscFrameParser } from './frames.ts';

describe('frames of PC/SC', () => {
  const frame: fc.Arbitrary<PcscFrame> = fc.oneof(
    fc.record({
      kind: fc.constant('readers' as const),
      readers: fc.array(fc.record({ name: fc.string(), atr: fc.constantFrom(null, '3b021450') })),
    }),
    fc.record({ kind: fc.constant('answer' as const), id: fc.nat(255), bytes: fc.uint8Array() }),
    fc.record({
      kind: fc.constant('failed' as const),
      id: fc.nat(255),
      failure: fc.constantFrom(
        'card-removed' as const,
        'card-mute' as const,
        'no-reader' as const,
        'failed' as const,
      ),
    }),
    fc.record({ kind: fc.constant('list' as const) }),
    fc.record({
      kind: fc.constant('transmit' as const),
      id: fc.nat(255),
      reader: fc.string({ maxLength: 60 }),
      command: fc.uint8Array({ minLength: 1 }),
    }),
  );

  test('any frames in any pieces come out as they went in', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 8 }), fc.nat(30), (frames, step) => {
        const bytes = Buffer.concat(frames.map(encodePcscFrame));
        const parse = pcscFrameParser();
        const parsed: unknown[] = [];
        for (let at = 0; at < bytes.length; at += step + 1)
          parsed.push(...parse(Uint8Array.from(bytes.subarray(at, at + step + 1))));
        expect(parsed).toEqual(frames);
      }),
    );
  });

  test('any bytes are taken without harm', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 })), (chunks) => {
        const parse = pcscFrameParser();
        for (const chunk of chunks) parse(chunk);
      }),
    );
  });
});
