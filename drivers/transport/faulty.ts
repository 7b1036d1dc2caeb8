import { type Clock, ok } from '../device.ts';
import type { Link, Transport } from './link.ts';

/** What goes wrong on one opening of a `faultyTransport`. Offsets count from the opening. */
export interface LinkFaults {
  /** The link is lost once this many bytes have been received; no byte beyond them arrives. */
  readonly cutAfterReceived?: number;
  /** The link is lost once this many bytes have been sent; no byte beyond them leaves. */
  readonly cutAfterSent?: number;
  /** Received chunks arrive this much later, milliseconds; their order is kept. */
  readonly delayMs?: number;
  /** Maps each received byte; the offset counts received bytes. */
  readonly corrupt?: (byte: number, offset: number) => number;
}

/** A fault-injecting double around a transport. `plan` is asked at each successful opening (0, 1, ...). */
export function faultyTransport(
  transport: Transport,
  plan: (opening: number) => LinkFaults,
  clock: Clock,
): Transport {
  let openings = 0;
  return {
    name: `${transport.name} (faulty)`,
    async open() {
      const opened = await transport.open();
      return opened.ok ? ok(faultyLink(opened.value, plan(openings++), clock)) : opened;
    },
  };
}

function faultyLink(link: Link, faults: LinkFaults, clock: Clock): Link {
  const { cutAfterReceived = Infinity, cutAfterSent = Infinity, delayMs = 0, corrupt } = faults;
  let received = 0;
  let sent = 0;
  const deliver = (chunk: Uint8Array, listener: (chunk: Uint8Array) => void) => {
    const allowed = chunk.subarray(0, Math.max(0, cutAfterReceived - received));
    const start = received;
    received += allowed.length;
    if (allowed.length > 0) listener(corrupt ? allowed.map((byte, i) => corrupt(byte, start + i)) : allowed);
    if (received >= cutAfterReceived) void link.close();
  };
  return {
    async write(bytes) {
      const allowed = bytes.subarray(0, Math.max(0, cutAfterSent - sent));
      sent += allowed.length;
      if (allowed.length > 0) await link.write(allowed);
      if (sent >= cutAfterSent) await link.close();
    },
    onData(listener) {
      link.onData((chunk) => {
        if (delayMs === 0) deliver(chunk, listener);
        else {
          const copy = new Uint8Array(chunk);
          clock.after(delayMs, () => deliver(copy, listener));
        }
      });
    },
    onClose: link.onClose,
    close: link.close,
  };
}
