import { fileURLToPath } from 'node:url';
import { systemClock } from '@huimin/drivers';
import {
  type IdCardReader,
  openIdCardReader,
  startSimulatedIdCardReader,
} from '@huimin/drivers/id-card-reader';
import { lineTimeMs, type Transport } from '@huimin/drivers/transport';
import { readPeople } from '../bench/index.ts';
import { compare, type Figure } from './stats.ts';

const READS = 20;
const WARM_UP = 2;
const BAUD_RATE = 115200;
/** Longer than the driver's pause between two polls: the next read may ask at once, and its time is its own. */
const REST_MS = 320;
const AIM = 1.1;

const people = fileURLToPath(new URL('../../assets/demo/people.yaml', import.meta.url));

/**
 * From a card that lies there to its decoded record: the real driver, the real serial binding and a pseudo-terminal,
 * against the time that the very bytes which went over the line need at its speed.
 */
export async function measureCardRead(): Promise<{
  readonly where: string;
  readonly findSelectRead: Figure;
}> {
  const cards = (await readPeople(people)).flatMap((person) => ('card' in person ? [person.card] : []));
  const simulator = await startSimulatedIdCardReader({ paced: true });
  const line = countingBytes(simulator.transport);
  const reader = openIdCardReader({ transport: line.transport, clock: systemClock, random: Math.random });
  const samples: number[] = [];
  const lineTimes: number[] = [];
  try {
    await online(reader);
    for (let index = 0; index < WARM_UP + READS; index++) {
      const card = cards[index % cards.length];
      if (card === undefined) throw new Error('nobody in the demo has a card');
      await new Promise((done) => setTimeout(done, REST_MS));
      simulator.place(card);
      const bytesBefore = line.bytes();
      const from = performance.now();
      const read = await reader.readCard();
      const took = performance.now() - from;
      if (!read.ok || read.value.card.number !== card.number) throw new Error('the card was not read');
      if (index >= WARM_UP) {
        samples.push(took);
        lineTimes.push(lineTimeMs(line.bytes() - bytesBefore, BAUD_RATE));
      }
      simulator.place(null);
    }
    const what = `the bytes of both directions on a line of ${BAUD_RATE} baud`;
    return {
      where: simulator.where,
      findSelectRead: compare(samples, { what, samples: lineTimes }, AIM),
    };
  } finally {
    await reader.close();
    await simulator.close();
  }
}

/** The transport, with every byte that passes counted. */
function countingBytes(inner: Transport): { readonly transport: Transport; bytes(): number } {
  let bytes = 0;
  const transport: Transport = {
    name: inner.name,
    open: async () => {
      const opened = await inner.open();
      if (!opened.ok) return opened;
      const link = opened.value;
      const write = (chunk: Uint8Array): Promise<void> => {
        bytes += chunk.length;
        return link.write(chunk);
      };
      const onData = (listener: (chunk: Uint8Array) => void): void =>
        link.onData((chunk) => {
          bytes += chunk.length;
          listener(chunk);
        });
      return { ok: true, value: { write, onData, onClose: link.onClose, close: link.close } };
    },
  };
  return { transport, bytes: () => bytes };
}

function online(reader: IdCardReader): Promise<void> {
  if (reader.status.device === 'online') return Promise.resolve();
  return new Promise((done) => {
    const stop = reader.onStatus(({ device }) => {
      if (device !== 'online') return;
      stop();
      done();
    });
  });
}
