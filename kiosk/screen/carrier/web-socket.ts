import type { Carrier } from '../../bridge/index.ts';
import { socketPath } from '../../bridge/index.ts';

/**
 * Dials the core over a WebSocket of the page's own origin. The session cookie came with the page.
 * @throws when the connection cannot be opened.
 */
export function dialWebSocket(page: URL): Promise<Carrier> {
  const address = new URL(socketPath, page);
  address.protocol = page.protocol === 'https:' ? 'wss:' : 'ws:';
  const socket = new WebSocket(address);
  return new Promise((resolve, reject) => {
    socket.addEventListener('close', () => reject(new Error('closed before it was open')), { once: true });
    socket.addEventListener('open', () => resolve(carrierOf(socket)), { once: true });
  });
}

function carrierOf(socket: WebSocket): Carrier {
  return {
    send: (text) => socket.send(text),
    onMessage: (listener) =>
      socket.addEventListener('message', (event) => {
        if (typeof event.data === 'string') listener(event.data);
      }),
    onClose: (listener) => socket.addEventListener('close', () => listener()),
    close: () => socket.close(),
  };
}
