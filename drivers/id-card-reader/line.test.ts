import { expect, test } from 'vitest';
import { manualClock, memoryTransport } from '../transport/index.ts';
import { COMMANDS, encodeReply, SW3 } from './codec.ts';
import { FrameParser, SHORTEST_REQUEST } from './frame.ts';
import { SdtLine } from './line.ts';
import { settledBy } from './testing/bench.ts';

const never = new AbortController().signal;

/** A line whose other end keeps the requests and answers when the test says. */
async function openLine() {
  const clock = manualClock();
  const { transport, peer } = memoryTransport();
  const requests: string[] = [];
  const parser = new FrameParser(SHORTEST_REQUEST);
  peer.onData((chunk) => {
    for (const [command, parameter] of parser.push(chunk)) {
      const named = Object.entries(COMMANDS).find(([, [c, p]]) => c === command && p === parameter);
      requests.push(named?.[0] ?? 'unknown');
    }
  });
  const opened = await transport.open();
  if (!opened.ok) throw new Error(opened.error);
  const line = new SdtLine(opened.value, clock);
  return { clock, peer, requests, line, settled: settledBy(clock) };
}

const reading = (content: number) => encodeReply(SW3.ok, new Uint8Array(200).fill(content));
const well = encodeReply(SW3.ok);

test('a reply that comes too late is not taken for the next one of its kind', async () => {
  const { clock, peer, requests, line, settled } = await openLine();
  expect(await settled(line.transact('readCard', never))).toEqual({ kind: 'silence' });
  const second = line.transact('readCard', never);
  await clock.advance(1);
  expect(requests).toEqual(['readCard', 'samStatus']);
  await peer.write(reading(1));
  await peer.write(well);
  await clock.advance(1);
  expect(requests).toEqual(['readCard', 'samStatus', 'readCard']);
  await peer.write(reading(2));
  expect(await settled(second)).toMatchObject({
    kind: 'reply',
    reply: { data: new Uint8Array(200).fill(2) },
  });
});

test('answers that are owed to earlier questions for the status go by as well', async () => {
  const { clock, peer, requests, line, settled } = await openLine();
  await settled(line.transact('readCard', never));
  await settled(line.transact('samStatus', never));
  const second = line.transact('readCard', never);
  await clock.advance(1);
  // The late answers to both come now; the second status is the one that was just asked for.
  for (const late of [reading(1), well]) await peer.write(late);
  await clock.advance(1);
  expect(requests).toEqual(['readCard', 'samStatus', 'samStatus', 'samStatus']);
  await peer.write(well);
  await clock.advance(1);
  await peer.write(reading(2));
  expect(await settled(second)).toMatchObject({
    kind: 'reply',
    reply: { data: new Uint8Array(200).fill(2) },
  });
});

test('where nothing is owed, nothing is asked in between', async () => {
  const { clock, peer, requests, line, settled } = await openLine();
  const stop = new AbortController();
  stop.abort();
  expect(await settled(line.transact('readCard', stop.signal))).toEqual({ kind: 'stopped' });
  await settled(line.transact('readCard', never));
  // An answer to another command proves that everything before it has been answered.
  const found = line.transact('findCard', never);
  await clock.advance(1);
  await peer.write(encodeReply(SW3.findFailed));
  expect(await settled(found)).toMatchObject({ kind: 'reply' });
  void line.transact('readCard', never);
  await clock.advance(1);
  expect(requests).toEqual(['readCard', 'findCard', 'readCard']);
});
