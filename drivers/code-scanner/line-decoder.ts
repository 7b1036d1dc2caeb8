import {
  type CodeDecoder,
  type CodeEncoding,
  type Decoded,
  decodeCode,
  LONGEST_CODE,
  LONGEST_PAUSE_MS,
} from './code.ts';

const CR = 0x0d;
const LF = 0x0a;

/** A serial scanner's codes: lines ended by CR, LF or both. Lines that are too long are dropped up to their end. */
export function createLineDecoder(encoding: CodeEncoding, aimId: boolean): CodeDecoder {
  const line = new Uint8Array(LONGEST_CODE);
  let length = 0;
  let overlong = false;
  let lastAt = Number.NEGATIVE_INFINITY;

  const finish = (): Decoded | null => {
    const bytes = line.subarray(0, length);
    const tooLong = overlong;
    length = 0;
    overlong = false;
    if (tooLong) return { kind: 'rejected', reason: 'too-long' };
    if (bytes.length === 0) return null;
    const decoded = decodeCode(bytes, encoding, aimId);
    bytes.fill(0);
    return decoded;
  };

  return {
    push(chunk, atMs) {
      const decoded: Decoded[] = [];
      if (length > 0 && atMs - lastAt > LONGEST_PAUSE_MS) {
        length = 0;
        overlong = false;
        decoded.push({ kind: 'rejected', reason: 'incomplete' });
      }
      lastAt = atMs;
      for (const byte of chunk) {
        if (byte === CR || byte === LF) {
          const done = finish();
          if (done) decoded.push(done);
        } else if (length === LONGEST_CODE) overlong = true;
        else line[length++] = byte;
      }
      return decoded;
    },
  };
}
