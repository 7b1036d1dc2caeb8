import { err, ok } from '../device.ts';
import type { Link, Transport } from './link.ts';
import { type LinkEnds, linkEnds } from './link-ends.ts';

/**
 * The device's end of an in-process pair. Like a device on a cable it outlives the host's openings: what it writes
 * while nobody has the port open is lost, what the host writes is received whichever opening it came through.
 */
export interface MemoryPeer extends Link {
  /** Whether the host has the port open now. */
  readonly connected: boolean;
  /** Ends the host's link as if the cable had been pulled; opening works again at once unless refused. */
  drop(reason?: string): void;
  /** Makes `open()` fail with this sentence; null lets it succeed again. */
  refuse(reason: string | null): void;
}

/** An in-process pair: a transport for the driver, a peer for the simulator or the test. Chunks are copied. */
export function memoryTransport(name = 'in process'): { transport: Transport; peer: MemoryPeer } {
  const device = linkEnds();
  let host: LinkEnds | null = null;
  let refusal: string | null = null;

  const hangUp = (reason: string) => {
    const ended = host;
    host = null;
    // Behind the bytes that are already under way, as on a wire.
    if (ended) queueMicrotask(() => ended.end(reason));
  };

  const transport: Transport = {
    name,
    async open() {
      if (device.ended) return err(`${name} is gone`);
      if (refusal !== null) return err(refusal);
      if (host) return err(`another program is using ${name}`);
      const mine = linkEnds();
      host = mine;
      return ok({
        async write(bytes) {
          if (host !== mine) return;
          const copy = new Uint8Array(bytes);
          queueMicrotask(() => device.receive(copy));
        },
        onData: mine.onData,
        onClose: mine.onClose,
        close() {
          if (host === mine) hangUp('closed');
          return mine.whenEnded;
        },
      } satisfies Link);
    },
  };

  const peer: MemoryPeer = {
    async write(bytes) {
      const receiver = host;
      const copy = new Uint8Array(bytes);
      if (receiver) queueMicrotask(() => receiver.receive(copy));
    },
    onData: device.onData,
    onClose: device.onClose,
    async close() {
      hangUp('unplugged');
      device.end('closed');
    },
    get connected() {
      return host !== null;
    },
    drop: (reason = 'unplugged') => hangUp(reason),
    refuse(reason) {
      refusal = reason;
    },
  };
  return { transport, peer };
}
