/** Frames of the SDT serial protocol (GA/T 467-2019): `AA AA AA 96 69 | length (2, big endian) | body | XOR`. */

export const PREAMBLE = Uint8Array.of(0xaa, 0xaa, 0xaa, 0x96, 0x69);
/** Preamble and length. */
const HEADER = PREAMBLE.length + 2;
/** The longest reply (text, photo and fingerprint) has length 2314; anything much longer is noise. */
const LONGEST_LENGTH = 2400;

/** The shortest length field of each direction: command, parameter, checksum / three status bytes, checksum. */
export const SHORTEST_REQUEST = 3;
export const SHORTEST_REPLY = 4;

/** A whole frame around `body` (everything between the length and the checksum). */
export function encodeFrame(body: Uint8Array): Uint8Array {
  const length = body.length + 1;
  const frame = new Uint8Array(HEADER + length);
  frame.set(PREAMBLE);
  frame[5] = length >> 8;
  frame[6] = length & 0xff;
  frame.set(body, HEADER);
  frame[frame.length - 1] = xor(frame, PREAMBLE.length, frame.length - 1);
  return frame;
}

function xor(bytes: Uint8Array, from: number, to: number): number {
  let sum = 0;
  for (let at = from; at < to; at++) sum ^= bytes[at] ?? 0;
  return sum;
}

/**
 * Finds frames in a stream of bytes that may be split anywhere and interleaved with noise. A frame that proves false
 * (impossible length, wrong checksum) costs one byte only: the search goes on inside it, so that a good frame that
 * follows or overlaps is not lost. Never holds more than one frame's worth of bytes, and wipes those it has done with:
 * they are what stands on somebody's card.
 */
export class FrameParser {
  private buffer = new Uint8Array(0);
  private rejections = 0;
  private readonly shortest: number;

  /** `shortest`: the shortest length field that is accepted, `SHORTEST_REQUEST` or `SHORTEST_REPLY`. */
  constructor(shortest: number) {
    this.shortest = shortest;
  }

  /** Takes the next bytes; returns the bodies (copies, for the caller to wipe) of the frames they completed. */
  push(chunk: Uint8Array): Uint8Array[] {
    const joined = new Uint8Array(this.buffer.length + chunk.length);
    joined.set(this.buffer);
    joined.set(chunk, this.buffer.length);
    return this.scan(joined);
  }

  /**
   * Call when the line has gone quiet. A preamble in noise may announce bytes that will never come and hide a good
   * frame; if one is complete inside what is waiting, it is taken. Otherwise nothing changes: a slow frame may go on.
   */
  quiet(): Uint8Array[] {
    for (
      let start = candidate(this.buffer, 1);
      start < this.buffer.length;
      start = candidate(this.buffer, start + 1)
    ) {
      const rest = this.buffer.subarray(start);
      if (startsWithPreamble(rest) && this.measure(rest).kind === 'frame') return this.scan(rest.slice());
    }
    return [];
  }

  /** Forgets an unfinished frame. */
  reset(): void {
    this.keep(new Uint8Array(0));
  }

  /** How many frames proved false so far. */
  get rejected(): number {
    return this.rejections;
  }

  /** Whether a frame has begun and is not complete. */
  get unfinished(): boolean {
    return this.buffer.length >= HEADER;
  }

  private keep(bytes: Uint8Array<ArrayBuffer>): void {
    this.buffer.fill(0);
    this.buffer = bytes;
  }

  /** `bytes` is the parser's own copy, and wiped. */
  private scan(bytes: Uint8Array<ArrayBuffer>): Uint8Array[] {
    const bodies: Uint8Array[] = [];
    let at = candidate(bytes, 0);
    while (at < bytes.length) {
      const rest = bytes.subarray(at);
      if (!startsWithPreamble(rest)) {
        at = candidate(bytes, at + 1);
        continue;
      }
      const found = this.measure(rest);
      if (found.kind === 'incomplete') break;
      if (found.kind === 'frame') {
        bodies.push(rest.slice(HEADER, found.size - 1));
        at += found.size;
      } else {
        this.rejections += 1;
        at += 1;
      }
    }
    this.keep(bytes.slice(at));
    bytes.fill(0);
    return bodies;
  }

  private measure(bytes: Uint8Array): { kind: 'incomplete' | 'false' } | { kind: 'frame'; size: number } {
    if (bytes.length < HEADER) return { kind: 'incomplete' };
    const length = ((bytes[5] ?? 0) << 8) | (bytes[6] ?? 0);
    if (length < this.shortest || length > LONGEST_LENGTH) return { kind: 'false' };
    const size = HEADER + length;
    if (bytes.length < size) return { kind: 'incomplete' };
    // Over a whole frame from the length on, checksum included, the sum is zero.
    return xor(bytes, PREAMBLE.length, size) === 0 ? { kind: 'frame', size } : { kind: 'false' };
  }
}

/** The next place where a preamble could begin; the end if there is none. */
function candidate(bytes: Uint8Array, from: number): number {
  const at = bytes.indexOf(PREAMBLE[0] ?? 0, from);
  return at < 0 ? bytes.length : at;
}

/** True too for the beginning of a preamble at the end of what has arrived. */
const startsWithPreamble = (bytes: Uint8Array): boolean =>
  PREAMBLE.every((expected, i) => i >= bytes.length || bytes[i] === expected);
