/**
 * A frame over two pairs of endpoints. What is written goes out through the first endpoint up to `splitAt` and through
 * the second from there on; what is read is put together again in the order of the frame, whichever of the two
 * endpoints the system reports first.
 */
export function splitFrame(
  frame: Uint8Array,
  splitAt: number,
): { readonly first: Uint8Array; readonly second: Uint8Array } {
  return { first: frame.subarray(0, splitAt), second: frame.subarray(splitAt) };
}

export interface FrameJoiner {
  /** A request was written: the next answer begins with its head; what an earlier one left behind is of no use. */
  asked(): void;
  /** Bytes from the first endpoint; gives what may be handed over now. */
  fromFirst(bytes: Uint8Array): readonly Uint8Array[];
  /** Bytes from the second endpoint; `isLast`: the packet was short, which ends a transfer (USB 2.0, 5.8.3). */
  fromSecond(bytes: Uint8Array, isLast: boolean): readonly Uint8Array[];
}

export function frameJoiner(splitAt: number): FrameJoiner {
  let headLeft = splitAt;
  let early: { readonly bytes: Uint8Array; readonly isLast: boolean }[] = [];

  const body = (bytes: Uint8Array, isLast: boolean): Uint8Array => {
    if (isLast) headLeft = splitAt;
    return bytes;
  };
  /** What came before its head, up to the end of that frame. */
  const released = (): Uint8Array[] => {
    const out: Uint8Array[] = [];
    while (headLeft === 0) {
      const next = early.shift();
      if (next === undefined) break;
      out.push(body(next.bytes, next.isLast));
    }
    return out;
  };

  return {
    asked() {
      headLeft = splitAt;
      for (const { bytes } of early) bytes.fill(0);
      early = [];
    },
    fromFirst(bytes) {
      // A head after a body that filled its last packet: nothing but the head says that a new frame begins.
      if (headLeft === 0) headLeft = splitAt;
      headLeft = Math.max(0, headLeft - bytes.length);
      return [bytes, ...released()];
    },
    fromSecond(bytes, isLast) {
      if (headLeft === 0) return [body(bytes, isLast)];
      early.push({ bytes, isLast });
      return [];
    },
  };
}
