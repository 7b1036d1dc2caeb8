import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Clock, err, systemClock } from '../device.ts';
import { type Link, memoryTransport, openPty, type Transport, transportOf } from '../transport/index.ts';
import type { IdCard } from './card.ts';
import { type FramingName, framedDevice } from './framing/index.ts';
import {
  type SimulatedReader,
  type SimulatedReaderFault,
  type SimulatedReaderOptions,
  simulateIdCardReader,
} from './simulator.ts';

export interface SimulatedIdCardReader {
  /** For `openIdCardReader`; leads to the reader wherever it is plugged in. */
  readonly transport: Transport;
  /** `pty /dev/pts/3` or `in process`; changes when the reader is plugged in again. */
  readonly where: string;
  place(card: IdCard | null): void;
  /** `unplugged` takes the port away until another fault or null is set. */
  fault(name: SimulatedReaderFault | 'unplugged' | null): void;
  close(): Promise<void>;
}

export interface StartSimulatedReaderOptions
  extends Pick<SimulatedReaderOptions, 'fingerprint' | 'latestAddress'> {
  readonly clock?: Clock;
  /** Stay in process even where there are pseudo-terminals. */
  readonly inProcess?: boolean;
  /** Like a line of 115200 baud (the default), or as fast as the machine. */
  readonly paced?: boolean;
  /** How frames are wrapped; open the reader with the same. Reports go over the port one after the other. */
  readonly framing?: FramingName;
}

/** A port with a reader behind it. */
interface Plugged {
  readonly where: string;
  readonly transport: Transport;
  readonly reader: SimulatedReader;
  unplug(): Promise<void>;
}

const BAUD_RATE = 115200;
/** A terminal that hung up is noticed by its host within 2 ms. */
const HANG_UP_MS = 50;

/** A simulated reader on a pseudo-terminal where the system has them, in process elsewhere. */
export async function startSimulatedIdCardReader(
  options: StartSimulatedReaderOptions = {},
): Promise<SimulatedIdCardReader> {
  const { clock = systemClock, inProcess = false, paced = true, framing = 'plain', ...reader } = options;
  let card: IdCard | null = null;
  let fault: SimulatedReaderFault | 'unplugged' | null = null;
  let hostLink: Link | null = null;

  const socket = inProcess ? memorySocket : await bestSocket();
  const plugIn = async (): Promise<Plugged> => {
    const port = await socket.plugIn();
    const link = framedDevice(port.link, framing);
    return { ...port, reader: simulateIdCardReader({ ...reader, link, clock, paced }) };
  };

  const first = await plugIn();
  let where = first.where;
  /** null while unplugged. Changes of plug run one after the other. */
  let plugged: Plugged | null = first;
  let changes: Promise<void> = Promise.resolve();
  let closed = false;

  const unplug = async () => {
    const gone = plugged;
    plugged = null;
    await gone?.unplug();
    const left = hostLink;
    if (!left) return;
    hostLink = null;
    await new Promise<void>((resolve) => {
      left.onClose(() => {
        cancel();
        resolve();
      });
      // A program started meanwhile may hold the terminal open (see openPty); the cable is out all the same.
      const cancel = clock.after(HANG_UP_MS, () => void left.close());
    });
  };
  const settle = async () => {
    if (closed || fault === 'unplugged') return unplug();
    if (!plugged) {
      plugged = await plugIn();
      where = plugged.where;
    }
    plugged.reader.fault(fault);
    plugged.reader.place(card);
  };

  return {
    transport: {
      name: 'simulated ID card reader',
      async open() {
        await changes;
        if (!plugged) return err('the simulated reader is unplugged');
        const opened = await plugged.transport.open();
        if (opened.ok) hostLink = opened.value;
        return opened;
      },
    },
    get where() {
      return where;
    },
    place(next) {
      card = next;
      plugged?.reader.place(next);
    },
    fault(name) {
      const wasUnplugged = fault === 'unplugged';
      fault = name;
      if (name === 'unplugged' || wasUnplugged) changes = changes.then(settle);
      else plugged?.reader.fault(name);
    },
    async close() {
      closed = true;
      changes = changes.then(settle);
      await changes;
      await socket.close();
    },
  };
}

type Port = Omit<Plugged, 'reader'> & { readonly link: Link };

/** Where the reader's cable goes; each plugging in gives a port. */
interface Socket {
  plugIn(): Promise<Port>;
  close(): Promise<void>;
}

const memorySocket: Socket = {
  async plugIn() {
    const { transport, peer } = memoryTransport('simulated ID card reader');
    return { where: 'in process', transport, link: peer, unplug: () => peer.close() };
  },
  close: async () => {},
};

/**
 * Terminals under one name, as /dev/serial/by-id gives a real reader: a terminal that is plugged in again has another
 * number, the transport and the process behind it stay.
 */
async function bestSocket(): Promise<Socket> {
  const probe = await openPty();
  if (!probe.ok) return memorySocket;
  await probe.value.close();
  const folder = await mkdtemp(path.join(tmpdir(), 'simulated-reader-'));
  const name = path.join(folder, 'port');
  const transport = transportOf({ kind: 'serial', path: name, baudRate: BAUD_RATE });
  return {
    async plugIn() {
      const opened = await openPty();
      if (!opened.ok) return memorySocket.plugIn();
      const { path: terminal, master, close } = opened.value;
      await symlink(terminal, name);
      const unplug = async () => {
        await rm(name, { force: true });
        await close();
      };
      return { where: `pty ${terminal}`, transport, link: master, unplug };
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}
