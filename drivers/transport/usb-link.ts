import type { Link } from './link.ts';
import { linkEnds } from './link-ends.ts';
import { firstLine, sentences } from './reasons.ts';
import { transferFailure, type UsbDevice } from './usb-device.ts';
import type { UsbPipe, UsbRoute } from './usb-endpoints.ts';
import { frameJoiner, splitFrame } from './usb-split.ts';

/**
 * How long one transfer may wait. A transfer cannot be ended from outside, so closing waits for it; what it transfers
 * is one packet at most, because the module does not tell how much of an ended one was done.
 */
const TRANSFER_MS = 200;

/** What an open link asks of its device. */
export type UsbTransfers = Pick<
  UsbDevice,
  'transferIn' | 'transferOut' | 'clearHalt' | 'releaseInterface' | 'attachKernelDriver' | 'close'
>;

export interface UsbLinkOptions {
  readonly route: UsbRoute;
  /** With two pairs: where a frame is divided. */
  readonly splitAt?: number | undefined;
  /** A kernel driver had to go and is to come back. */
  readonly detached: boolean;
  /** Why the link is lost when a transfer has failed for no reason told: a sentence. Takes as long as finding out. */
  readonly whyLost: (error: unknown) => Promise<string>;
}

/** The link over a device whose interface has been claimed. */
export function usbLink(device: UsbTransfers, options: UsbLinkOptions): Link {
  const { route, splitAt, detached, whyLost } = options;
  const ends = linkEnds();
  const joiner = splitAt === undefined ? null : frameJoiner(splitAt);
  const work = new Set<Promise<void>>();
  let stopping: string | null = null;
  let writes: Promise<void> = Promise.resolve();

  const stop = (reason: string): Promise<void> => {
    if (stopping === null) {
      stopping = reason;
      void release(reason);
    }
    return ends.whenEnded;
  };
  const release = async (reason: string): Promise<void> => {
    await Promise.all(work);
    // In this order: a closed device releases nothing. One that was unplugged fails at each, and has nothing to release.
    await device.releaseInterface(route.interface).catch(() => {});
    if (detached) await device.attachKernelDriver(route.interface).catch(() => {});
    await device.close().catch(() => {});
    ends.end(reason);
  };
  const during = (task: Promise<void>): Promise<void> => {
    work.add(task);
    return task.finally(() => work.delete(task));
  };

  /** One transfer, repeated while it only waits, and after a stall that could be cleared. Null: the link is ending. */
  const transfer = async <T>(
    direction: 'in' | 'out',
    pipe: UsbPipe,
    once: () => Promise<T>,
  ): Promise<T | null> => {
    let stalls = 0;
    while (stopping === null) {
      try {
        return await once();
      } catch (error) {
        const failure = transferFailure(error);
        switch (failure) {
          case 'timeout':
            break;
          case 'stall':
            stalls += 1;
            if (stalls > 1) void stop(`lost: endpoint ${pipe.endpoint} ${direction} is halted`);
            else
              await device
                .clearHalt(direction, pipe.endpoint)
                .catch((cause) => void stop(`lost: ${firstLine(cause)}`));
            break;
          case 'gone':
            void stop(sentences.unplugged);
            break;
          case 'failed':
            void stop(await whyLost(error));
            break;
          default:
            failure satisfies never;
        }
      }
    }
    return null;
  };

  const read = async (
    pipe: UsbPipe,
    deliver: (bytes: Uint8Array, isLast: boolean) => void,
  ): Promise<void> => {
    for (;;) {
      const done = await transfer('in', pipe, async () => {
        const { data, status } = await device.transferIn(pipe.endpoint, pipe.packetSize, TRANSFER_MS);
        if (status === 'stall' || data === undefined) throw new Error('Stall');
        return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      });
      if (done === null) return;
      deliver(done, done.length < pipe.packetSize);
    }
  };
  const send = async (pipe: UsbPipe, bytes: Uint8Array): Promise<void> => {
    for (let at = 0; at < bytes.length; at += pipe.packetSize) {
      const packet = bytes.subarray(at, at + pipe.packetSize);
      const done = await transfer('out', pipe, async () => {
        const { status } = await device.transferOut(pipe.endpoint, packet, TRANSFER_MS);
        if (status === 'stall') throw new Error('Stall');
        return true;
      });
      if (done === null) return;
    }
  };
  const sendFrame = async (bytes: Uint8Array): Promise<void> => {
    const [first, second] = route.pairs;
    if (first === undefined) return;
    if (second === undefined || splitAt === undefined) return send(first.out, bytes);
    const parts = splitFrame(bytes, splitAt);
    joiner?.asked();
    await send(first.out, parts.first);
    await send(second.out, parts.second);
  };
  const receive = (chunks: readonly Uint8Array[]): void => {
    for (const chunk of chunks) if (chunk.length > 0) ends.receive(chunk);
  };

  const [first, second] = route.pairs;
  if (first !== undefined)
    void during(read(first.in, (bytes) => receive(joiner === null ? [bytes] : joiner.fromFirst(bytes))));
  if (second !== undefined && joiner !== null)
    void during(read(second.in, (bytes, isLast) => receive(joiner.fromSecond(bytes, isLast))));

  return {
    write(bytes) {
      if (ends.ended || stopping !== null) return Promise.resolve();
      const copy = new Uint8Array(bytes);
      const sent = writes.then(() => sendFrame(copy)).finally(() => copy.fill(0));
      writes = during(sent);
      return ends.untilEnded(sent);
    },
    onData: ends.onData,
    onClose: ends.onClose,
    close: () => stop(sentences.closed),
  };
}
