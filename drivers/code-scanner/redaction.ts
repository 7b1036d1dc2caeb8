import { keepNothing, type RedactedStream, type Redaction } from '../recording/index.ts';
import { LONGEST_CODE } from './code.ts';
import type { LinkedScannerConfig } from './config.ts';
import type { HidPosProfile } from './hid-pos.ts';

const FILLER = 0x78;

/** For recordings: every code becomes as many letters x. Framing, lengths and AIM identifiers stay. */
export function codeScannerRedaction(config: LinkedScannerConfig): Redaction {
  return {
    input: config.protocol === 'serial' ? lines(config.aimId) : reports(config.profile),
    // The host tells a scanner nothing; what it might is not kept.
    output: keepNothing(),
  };
}

/** CR and LF are kept; a line's first three bytes are when they are an AIM identifier, which takes three to know. */
function lines(aimId: boolean): RedactedStream {
  let line: number[] = [];
  const redacted = (): number[] => {
    const [bracket, letter, modifier] = line;
    const told = aimId && bracket === 0x5d && isAlphanumeric(letter) && isAlphanumeric(modifier);
    return line.map((byte, i) => (told && i < 3 ? byte : FILLER));
  };
  return {
    push(chunk) {
      const kept: number[] = [];
      for (const byte of chunk) {
        if (byte === 0x0d || byte === 0x0a) {
          kept.push(...redacted(), byte);
          line = [];
        } else if (line.length <= LONGEST_CODE) line.push(byte);
      }
      return [Uint8Array.from(kept)];
    },
    end: () => [Uint8Array.from(redacted())],
  };
}

/** Reports of other kinds are dropped: nobody knows what stands in them. */
function reports({ reportId, lengthAt, aimIdAt, dataAt, capacity, moreAt }: HidPosProfile): RedactedStream {
  return {
    push(report) {
      if (report[0] !== reportId) return [];
      const kept = new Uint8Array(report.length);
      const copy = (at: number, length: number) => kept.set(report.subarray(at, at + length), at);
      copy(0, 1);
      copy(lengthAt, 1);
      if (aimIdAt !== null) copy(aimIdAt, 3);
      if (moreAt !== null) copy(moreAt, 1);
      kept.fill(FILLER, dataAt, dataAt + Math.min(capacity, report[lengthAt] ?? 0));
      return [kept];
    },
    end: () => [],
  };
}

const isAlphanumeric = (byte: number | undefined): boolean =>
  byte !== undefined && /[0-9A-Za-z]/.test(String.fromCharCode(byte));
