import { type Link, linkEnds } from '../../transport/index.ts';
import type { Undo } from './check.ts';
import { type BulkDevice, createBulkDevice } from './function-fs.ts';

/** Readers that speak SDT over USB bulk, head and body of a frame through two pairs of endpoints. */
export const BULK_READER = '0400:c35a';
/** Preamble and length of an SDT frame. */
export const HEAD_BYTES = 7;

let bulk: { readonly device: BulkDevice; link: ReturnType<typeof splitLink> } | null = null;

/** The firmware's side of the split: a body counts only after its head, whichever the kernel brought first. */
function splitLink(send: BulkDevice['send']) {
  const ends = linkEnds();
  const bodies: Uint8Array[] = [];
  const link: Link = {
    async write(bytes) {
      await send(0, bytes.subarray(0, HEAD_BYTES));
      await send(1, bytes.subarray(HEAD_BYTES));
    },
    onData: ends.onData,
    onClose: ends.onClose,
    close: async () => ends.end('closed'),
  };
  let expected = 0;
  const receive = (pair: 0 | 1, bytes: Uint8Array): void => {
    if (pair === 1) bodies.push(bytes);
    else {
      ends.receive(bytes);
      expected += bodyLength(bytes);
    }
    while (expected > 0) {
      const body = bodies.shift();
      if (body === undefined) return;
      expected -= body.length;
      ends.receive(body);
    }
  };
  return { link, receive };
}

/** What follows a head (GA/T 467-2019): as many bytes as its last two say. */
const bodyLength = (head: Uint8Array): number => Buffer.from(head).readUInt16BE(HEAD_BYTES - 2);

/** Plugs in the device, the same each time with a new program behind it; unplugged by hand or at the end of the check. */
export async function plugInBulkReader(undo: Undo) {
  if (bulk === null) {
    const device = createBulkDevice({
      name: 'reader',
      vendorId: 0x0400,
      productId: 0xc35a,
      onData: (pair, bytes) => bulk?.link.receive(pair, bytes),
    });
    bulk = { device, link: splitLink(device.send) };
  }
  bulk.link = splitLink(bulk.device.send);
  await bulk.device.plugIn();
  undo(bulk.device.unplug);
  return { device: bulk.device, link: bulk.link.link };
}
