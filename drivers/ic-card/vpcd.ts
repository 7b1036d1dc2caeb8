import { connect } from 'node:net';
import { ATR, type VirtualCard, type VirtualCardOptions, virtualCard } from './virtual-card.ts';

/** A card in a virtual reader of pcscd. */
export interface VpcdCard {
  /** Takes the card out. */
  remove(): Promise<void>;
}

/** Messages of one byte are for the reader (0 off, 1 on, 2 reset, 4 answer to reset), longer ones for the card. */
const CONTROL_ATR = 4;

/**
 * Puts a virtual card into the virtual reader "vpcd" of vsmartcard, which pcscd takes for a real one: a length
 * (2 bytes, big-endian) and so many bytes in both directions. The first slot listens on port 35963 unless configured.
 */
export function insertVpcdCard(
  card: VirtualCard,
  { port = 35963, ...options }: VirtualCardOptions & { readonly port?: number } = {},
): Promise<VpcdCard> {
  const chip = virtualCard(card, options);
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  let pending = Buffer.alloc(0);

  const send = (bytes: Uint8Array) =>
    socket.write(Buffer.from([bytes.length >> 8, bytes.length & 0xff, ...bytes]));
  const handle = (message: Buffer): void => {
    if (message.length !== 1) send(chip.transmit(message));
    else if (message[0] === CONTROL_ATR) send(ATR);
    else chip.reset();
  };
  socket.on('data', (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    for (;;) {
      const end = pending.length < 2 ? Number.POSITIVE_INFINITY : 2 + pending.readUInt16BE();
      if (pending.length < end) return;
      handle(pending.subarray(2, end));
      pending = pending.subarray(end);
    }
  });
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('connect', () =>
      resolve({
        remove() {
          socket.destroy();
          return closed;
        },
      }),
    );
  });
}
