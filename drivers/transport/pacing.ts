import type { Clock } from '../device.ts';
import type { Link } from './link.ts';

/** Start bit, eight data bits, stop bit. */
const BITS_PER_BYTE = 10;

/** Often enough to look like a stream of bytes, seldom enough not to busy a kiosk's processor. */
const SLICE_MS = 2;

/** How long `bytes` take on an 8N1 line of `baud` bits per second, milliseconds. */
export const lineTimeMs = (bytes: number, baud: number): number => (bytes * BITS_PER_BYTE * 1000) / baud;

/** A link whose writes take their time. */
export interface PacedLink extends Link {
  /**
   * `notBefore`: when the first start bit may go out at the earliest, on `clock.monotonic()`; now if left out. A moment
   * in the past means that the sender was ready then and the line has been busy since: lateness is caught up.
   */
  write(bytes: Uint8Array, notBefore?: number): Promise<void>;
}

/**
 * The link, with writes that take as long as they would on an 8N1 line: a pseudo-terminal or an in-process pipe has
 * no baud rate of its own. Writes queue; each byte leaves when its stop bit would have, reckoned from when the line
 * became free, so that late timers do not add up. A write resolves with its last byte, or when the link ends.
 */
export function pacedWriter(link: Link, bitsPerSecond: number, clock: Clock): PacedLink {
  let lineFreeAt = clock.monotonic();
  let queue: Promise<void> = Promise.resolve();
  let ended = false;
  link.onClose(() => {
    ended = true;
  });

  const send = async (bytes: Uint8Array, notBefore: number): Promise<void> => {
    const startedAt = Math.max(notBefore, lineFreeAt);
    lineFreeAt = startedAt + lineTimeMs(bytes.length, bitsPerSecond);
    let sent = 0;
    while (!ended) {
      const elapsed = clock.monotonic() - startedAt;
      const due = Math.min(
        bytes.length,
        Math.floor((elapsed * bitsPerSecond) / (BITS_PER_BYTE * 1000) + 1e-6),
      );
      if (due > sent) await link.write(bytes.subarray(sent, due));
      sent = Math.max(sent, due);
      if (sent === bytes.length) return;
      const left = lineFreeAt - clock.monotonic();
      await new Promise<void>((resolve) => clock.after(Math.min(SLICE_MS, Math.max(left, 0)), resolve));
    }
  };

  return {
    write(bytes, notBefore = clock.monotonic()) {
      const copy = new Uint8Array(bytes);
      queue = queue.then(() => send(copy, notBefore));
      return queue;
    },
    onData: link.onData,
    onClose: link.onClose,
    close: link.close,
  };
}
