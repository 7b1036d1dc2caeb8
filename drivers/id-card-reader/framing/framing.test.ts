import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeReply, encodeRequest, joinPayload, SW3 } from '../codec.ts';
import { encodeFrame } from '../frame.ts';
import { opaqueBytes } from '../simulated-bytes.ts';
import { cuts, pieces } from '../testing/pieces.ts';
import { DERK_CAPACITY, DerkDecoder, encodeDerk } from './derk.ts';
import {
  decodeMiaxisRequest,
  encodeMiaxisRequest,
  MIAXIS_CAPACITY,
  MiaxisReplyDecoder,
  MiaxisReplyEncoder,
} from './miaxis.ts';
import { REPORT_BYTES, ReportCutter } from './reports.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** Reply frames of any size a reader sends. */
const frame = fc
  .oneof(fc.uint8Array({ minLength: 3, maxLength: 80 }), fc.uint8Array({ minLength: 1200, maxLength: 2313 }))
  .map(encodeFrame);

/** Both framings as the same few functions. */
const framings = {
  miaxis: {
    capacity: MIAXIS_CAPACITY,
    wrap: () => {
      const encoder = new MiaxisReplyEncoder();
      return (bytes: Uint8Array) => encoder.push(bytes);
    },
    unwrap: () => {
      const decoder = new MiaxisReplyDecoder();
      return (report: Uint8Array) => decoder.push(report);
    },
  },
  derk: {
    capacity: DERK_CAPACITY,
    wrap: () => encodeDerk,
    unwrap: () => {
      const decoder = new DerkDecoder();
      return (report: Uint8Array) => decoder.push(report);
    },
  },
};

describe.each(Object.entries(framings))('%s', (name, { capacity, wrap, unwrap }) => {
  const framesIn = (reports: readonly Uint8Array[]): string[] => {
    const take = unwrap();
    return reports.flatMap((report) => {
      const found = take(report);
      return found === null ? [] : [hex(found)];
    });
  };

  test('frames come through whole, whatever the split of the reports', () => {
    fc.assert(
      fc.property(fc.array(frame, { minLength: 1, maxLength: 4 }), cuts, (frames, places) => {
        const encode = wrap();
        const reports = frames.flatMap((each) => encode(each));
        const cutter = new ReportCutter();
        // A piece of a whole report's size means a boundary; this is about the others.
        const cutReports = pieces(Buffer.concat(reports), places)
          .flatMap((piece) => (piece.length === REPORT_BYTES ? [piece.slice(0, 7), piece.slice(7)] : [piece]))
          .flatMap((piece) => cutter.push(piece));
        expect(framesIn(cutReports)).toEqual(frames.map(hex));
      }),
      { numRuns: 100, endOnFailure: true },
    );
  });

  test('a reply needs as many reports as are documented', () => {
    const reply = encodeReply(SW3.ok, joinPayload(new Uint8Array(256), new Uint8Array(1024), null));
    expect(wrap()(reply)).toHaveLength(Math.ceil(1295 / capacity));
    for (const report of wrap()(reply)) expect(report).toHaveLength(REPORT_BYTES);
  });

  test('a report lost, doubled or in the wrong place never gives a wrong frame', () => {
    fc.assert(
      fc.property(
        frame,
        frame,
        fc.nat(),
        fc.constantFrom('lost', 'doubled', 'swapped'),
        (one, two, at, how) => {
          const encode = wrap();
          const reports = [...encode(one), ...encode(two)];
          const place = at % reports.length;
          const report = reports[place] as Uint8Array;
          if (how === 'lost') reports.splice(place, 1);
          else if (how === 'doubled') reports.splice(place, 0, report);
          else reports.splice(place, 2, ...reports.slice(place, place + 2).reverse());
          // Without numbers in its reports one framing does not see a swap, nor a doubled report in a frame of only
          // full ones; USB keeps the order, and no frame of the protocol is of such a size.
          if (name === 'derk')
            fc.pre(how !== 'swapped' && one.length % capacity > 0 && two.length % capacity > 0);
          for (const found of framesIn(reports)) expect([hex(one), hex(two)]).toContain(found);
        },
      ),
      { numRuns: 400, endOnFailure: true },
    );
  });

  test('a damaged byte gives no wrong frame, or one whose own sum is wrong', () => {
    fc.assert(
      fc.property(frame, fc.nat(), fc.integer({ min: 1, max: 255 }), (one, at, flip) => {
        const reports = wrap()(one);
        const place = at % (reports.length * REPORT_BYTES);
        const report = reports[Math.floor(place / REPORT_BYTES)] as Uint8Array;
        report[place % REPORT_BYTES] = (report[place % REPORT_BYTES] ?? 0) ^ flip;
        const wrong = framesIn(reports).filter((found) => found !== hex(one));
        for (const found of wrong) {
          const bytes = Buffer.from(found, 'hex');
          expect(name).toBe('derk');
          expect(bytes.subarray(5).reduce((sum, byte) => sum ^ byte, 0)).not.toBe(0);
        }
      }),
      { numRuns: 400, endOnFailure: true },
    );
  });

  test('a frame after a damaged one is not lost', () => {
    const encode = wrap();
    const [first, ...rest] = encode(encodeFrame(opaqueBytes('one', 1287)));
    const good = encodeFrame(Uint8Array.of(0, 0, 0x80));
    expect(framesIn([...rest, ...encode(good)])).toEqual([hex(good)]);
    expect(framesIn([first as Uint8Array, ...encode(good)])).toEqual([hex(good)]);
  });
});

describe('miaxis requests', () => {
  test('look as documented', () => {
    const report = encodeMiaxisRequest(encodeRequest(0x20, 0x01));
    // 88 | 00 00 | 11 = 10 + 1 | B1 | frame | sum of 0B 00 B1 and the frame.
    expect(hex(report.subarray(0, 18))).toBe('8800000b00b1aaaaaa96690003200122ff03');
    expect(report.subarray(18)).toEqual(new Uint8Array(46));
  });

  test('survive, or are refused when damaged', () => {
    const bytes = encodeRequest(0x30, 0x10);
    expect(decodeMiaxisRequest(encodeMiaxisRequest(bytes))).toEqual(bytes);
    for (let at = 3; at < 18; at++) {
      const report = encodeMiaxisRequest(bytes);
      report[at] = (report[at] ?? 0) ^ 0x10;
      expect(decodeMiaxisRequest(report)).toBeNull();
    }
    expect(() => encodeMiaxisRequest(new Uint8Array(57))).toThrow(RangeError);
  });

  test('a sum at the end of a short report is as good as one behind its bytes', () => {
    const good = encodeFrame(Uint8Array.of(0, 0, 0x80));
    const [report] = new MiaxisReplyEncoder().push(good);
    if (report === undefined) throw new Error('no report');
    const moved = report.slice();
    const at = 8 + good.length;
    moved.fill(0, at, at + 2);
    moved.set(report.subarray(at, at + 2), 62);
    expect(new MiaxisReplyDecoder().push(moved)).toEqual(good);
  });
});
