import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { outputReports, packReport } from './hid-reports.ts';

/** A vendor-defined device with 64-byte reports both ways, as card readers and scanners describe themselves. */
const unnumbered = Uint8Array.from([
  ...[0x06, 0x00, 0xff, 0x09, 0x01, 0xa1, 0x01, 0x15, 0x00, 0x26, 0xff, 0x00, 0x75, 0x08, 0x95, 0x40],
  ...[0x09, 0x01, 0x81, 0x02, 0x09, 0x01, 0x91, 0x02, 0xc0],
]);
/** Output reports 1 (2 bytes of bits) and 4 (7 bytes, after a push and a pop), input report 2. */
const numbered = Uint8Array.from([
  ...[0x05, 0x8c, 0x09, 0x02, 0xa1, 0x01, 0x85, 0x02, 0x75, 0x08, 0x95, 0x3f, 0x81, 0x02],
  ...[0x85, 0x01, 0x75, 0x01, 0x95, 0x0b, 0x91, 0x02, 0x95, 0x01, 0x91, 0x01],
  ...[0x85, 0x04, 0x75, 0x08, 0x95, 0x07, 0xa4, 0x95, 0x3f, 0xb4, 0x91, 0x02, 0xc0],
]);

describe('a report descriptor', () => {
  test('tells the lengths of output reports', () => {
    expect(outputReports(unnumbered)).toEqual({ numbered: false, bytes: new Map([[0, 64]]) });
    expect(outputReports(numbered)).toEqual({
      numbered: true,
      bytes: new Map([
        [1, 2],
        [4, 7],
      ]),
    });
  });

  test('with a long item, or cut anywhere, is read as far as it goes', () => {
    const long = Uint8Array.from([0xfe, 0x03, 0x10, 0x91, 0x91, 0x91, ...unnumbered]);
    expect(outputReports(long).bytes).toEqual(new Map([[0, 64]]));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        outputReports(bytes);
      }),
    );
  });
});

describe('a report to be written', () => {
  const known = outputReports(unnumbered);

  test('is filled to the length of the device, behind a 0 for "no id"', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (report) => {
        const packed = packReport(report, known);
        if (!packed.ok) throw new Error(packed.error);
        expect(packed.value).toHaveLength(65);
        expect(packed.value[0]).toBe(0);
        expect(packed.value.subarray(1, 1 + report.length)).toEqual(report);
        expect(packed.value.subarray(1 + report.length).every((byte) => byte === 0)).toBe(true);
      }),
    );
  });

  test('that is too long for the device is refused in a sentence', () => {
    expect(packReport(new Uint8Array(65), known)).toEqual({
      ok: false,
      error: 'a report of 65 bytes is longer than the 64 that the device takes',
    });
  });

  test('of a device that numbers them keeps its id, which the device must have', () => {
    const numbers = outputReports(numbered);
    expect(packReport(Uint8Array.of(4, 9, 8), numbers)).toEqual({
      ok: true,
      value: Uint8Array.of(4, 9, 8, 0, 0, 0, 0, 0),
    });
    expect(packReport(Uint8Array.of(1, 9, 8, 7), numbers).ok).toBe(false);
    expect(packReport(Uint8Array.of(3, 9), numbers)).toEqual({
      ok: false,
      error: 'the device takes no report with id 3',
    });
  });

  test('is handed over as it is where the system tells no lengths', () => {
    expect(packReport(Uint8Array.of(1, 2), null)).toEqual({ ok: true, value: Uint8Array.of(0, 1, 2) });
  });

  test('for a device that only sends is refused', () => {
    expect(packReport(Uint8Array.of(1), { numbered: false, bytes: new Map() })).toEqual({
      ok: false,
      error: 'the device takes no reports',
    });
  });
});
