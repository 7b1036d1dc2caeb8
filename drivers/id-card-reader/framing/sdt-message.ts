import { PREAMBLE } from '../frame.ts';

/** Preamble and length. */
const HEADER = PREAMBLE.length + 2;

/** True if an SDT frame begins here. */
export const beginsFrame = (bytes: Uint8Array): boolean =>
  bytes.length >= HEADER && PREAMBLE.every((expected, i) => bytes[i] === expected);

/** How long the SDT frame that begins here is, its preamble included. */
export const frameSize = (bytes: Uint8Array): number => HEADER + ((bytes[5] ?? 0) << 8) + (bytes[6] ?? 0);

/**
 * Gathers one SDT frame out of packets that carry `capacity` bytes each, the last one fewer. Packets that are out of
 * step with the length the frame announces end it: half a message and half of another never become one.
 */
export class SdtGatherer {
  private readonly capacity: number;
  private frame: Uint8Array | null = null;
  private filled = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  /** How many bytes the next packet of the frame carries; 0 if none is being gathered. */
  get expected(): number {
    return this.frame === null ? 0 : Math.min(this.capacity, this.frame.length - this.filled);
  }

  /** Begins with the packet's bytes, dropping what was gathered so far; null if they do not begin a frame. */
  begin(bytes: Uint8Array): Uint8Array | null {
    this.drop();
    if (!beginsFrame(bytes)) return null;
    this.frame = new Uint8Array(frameSize(bytes));
    return this.add(bytes);
  }

  /** Adds the next packet's bytes; the whole frame (for the caller to wipe) once it is complete. */
  add(bytes: Uint8Array): Uint8Array | null {
    const { frame } = this;
    if (frame === null || bytes.length !== this.expected) {
      this.drop();
      return null;
    }
    frame.set(bytes, this.filled);
    this.filled += bytes.length;
    if (this.filled < frame.length) return null;
    this.frame = null;
    this.filled = 0;
    return frame;
  }

  drop(): void {
    this.frame?.fill(0);
    this.frame = null;
    this.filled = 0;
  }
}

/** Cuts a device's SDT output into the packets of its framing as it comes; a frame that breaks off is left so. */
export class SdtPacketiser {
  private readonly capacity: number;
  private pending = new Uint8Array(0);
  /** Of the frame being sent; `left` is 0 between frames. */
  private size = 0;
  private left = 0;
  private index = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  /** The packets that can be sent now: their bytes, their number within the frame, and the frame's size. */
  push(bytes: Uint8Array): { bytes: Uint8Array; index: number; size: number }[] {
    this.pending = Uint8Array.of(...this.pending, ...bytes);
    const packets = [];
    for (;;) {
      if (this.left === 0 && !this.findFrame()) return packets;
      const take = Math.min(this.capacity, this.left);
      if (this.pending.length < take) return packets;
      packets.push({ bytes: this.pending.slice(0, take), index: this.index++, size: this.size });
      this.pending = this.pending.slice(take);
      this.left -= take;
    }
  }

  /** What is no frame has no place in a packet. */
  private findFrame(): boolean {
    while (this.pending.length >= HEADER && !beginsFrame(this.pending)) this.pending = this.pending.slice(1);
    if (this.pending.length < HEADER) return false;
    this.size = frameSize(this.pending);
    this.left = this.size;
    this.index = 0;
    return true;
  }
}
