import type { MessagePortLike } from '@huimin/drivers';
import type { WebSocket } from 'ws';
import type { Carrier } from '../../bridge/index.ts';
import { wipeableBytes } from '../wipeable.ts';

export const socketCarrier = (socket: WebSocket): Carrier => ({
  send: (text) => {
    if (socket.readyState !== socket.OPEN) return;
    // Bytes of our own, since those that a text is turned into in the socket are nobody's to wipe.
    const bytes = wipeableBytes(text);
    socket.send(bytes, { binary: false }, () => bytes.fill(0));
  },
  onMessage: (listener) => {
    // A binary message is no message of the bridge: it goes the way of everything that is not understood.
    socket.on('message', (data, isBinary) => {
      const text = isBinary ? '' : String(data);
      if (Buffer.isBuffer(data)) data.fill(0);
      listener(text);
    });
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
