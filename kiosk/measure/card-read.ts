import { symlinkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '@huimin/drivers';
import {
  type IdCardReader,
  openIdCardReader,
  simulateIdCardReader,
  startSimulatedIdCardReader,
} from '@huimin/drivers/id-card-reader';
import { lineTimeMs, openPty, serialTransport, type Transport } from '@huimin/drivers/transport';
import { readPeople } from '../bench/index.ts';
import type { Room } from './room.ts';
import { compare, type Figure } from './stats.ts';

const READS = 20;
const WARM_UP = 2;
const BAUD_RATE = 115200;
/** Longer than the driver's pause between two polls: the next read may ask at once, and its time is its own. */
const REST_MS = 320;
const AIM = 1.1;

const RECONNECTS = 12;
/** How long a cable stays out: shorter and longer than the driver's pauses between two attempts. */
const OUT_MS = [50, 200, 450, 800, 1300, 2100] as const;
/** Plugging in again has to be noticed by then. */
const BACK_MS = 2000;

const people = fileURLToPath(new URL('../../assets/demo/people.yaml', import.meta.url));

interface CardFigures {
  readonly where: string;
  readonly findSelectRead: Figure;
  /** Absent where the system has no pseudo-terminals. */
  readonly reconnect?: Figure & { readonly limit: { readonly ms: number; readonly met: boolean } };
}

/** Reading a card, and finding the reader again; the port is held by a process of its own, as in the kiosk. */
export async function measureCardRead({ folder }: Pick<Room, 'folder'>): Promise<CardFigures> {
  const read = await measureRead();
  const reconnect = await measureReconnect(folder);
  return { ...read, ...(reconnect === null ? {} : { reconnect }) };
}

/**
 * From a card that lies there to its decoded record: the real driver, the real serial binding and a pseudo-terminal,
 * against the time that the very bytes which went over the line need at its speed. A card counts once two readings
 * agree: both sides of the comparison hold the second one, about 0.11 s.
 */
async function measureRead(): Promise<Pick<CardFigures, 'where' | 'findSelectRead'>> {
  const cards = (await readPeople(people)).flatMap((person) => ('card' in person ? [person.card] : []));
  const simulator = await startSimulatedIdCardReader({ paced: true });
  const line = countingBytes(simulator.transport);
  const reader = openIdCardReader({ transport: line.transport });
  const samples: number[] = [];
  const lineTimes: number[] = [];
  try {
    await becomes(reader, 'online');
    for (let index = 0; index < WARM_UP + READS; index++) {
      const card = cards[index % cards.length];
      if (card === undefined) throw new Error('nobody in the demo has a card');
      await pause(REST_MS);
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
    const what = `the bytes of both directions, the confirming second reading's among them, on a line of ${BAUD_RATE} baud`;
    return {
      where: simulator.where,
      findSelectRead: compare(samples, { what, samples: lineTimes }, AIM),
    };
  } finally {
    await reader.close();
    await simulator.close();
  }
}

/**
 * From the moment a port is there again, under its own name, to the reader's being online, against the bare opening of
 * the same port. Most of it is the pause between two attempts, whose length is the price of not trying all the time.
 */
async function measureReconnect(folder: string): Promise<NonNullable<CardFigures['reconnect']> | null> {
  const port = join(folder, 'reader');
  const plugIn = async () => {
    const opened = await openPty();
    if (!opened.ok) return null;
    const { path, master, close } = opened.value;
    simulateIdCardReader({ link: master, clock: systemClock, paced: true });
    symlinkSync(path, port);
    return async () => {
      unlinkSync(port);
      await close();
    };
  };
  const serial = { kind: 'serial', path: port, baudRate: BAUD_RATE } as const;
  const samples: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < WARM_UP + RECONNECTS; round++) {
    const unplug = await plugIn();
    if (unplug === null) return null;
    const from = performance.now();
    const opened = await serialTransport(serial).open();
    if (round >= WARM_UP) bare.push(performance.now() - from);
    if (!opened.ok) throw new Error(opened.error);
    await opened.value.close();
    await unplug();
  }
  const reader = openIdCardReader({ transport: serial });
  try {
    for (let round = 0; round < WARM_UP + RECONNECTS; round++) {
      await pause(OUT_MS[round % OUT_MS.length] ?? 0);
      const unplug = await plugIn();
      if (unplug === null) return null;
      const from = performance.now();
      await becomes(reader, 'online');
      if (round >= WARM_UP) samples.push(performance.now() - from);
      await unplug();
      await becomes(reader, 'noDevice');
    }
  } finally {
    await reader.close();
  }
  const figure = compare(samples, { what: 'the bare opening of the same port', samples: bare });
  return { ...figure, limit: { ms: BACK_MS, met: figure.measured.max <= BACK_MS } };
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

function becomes(reader: IdCardReader, state: IdCardReader['status']['device']): Promise<void> {
  if (reader.status.device === state) return Promise.resolve();
  return new Promise((done) => {
    const stop = reader.onStatus(({ device }) => {
      if (device !== state) return;
      stop();
      done();
    });
  });
}

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
