import { type Clock, err } from '../../device.ts';
import { type Link, memoryTransport, openPty, type Transport, transportOf } from '../../transport/index.ts';

/** A port that can be pulled out and put in again, with a simulator behind it. */
export interface SimulatedPort {
  /** Looks the port up at each opening: one that was put in again has another name. */
  readonly transport: Transport;
  /** `pty /dev/pts/3`, or `in process` where there are no pseudo-terminals. */
  readonly where: string;
  unplug(): Promise<void>;
  plugIn(): Promise<void>;
  close(): Promise<void>;
}

interface Plugged {
  readonly where: string;
  readonly transport: Transport;
  unplug(): Promise<void>;
}

/** A terminal that hung up is noticed by its host within 2 ms. */
const HANG_UP_MS = 50;

/**
 * `attach` puts a new simulator behind the device's end, each time it is plugged in. A pseudo-terminal unless told, or
 * unless the system has none: it keeps bytes in order, but not the bounds of what was written.
 */
export async function simulatedPort(
  attach: (link: Link) => void,
  clock: Clock,
  kind: 'pty' | 'in process' = 'pty',
): Promise<SimulatedPort> {
  let hostLink: Link | null = null;
  const first = await plug(attach, kind);
  let plugged: Plugged | null = first;

  const unplug = async (): Promise<void> => {
    const gone = plugged;
    plugged = null;
    await gone?.unplug();
    const left = hostLink;
    hostLink = null;
    if (left === null) return;
    await new Promise<void>((resolve) => {
      left.onClose(() => {
        cancel();
        resolve();
      });
      // A program started meanwhile may hold the terminal open (see openPty); the cable is out all the same.
      const cancel = clock.after(HANG_UP_MS, () => void left.close());
    });
  };

  return {
    where: first.where,
    transport: {
      name: `simulated ${first.where}`,
      async open() {
        if (plugged === null) return err('the simulated device is unplugged');
        const opened = await plugged.transport.open();
        if (opened.ok) hostLink = opened.value;
        return opened;
      },
    },
    unplug,
    async plugIn() {
      plugged ??= await plug(attach, kind);
    },
    close: unplug,
  };
}

async function plug(attach: (link: Link) => void, kind: 'pty' | 'in process'): Promise<Plugged> {
  const opened = kind === 'pty' ? await openPty() : null;
  if (!opened?.ok) {
    const { transport, peer } = memoryTransport('simulated port');
    attach(peer);
    return { where: 'in process', transport, unplug: () => peer.close() };
  }
  const { path, master, close } = opened.value;
  attach(master);
  const transport = transportOf({ kind: 'serial', path, baudRate: 115200 });
  return { where: `pty ${path}`, transport, unplug: close };
}
