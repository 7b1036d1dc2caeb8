import { z } from 'zod';
import {
  AIM_ID_LENGTH,
  aimIdOf,
  type CodeDecoder,
  type CodeEncoding,
  type Decoded,
  decodeCode,
  LONGEST_CODE,
  LONGEST_PAUSE_MS,
} from './code.ts';
import profiles from './hid-pos-profiles.json' with { type: 'json' };

const offset = z.number().int().min(0).max(4095);

/**
 * Where a maker puts what in an input report of usage page 0x8C (bar code scanner; USB HID Point of Sale Usage Tables).
 * The page names the fields, their places are the maker's own. Offsets count from the report ID at 0.
 */
export const hidPosProfileSchema = z.strictObject({
  reportId: z.number().int().min(1).max(255),
  /** How many bytes of data this report holds; the AIM identifier is not counted. */
  lengthAt: offset,
  /** The three characters of the AIM identifier, or null where none is sent. */
  aimIdAt: offset.nullable(),
  dataAt: offset,
  /** The most bytes of data in one report. */
  capacity: z.number().int().min(1).max(4096),
  /** Bit 0 of this byte says that the code goes on in the next report; null: every report is a whole code. */
  moreAt: offset.nullable(),
});
export type HidPosProfile = z.output<typeof hidPosProfileSchema>;

/** Layouts from makers' manuals: Access-IS (ATR110, LSR110, LSR118) and Microscan (Omron). */
export const hidPosProfiles = z.record(z.string(), hidPosProfileSchema).parse(profiles);

/** The bytes a report must have for its profile to make sense. */
const reportLength = ({ lengthAt, aimIdAt, dataAt, capacity, moreAt }: HidPosProfile): number =>
  Math.max(lengthAt + 1, (aimIdAt ?? 0) + AIM_ID_LENGTH, dataAt + capacity, (moreAt ?? 0) + 1);

/** Codes from HID-POS reports, one report a chunk. Reports with another ID are none of ours. */
export function createHidPosDecoder(profile: HidPosProfile, encoding: CodeEncoding): CodeDecoder {
  const { reportId, lengthAt, aimIdAt, dataAt, capacity, moreAt } = profile;
  let parts: Uint8Array[] = [];
  let size = 0;
  let symbology: string | null = null;
  /** What is wrong with the code whose parts are coming in. */
  let wrong: 'too-long' | 'incomplete' | null = null;
  let lastAt = Number.NEGATIVE_INFINITY;

  const reset = (): void => {
    for (const part of parts) part.fill(0);
    parts = [];
    size = 0;
    symbology = null;
    wrong = null;
  };

  const finish = (): Decoded => {
    const bytes = Uint8Array.from(parts.flatMap((part) => [...part]));
    const decoded: Decoded =
      wrong === null ? decodeCode(bytes, encoding, false) : { kind: 'rejected', reason: wrong };
    const told = symbology;
    bytes.fill(0);
    reset();
    return decoded.kind === 'code' ? { kind: 'code', code: { ...decoded.code, symbology: told } } : decoded;
  };

  return {
    push(report, atMs) {
      if (report[0] !== reportId) return [];
      const decoded: Decoded[] = [];
      const begun = parts.length > 0 || wrong !== null;
      if (begun && atMs - lastAt > LONGEST_PAUSE_MS) {
        reset();
        decoded.push({ kind: 'rejected', reason: 'incomplete' });
      }
      lastAt = atMs;
      const length = report[lengthAt] ?? 0;
      if (report.length < reportLength(profile) || length > capacity) wrong = 'incomplete';
      else if (wrong === null) {
        if (parts.length === 0 && aimIdAt !== null) {
          symbology = aimIdOf(report.subarray(aimIdAt, aimIdAt + AIM_ID_LENGTH));
        }
        if (size + length > LONGEST_CODE) wrong = 'too-long';
        else parts.push(report.slice(dataAt, dataAt + length));
        size += length;
      }
      const more = moreAt !== null && ((report[moreAt] ?? 0) & 1) === 1;
      if (!more) decoded.push(finish());
      return decoded;
    },
  };
}

/** The reports a scanner of this make sends for a code; for the simulator. */
export function encodeHidPos(
  bytes: Uint8Array,
  symbology: string | null,
  profile: HidPosProfile,
): Uint8Array[] {
  const { reportId, lengthAt, aimIdAt, dataAt, capacity, moreAt } = profile;
  const reports: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += capacity) {
    const data = bytes.subarray(at, at + capacity);
    const report = new Uint8Array(reportLength(profile));
    report[0] = reportId;
    report[lengthAt] = data.length;
    if (aimIdAt !== null) report.set(Buffer.from(symbology ?? '', 'latin1'), aimIdAt);
    report.set(data, dataAt);
    if (moreAt !== null) report[moreAt] = at + capacity < bytes.length ? 1 : 0;
    reports.push(report);
  }
  return reports;
}
