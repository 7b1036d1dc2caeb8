import { channel } from '../../channel.ts';
import type { MessagePortLike } from './message-port.ts';
import type { PortHost, StartPortHost } from './process.ts';
import type { ToHost } from './protocol.ts';

/**
 * Electron's `process.parentPort`, in a utility process. Such a process can start no other (a packaged application
 * runs nothing as plain Node), so it asks the main process:
 *
 * - it says `{ type: 'port-host', id }` and gets the same back with one end of a channel, the other end of which is the
 *   first message of a new utility process that runs this folder's `port-host`;
 * - it says `{ type: 'end-port-host', id }` and that process is killed;
 * - it is told `{ type: 'port-host-ended', id, code }` when that process has ended.
 */
export interface ParentPort {
  postMessage(message: unknown): void;
  on(
    event: 'message',
    listener: (event: { readonly data: unknown; readonly ports: readonly MessagePortLike[] }) => void,
  ): unknown;
}

interface Awaited {
  attach(port: MessagePortLike): void;
  ended(how: string): void;
}

/** Starts port hosts through Electron's main process. One call serves the whole process. */
export function electronPortHosts(parent: ParentPort): StartPortHost {
  const hosts = new Map<number, Awaited>();
  let lastId = 0;

  parent.on('message', ({ data, ports: [port] }) => {
    if (typeof data !== 'object' || data === null) return;
    const { type, id, code } = data as Readonly<Record<string, unknown>>;
    const host = typeof id === 'number' ? hosts.get(id) : undefined;
    if (host === undefined) return;
    if (type === 'port-host' && port !== undefined) host.attach(port);
    if (type === 'port-host-ended') host.ended(`ended (${code})`);
  });

  return (): PortHost => {
    const id = ++lastId;
    const { promise: ended, resolve } = Promise.withResolvers<string>();
    let port: MessagePortLike | null = null;
    let waiting: ToHost[] = [];
    const told = channel<unknown>();

    const finish = (how: string): void => {
      hosts.delete(id);
      port?.close();
      resolve(how);
    };
    const post = (to: MessagePortLike, message: ToHost): void => {
      // A view would take the whole buffer behind it along.
      to.postMessage(
        message.type === 'write' ? { ...message, bytes: new Uint8Array(message.bytes) } : message,
      );
    };
    hosts.set(id, {
      attach(given) {
        port = given;
        given.on('message', ({ data }) => told.tell(data));
        given.on('close', () => finish('ended'));
        given.start();
        for (const message of waiting) post(given, message);
        waiting = [];
      },
      ended: finish,
    });
    parent.postMessage({ type: 'port-host', id });
    return {
      send(message) {
        if (!hosts.has(id)) return;
        if (port === null) waiting.push(message);
        else post(port, message);
      },
      onMessage: (listener) => void told.listen(listener),
      onEnd: (tell) => void ended.then(tell),
      // A utility process lives until it is told to end, whatever it holds.
      hold() {},
      end() {
        if (!hosts.has(id)) return;
        parent.postMessage({ type: 'end-port-host', id });
        finish('was ended');
      },
    };
  };
}
