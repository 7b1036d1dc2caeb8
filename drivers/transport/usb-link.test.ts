import { describe, expect, test } from 'vitest';
import type { UsbRoute } from './usb-endpoints.ts';
import { type UsbTransfers, usbLink } from './usb-link.ts';

type InResult = Uint8Array | Error;

/** A device on the bus that answers transfers as told; a transfer that nothing answers waits for its timeout. */
function device() {
  const log: string[] = [];
  const waiting = new Map<number, ((result: InResult) => void)[]>();
  const queued = new Map<number, InResult[]>();
  const written = new Map<number, number[]>();
  const refusals: Error[] = [];
  const at = <T>(map: Map<number, T[]>, endpoint: number): T[] => {
    const list = map.get(endpoint) ?? [];
    map.set(endpoint, list);
    return list;
  };
  const transfers: UsbTransfers = {
    async transferIn(endpoint, length, timeout) {
      const result =
        at(queued, endpoint).shift() ??
        (await new Promise<InResult>((resolve) => {
          at(waiting, endpoint).push(resolve);
          setTimeout(() => resolve(new Error('transferIn error: Cancelled')), timeout);
        }));
      if (result instanceof Error) throw result;
      if (result.length > length) throw new Error('transferIn error: Fault');
      return { data: new DataView(result.slice().buffer), status: 'ok' };
    },
    async transferOut(endpoint, data) {
      const refusal = refusals.shift();
      if (refusal) throw refusal;
      at(written, endpoint).push(...data);
      log.push(`out ${endpoint}: ${data.length}`);
      return { bytesWritten: data.length, status: 'ok' };
    },
    clearHalt: async (direction, endpoint) => void log.push(`clear ${direction} ${endpoint}`),
    releaseInterface: async (number) => void log.push(`release ${number}`),
    attachKernelDriver: async (number) => void log.push(`attach ${number}`),
    close: async () => void log.push('close'),
  };
  const answer = (endpoint: number, result: InResult) => {
    const next = at(waiting, endpoint).shift();
    if (next) next(result);
    else at(queued, endpoint).push(result);
  };
  return { transfers, log, answer, refusals, written: (endpoint: number) => at(written, endpoint) };
}

const onePair: UsbRoute = {
  interface: 1,
  alternate: 0,
  pairs: [{ out: { endpoint: 1, packetSize: 64 }, in: { endpoint: 2, packetSize: 64 } }],
};
const twoPairs: UsbRoute = {
  interface: 0,
  alternate: 0,
  pairs: [
    { out: { endpoint: 2, packetSize: 64 }, in: { endpoint: 1, packetSize: 64 } },
    { out: { endpoint: 6, packetSize: 64 }, in: { endpoint: 5, packetSize: 64 } },
  ],
};

function open(route: UsbRoute, splitAt?: number, detached = false) {
  const bus = device();
  const whyLost = async (error: unknown) => `lost: ${String(error)}`;
  const link = usbLink(bus.transfers, { route, splitAt, detached, whyLost });
  const got: number[] = [];
  const reasons: string[] = [];
  link.onData((chunk) => got.push(...chunk));
  link.onClose((reason) => reasons.push(reason));
  return { ...bus, link, got, reasons };
}

describe('a USB link', () => {
  test('writes packet by packet, in order, and reads whatever comes, empty packets left out', async () => {
    const { link, log, written, answer, got } = open(onePair);
    const bytes = Uint8Array.from({ length: 150 }, (_, i) => i);
    await Promise.all([link.write(bytes), link.write(Uint8Array.of(200))]);
    expect(written(1)).toEqual([...bytes, 200]);
    expect(log).toEqual(['out 1: 64', 'out 1: 64', 'out 1: 22', 'out 1: 1']);
    answer(2, bytes.subarray(0, 64));
    answer(2, new Uint8Array());
    answer(2, Uint8Array.of(9));
    await expect.poll(() => got).toEqual([...bytes.subarray(0, 64), 9]);
    await link.close();
  });

  test('waits for a device that takes or says nothing for a while', async () => {
    const { link, refusals, written } = open(onePair);
    refusals.push(new Error('transferOut error: Cancelled'), new Error('transferOut error: Cancelled'));
    await link.write(Uint8Array.of(1, 2));
    expect(written(1)).toEqual([1, 2]);
    await link.close();
  });

  test('clears a halted endpoint once, and ends when it stays halted', async () => {
    const { link, log, answer, got, reasons, refusals, written } = open(onePair);
    answer(2, new Error('transferIn error: Stall'));
    answer(2, Uint8Array.of(5));
    await expect.poll(() => got).toEqual([5]);
    refusals.push(new Error('transferOut error: Stall'));
    await link.write(Uint8Array.of(1));
    expect(written(1)).toEqual([1]);
    expect(log).toEqual(['clear in 2', 'clear out 1', 'out 1: 1']);
    answer(2, new Error('transferIn error: Stall'));
    answer(2, new Error('transferIn error: Stall'));
    await expect.poll(() => reasons).toEqual(['lost: endpoint 2 in is halted']);
  });

  test('ends when the device is gone, once, with everything released', async () => {
    const { link, log, answer, reasons } = open(onePair, undefined, true);
    answer(2, new Error('transferIn error: Disconnected'));
    await expect.poll(() => reasons).toEqual(['unplugged']);
    await link.write(Uint8Array.of(1));
    await link.close();
    expect(reasons).toHaveLength(1);
    expect(log).toEqual(['release 1', 'attach 1', 'close']);
  });

  test('closing waits for what is under way and gives the interface back first', async () => {
    const { link, log, reasons } = open(onePair);
    await link.close();
    await link.close();
    expect(log).toEqual(['release 1', 'close']);
    expect(reasons).toEqual(['closed']);
  });

  test('spreads a frame over two pairs and joins the answer', async () => {
    const { link, answer, got, written, reasons } = open(twoPairs, 7);
    const frame = Uint8Array.from({ length: 10 }, (_, i) => i);
    await link.write(frame);
    expect([written(2), written(6)]).toEqual([
      [0, 1, 2, 3, 4, 5, 6],
      [7, 8, 9],
    ]);
    answer(5, Uint8Array.of(17, 18));
    answer(1, Uint8Array.of(10, 11, 12, 13, 14, 15, 16));
    await expect.poll(() => got).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18]);
    await link.close();
    expect(reasons).toEqual(['closed']);
  });
});
