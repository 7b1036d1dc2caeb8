import assert from 'node:assert/strict';
import { serialTransport } from '../../transport/index.ts';
import { type GuestCheck, since } from './check.ts';
import { assertUnplugged, collector, endOf, openSoon, refusalOf } from './links.ts';
import { plugInSerial, SERIAL_DEVICE_END, SERIAL_PATH } from './usb-serial.ts';

export const serialChecks: readonly GuestCheck[] = [
  {
    name: 'serial: bytes there and back through a USB serial device',
    async run(undo) {
      await plugInSerial(undo);
      const link = await openSoon(serialTransport({ path: SERIAL_PATH, baudRate: 115200 }));
      undo(link.close);
      const device = await openSoon(serialTransport({ path: SERIAL_DEVICE_END, baudRate: 115200 }));
      undo(device.close);
      const [received, answers] = [collector(device), collector(link)];
      // Every value of a byte, and more than a packet.
      const sent = Uint8Array.from({ length: 5000 }, (_, index) => index & 0xff);
      const start = performance.now();
      await link.write(sent);
      assert.deepEqual(await received.bytes(sent.length), sent);
      await device.write(sent);
      assert.deepEqual(await answers.bytes(sent.length), sent);
      return `5 kB there and back in ${since(start)}`;
    },
  },
  {
    name: 'serial: unplugged in mid read, open again when plugged in',
    async run(undo) {
      const transport = serialTransport({ path: SERIAL_PATH, baudRate: 115200 });
      assert.equal(await refusalOf(transport), 'no-such-port');
      const gadget = await plugInSerial(undo);
      const link = await openSoon(transport);
      const ending = endOf(link);
      await gadget.unplug();
      const end = await ending;
      assertUnplugged(end);
      assert.equal(await refusalOf(transport), 'no-such-port');
      await plugInSerial(undo);
      const start = performance.now();
      const again = await openSoon(transport);
      undo(again.close);
      return `noticed after ${end.ms} ms, open again after ${since(start)}`;
    },
  },
];
