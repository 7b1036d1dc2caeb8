import { type Clock, err, systemClock } from '../device.ts';
import { type Link, memoryTransport, openPty, serialTransport, type Transport } from '../transport/index.ts';
import type { IdCard } from './card.ts';
import { type SimulatedReader, type SimulatedReaderFault, simulateIdCardReader } from './simulator.ts';

export interface SimulatedIdCardReader {
  /** For `openIdCardReader`; looks the port up at each opening, since a reader plugged in again may have another. */
  readonly transport: Transport;
  /** `pty /dev/pts/3` or `in process`; changes when the reader is plugged in again. */
  readonly where: string;
  place(card: IdCard | null): void;
  /** `unplugged` takes the port away until another fault or null is set. */
  fault(name: SimulatedReaderFault | 'unplugged' | null): void;
  close(): Promise<void>;
}

export interface StartSimulatedReaderOptions {
  readonly clock?: Clock;
  /** Stay in process even where there are pseudo-terminals. */
  readonly inProcess?: boolean;
  /** Like a line of 115200 baud (the default), or as fast as the machine. */
  readonly paced?: boolean;
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
  const { clock = systemClock, inProcess = false, paced = true } = options;
  let card: IdCard | null = null;
  let fault: SimulatedReaderFault | 'unplugged' | null = null;
  let hostLink: Link | null = null;

  const plugIn = async (): Promise<Plugged> => {
    const port = inProcess ? memoryPort() : await bestPort();
    return { ...port, reader: simulateIdCardReader({ link: port.link, clock, paced }) };
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
    },
  };
}

type Port = Omit<Plugged, 'reader'> & { readonly link: Link };

async function bestPort(): Promise<Port> {
  const opened = await openPty();
  if (!opened.ok) return memoryPort();
  const { path, master, close } = opened.value;
  const transport = serialTransport({ path, baudRate: BAUD_RATE });
  return { where: `pty ${path}`, transport, link: master, unplug: close };
}

function memoryPort(): Port {
  const { transport, peer } = memoryTransport('simulated ID card reader');
  return { where: 'in process', transport, link: peer, unplug: () => peer.close() };
}
