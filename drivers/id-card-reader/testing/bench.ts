import { onTestFinished } from 'vitest';
import {
  faultyTransport,
  type LinkFaults,
  type ManualClock,
  manualClock,
  memoryTransport,
} from '../../transport/index.ts';
import { COMMANDS, encodeReply, joinPayload, SW3 } from '../codec.ts';
import type { IdCardReaderConfig } from '../config.ts';
import { openIdCardReader } from '../driver.ts';
import { FrameParser, SHORTEST_REQUEST } from '../frame.ts';
import { encodeRecord } from '../record-encode.ts';
import { type SimulatedReaderOptions, simulateIdCardReader } from '../simulator.ts';
import { inventedCitizen } from './invented-cards.ts';

interface BenchOptions
  extends Partial<IdCardReaderConfig>,
    Partial<Pick<SimulatedReaderOptions, 'latestAddress'>> {
  readonly faults?: (opening: number) => LinkFaults;
}

/** A driver and a simulated reader joined in process, on a clock moved by hand; up and online. */
export async function bench({ faults, latestAddress, ...config }: BenchOptions = {}) {
  const clock = manualClock();
  const { transport, peer } = memoryTransport();
  const sent: { command: string; at: number }[] = [];
  const spy = new FrameParser(SHORTEST_REQUEST);
  const tapped = {
    ...peer,
    onData: (listener: (chunk: Uint8Array) => void) =>
      peer.onData((chunk) => {
        for (const [command, parameter] of spy.push(chunk)) {
          sent.push({ command: nameOf(command, parameter), at: clock.monotonic() });
        }
        listener(chunk);
      }),
  };
  const simulator = simulateIdCardReader({
    link: tapped,
    clock,
    paced: false,
    ...(config.fingerprint === undefined ? {} : { fingerprint: config.fingerprint }),
    ...(latestAddress === undefined ? {} : { latestAddress }),
  });
  const used = faults ? faultyTransport(transport, faults, clock) : transport;
  const reader = openIdCardReader({ transport: used, clock, random: () => 0.5, ...config });
  onTestFinished(() => reader.close());
  const statuses: string[] = [];
  const events: string[] = [];
  reader.onStatus(({ device, media }) => statuses.push(`${device}/${media}`));
  reader.onEvent(({ name }) => events.push(name));
  await clock.advance(1);
  sent.length = 0;
  return { clock, peer, simulator, reader, sent, statuses, events, settled: settledBy(clock) };
}

/** Advances the clock until a promise has settled; fails after `limitMs`. */
export const settledBy =
  (clock: ManualClock) =>
  async <T>(promise: Promise<T>, limitMs = 30_000): Promise<T> => {
    const outcome: T[] = [];
    void promise.then((value) => outcome.push(value));
    for (let t = 0; t < limitMs && outcome.length === 0; t += 10) await clock.advance(10);
    if (outcome.length === 0) throw new Error(`still running after ${limitMs} ms`);
    return outcome[0] as T;
  };

const nameOf = (command: number | undefined, parameter: number | undefined): string =>
  Object.entries(COMMANDS).find(([, [c, p]]) => c === command && p === parameter)?.[0] ?? 'unknown';

/** What a reader with invented citizen `index` on it answers. */
export function normalReply(request: string, index: number): Uint8Array {
  switch (request) {
    case 'findCard':
      return encodeReply(SW3.cardFound, new Uint8Array(4));
    case 'selectCard':
      return encodeReply(SW3.ok, new Uint8Array(8));
    case 'readCard':
      return encodeReply(
        SW3.ok,
        joinPayload(encodeRecord(inventedCitizen(index)), new Uint8Array(1024), null),
      );
    case 'samId':
      return encodeReply(SW3.ok, new Uint8Array(16));
    default:
      return encodeReply(SW3.ok);
  }
}

/**
 * A reader that answers whatever the test says: told the request, and how many of its kind came before. `normally` says
 * which requests are none of the test's; unless told, asking for the reader's status.
 */
export async function script(
  answer: (request: string, nth: number, push: (bytes: Uint8Array) => void) => Uint8Array | null,
  normally: (request: string) => boolean = (request) => request === 'samStatus',
) {
  const clock = manualClock();
  const { transport, peer } = memoryTransport();
  const seen = new Map<string, number>();
  const parser = new FrameParser(SHORTEST_REQUEST);
  peer.onData((chunk) => {
    for (const [command, parameter] of parser.push(chunk)) {
      const request = nameOf(command, parameter);
      const nth = seen.get(request) ?? 0;
      seen.set(request, nth + 1);
      const reply = normally(request)
        ? normalReply(request, 0)
        : answer(request, nth, (bytes) => peer.write(bytes));
      if (reply) void peer.write(reply);
    }
  });
  const open = async (options: Partial<IdCardReaderConfig> = {}) => {
    const reader = openIdCardReader({ transport, clock, random: () => 0.5, ...options });
    onTestFinished(() => reader.close());
    await clock.advance(1);
    return reader;
  };
  const push = (bytes: Uint8Array): void => void peer.write(bytes);
  return { clock, open, push, settled: settledBy(clock) };
}
