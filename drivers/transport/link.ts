import type { Result } from '../device.ts';

/** An open byte pipe. */
export interface Link {
  /** Resolves when the bytes were handed to the operating system; rejects never — a lost link ends in `onClose`. */
  write(bytes: Uint8Array): Promise<void>;
  /** One listener; chunks may be split anywhere. Bytes that arrive before a listener is set are kept. */
  onData(listener: (chunk: Uint8Array) => void): void;
  /** Called once, however the link ended (unplugged, reset by peer, `close()`). */
  onClose(listener: (reason: string) => void): void;
  close(): Promise<void>;
}

/** Something that can be opened again and again: a serial port, a TCP address, one end of an in-process pipe. */
export interface Transport {
  /** For technicians, e.g. `serial /dev/ttyUSB0 115200` or `tcp 127.0.0.1:9100`. */
  readonly name: string;
  /** The error is one sentence, e.g. `no such port: /dev/ttyUSB0`. */
  open(): Promise<Result<Link, string>>;
}
