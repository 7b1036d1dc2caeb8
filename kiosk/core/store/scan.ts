import type { KeyObject } from 'node:crypto';
import { endOfContent, findMark, judgeTail, openFrame } from './frame.ts';

/** What a reader meets in a journal file, in order. */
export type Found =
  | { readonly kind: 'frame'; readonly position: number; readonly plaintext: Buffer }
  | Hole
  | End;

/** Bytes that are no frames, where frames stood. */
export interface Hole {
  readonly kind: 'hole';
  /** Offsets in the file, the second exclusive. */
  readonly from: number;
  readonly to: number;
  /**
   * Indices of the frames that are missing, inclusive; null where that cannot be told. None at all (`to` below `from`)
   * when a frame follows another one than it did when it was written.
   */
  readonly missing: { readonly from: number; readonly to: number | null };
}

export interface End {
  readonly kind: 'end';
  /** Where the next frame goes. */
  readonly position: number;
  readonly index: number;
  /** The tag the next frame follows. */
  readonly tag: Uint8Array;
  /** Up to here stand bytes of a commit that, as it seems, a power cut left unfinished. */
  readonly tornTo: number;
}

/**
 * Reads a segment's frames from `start`. A frame counts when it is authentic and comes after those before it; what lies
 * between two such frames that do not follow each other is a hole, and the frames after it are kept: each of them
 * proves itself. Whole frames at the very end that became zeros
 * cannot be missed here, only by whoever knows the events' last hash.
 */
export function* scanFrames(
  bytes: Buffer,
  options: { readonly key: KeyObject; readonly start: number; readonly first: Uint8Array },
): Generator<Found, void> {
  const { key } = options;
  let position = options.start;
  let index = 0;
  let tag: Uint8Array = options.first;
  for (;;) {
    let at = position;
    let frame = openFrame(key, bytes, at);
    while (frame === null || frame.index < index) {
      at = findMark(bytes, frame === null ? at + 1 : at + frame.size);
      if (at < 0) break;
      frame = openFrame(key, bytes, at);
    }
    if (frame === null || at < 0) break;
    const follows = frame.index === index && Buffer.compare(frame.previous, tag) === 0;
    if (!follows || at !== position)
      yield { kind: 'hole', from: position, to: at, missing: { from: index, to: frame.index - 1 } };
    yield { kind: 'frame', position: at, plaintext: frame.plaintext };
    position = at + frame.size;
    index = frame.index + 1;
    tag = frame.tag;
  }
  const tail = judgeTail(bytes, position);
  if (tail === 'damaged') {
    const to = Math.max(position, endOfContent(bytes));
    yield { kind: 'hole', from: position, to, missing: { from: index, to: null } };
    // Nothing may be written over what could still be examined.
    position = to;
  }
  yield { kind: 'end', position, index, tag, tornTo: tail === 'torn' ? endOfContent(bytes) : position };
}
