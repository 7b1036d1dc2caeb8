import type { MessagePortLike } from '@huimin/drivers';
import type { WebSocket } from 'ws';
import type { Carrier } from '../../bridge/index.ts';

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
