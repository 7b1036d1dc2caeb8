import type { Link } from '../link.ts';
import { type NativeConfig, nativeTransport } from '../native.ts';
import { listNativePorts } from '../native-ports.ts';
import type { FromHost, ToHost } from './protocol.ts';

/** Holds ports for the other end of a channel: `send` speaks to it, the returned function hears it. */
export function serve(
  send: (message: FromHost) => void,
  transportFor: (config: NativeConfig) => {
    open: ReturnType<typeof nativeTransport>['open'];
  } = nativeTransport,
): (message: ToHost) => void {
  const links = new Map<number, Link>();

  const open = async (id: number, config: NativeConfig): Promise<void> => {
    const opened = await transportFor(config).open();
    if (!opened.ok) return send({ type: 'refused', id, reason: opened.error });
    const link = opened.value;
    links.set(id, link);
    send({ type: 'opened', id });
    link.onData((chunk) => {
      // A chunk may be a view of a larger buffer, which is nobody else's business.
      const bytes = new Uint8Array(chunk);
      send({ type: 'data', id, bytes });
      chunk.fill(0);
      bytes.fill(0);
    });
    link.onClose((reason) => {
      links.delete(id);
      send({ type: 'ended', id, reason });
    });
  };
  const write = async (id: number, number: number, bytes: Uint8Array): Promise<void> => {
    await links.get(id)?.write(bytes);
    bytes.fill(0);
    send({ type: 'written', id, write: number });
  };

  send({ type: 'ready', id: 0 });
  return (message) => {
    switch (message.type) {
      case 'open':
        void open(message.id, message.config);
        break;
      case 'write':
        void write(message.id, message.write, message.bytes);
        break;
      case 'close':
        void links.get(message.id)?.close();
        break;
      case 'list':
        void listNativePorts().then((ports) => send({ type: 'ports', id: message.id, ports }));
        break;
      case 'ping':
        send({ type: 'pong', id: message.id });
        break;
      default:
        message satisfies never;
    }
  };
}
