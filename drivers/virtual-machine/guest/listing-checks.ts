import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { listPorts } from '../../transport/index.ts';
import { plugInBulkReader } from './bulk-reader.ts';
import { type GuestCheck, inTime, patientClock, since, until } from './check.ts';
import { plugInPrinter } from './usb-printer.ts';
import { plugInSerial } from './usb-serial.ts';
import { plugInVendorHid } from './vendor-hid.ts';

export const listingChecks: readonly GuestCheck[] = [
  {
    name: 'the list of ports: a HID device, a USB device, a printer and a serial port, each with its ids',
    async run(undo) {
      const hid = plugInVendorHid();
      undo(hid.device.unplug);
      await plugInBulkReader(undo);
      await plugInPrinter(undo);
      await plugInSerial(undo);
      // Ids are told by udev, which has to have heard of them first.
      await inTime('udev to settle', promisify(execFile)('udevadm', ['settle']));
      const start = performance.now();
      const expected = [
        { kind: 'hid', usb: '10c4:0007' },
        { kind: 'usb', usb: '0400:c35a' },
        { kind: 'usb', usb: '04b8:0202' },
        { kind: 'usblp', path: '/dev/usb/lp0' },
        { kind: 'serial', usb: '1a86:55d4', path: '/dev/ttyACM0' },
      ];
      let seen: unknown[] = [];
      await until('all of them in the list', async () => {
        const { ports, problems } = await listPorts({ clock: patientClock });
        assert.deepEqual(problems, []);
        seen = ports.map(({ config, usb }) => ({
          kind: config.kind,
          ...(usb === undefined ? {} : { usb }),
          ...(config.kind === 'serial' || config.kind === 'usblp' ? { path: config.path } : {}),
        }));
        const texts = new Set(seen.map((port) => JSON.stringify(port)));
        return expected.every((port) => texts.has(JSON.stringify(port))) ? true : null;
      }).catch((error: Error) => {
        throw new Error(`${error.message}: ${JSON.stringify(seen)}`);
      });
      return since(start);
    },
  },
];
