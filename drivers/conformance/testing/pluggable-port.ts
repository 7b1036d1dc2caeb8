import { err } from '../../device.ts';
import {
  type Link,
  memoryTransport,
  openPty,
  type Pty,
  serialTransport,
  type Transport,
} from '../../transport/index.ts';

/** A port that a simulator stands behind and whose cable can be pulled. */
export interface PluggablePort {
  readonly transport: Transport;
  unplug(): Promise<void>;
  plugIn(): Promise<void>;
  close(): Promise<void>;
}

/** In process: what nobody listens to is lost. `attach` is called once, with the device's end. */
export function memoryPort(attach: (link: Link) => void): PluggablePort {
  const { transport, peer } = memoryTransport('a simulated device');
  attach(peer);
  return {
    transport,
    async unplug() {
      peer.refuse('no such port');
      peer.drop();
    },
    plugIn: async () => peer.refuse(null),
    close: () => peer.close(),
  };
}

const probe = await openPty();
if (probe.ok) await probe.value.close();
/** Why there are no pseudo-terminals here, or null. */
export const noPty = probe.ok ? null : probe.error;

/** A real pseudo-terminal, another one after each plugging in, as with USB. `attach` is called for each. */
export async function ptyPort(attach: (link: Link) => void): Promise<PluggablePort> {
  let pty: Pty | null = null;
  let host: Link | null = null;
  const plugIn = async () => {
    const opened = await openPty();
    if (!opened.ok) throw new Error(opened.error);
    pty = opened.value;
    attach(pty.master);
  };
  const unplug = async () => {
    const gone = pty;
    pty = null;
    await gone?.close();
    // Programs started meanwhile may hold the terminal open (see openPty); the cable is out all the same.
    await host?.close();
    host = null;
  };
  await plugIn();
  return {
    transport: {
      name: 'a simulated device on a pseudo-terminal',
      async open() {
        if (!pty) return err('no such port');
        const opened = await serialTransport({ path: pty.path, baudRate: 9600 }).open();
        if (opened.ok) host = opened.value;
        return opened;
      },
    },
    unplug,
    plugIn,
    close: unplug,
  };
}
