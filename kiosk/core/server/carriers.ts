import type { WebSocket } from 'ws';
import type { Carrier } from '../../bridge/index.ts';

/** Electron's MessagePort as the core's process sees it. */
export interface MessagePortLike {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  start(): void;
  close(): void;
}

export const socketCarrier = (socket: WebSocket): Carrier => ({
  send: (text) => {
    if (socket.readyState === socket.OPEN) socket.send(text);
  },
  onMessage: (listener) => {
    // A binary message is no message of the bridge: it goes the way of everything that is not understood.
    socket.on('message', (data, isBinary) => listener(isBinary ? '' : String(data)));
  },
  onClose: (listener) => {
    socket.on('close', listener);
  },
  close: () => socket.close(),
});

export function portCarrier(port: MessagePortLike): Carrier {
  return {
    send: (text) => port.postMessage(text),
    onMessage: (listener) => {
      port.on('message', ({ data }) => listener(typeof data === 'string' ? data : ''));
      port.start();
    },
    onClose: (listener) => {
      port.on('close', listener);
    },
    close: () => port.close(),
  };
}
