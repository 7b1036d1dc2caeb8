import assert from 'node:assert/strict';
import {
  type CodeScannerEvent,
  hidPosProfiles,
  openCodeScanner,
  simulateCodeScanner,
} from '../../code-scanner/index.ts';
import { systemClock } from '../../device.ts';
import { type Link, linkEnds } from '../../transport/index.ts';
import { type GuestCheck, inTime, since } from './check.ts';
import { plugInHidDevice } from './uhid.ts';

const DEVICE = '0db5:013b';
const REPORT_ID = 2;
/** Bar code scanner page (0x8C), one numbered input report: the id and 63 bytes (USB HID Point of Sale Usage Tables). */
const SCANNER_REPORTS = Uint8Array.of(
  ...[
    0x05,
    0x8c,
    0x09,
    0x02,
    0xa1,
    0x01,
    0x85,
    REPORT_ID,
    0x15,
    0x00,
    0x26,
    0xff,
    0x00,
    0x75,
    0x08,
    0x95,
    63,
  ],
  ...[0x09, 0xfe, 0x81, 0x02, 0xc0],
);

function plugIn() {
  const device = plugInHidDevice({
    name: 'scanner',
    vendorId: 0x0db5,
    productId: 0x013b,
    reportDescriptor: SCANNER_REPORTS,
    onOutput: () => {},
  });
  const { onData, onClose } = linkEnds();
  const link: Link = { write: async (report) => device.input(report), onData, onClose, close: device.unplug };
  const hidPos = hidPosProfiles['access-is'];
  assert.ok(hidPos);
  return { device, scanner: simulateCodeScanner({ link, clock: systemClock, hidPos }) };
}

export const scannerChecks: readonly GuestCheck[] = [
  {
    name: 'code scanner on HID-POS: a code over several reports, and again after being plugged in again',
    async run(undo) {
      const first = plugIn();
      undo(first.device.unplug);
      const driver = openCodeScanner({
        protocol: 'hid-pos',
        transport: { kind: 'hid', device: DEVICE, usagePage: 0x8c },
      });
      undo(driver.close);
      const online = () =>
        inTime(
          'the scanner is online',
          new Promise<void>((resolve) => {
            const look = () => driver.status.device === 'online' && resolve();
            driver.onStatus(look);
            look();
          }),
        );
      const scanned = (scan: () => Promise<void>) => {
        const { promise, resolve } = Promise.withResolvers<CodeScannerEvent>();
        const stop = driver.onEvent(resolve);
        void scan();
        return inTime('a code', promise).finally(stop);
      };
      await online();
      const code = `https://example.org/certificates/${'0123456789'.repeat(8)}`;
      const start = performance.now();
      const event = await scanned(() => first.scanner.scan(code));
      const took = since(start);
      assert.ok(JSON.stringify(event).includes(code), JSON.stringify(event));
      await first.device.unplug();
      const replugged = performance.now();
      const second = plugIn();
      undo(second.device.unplug);
      await inTime(
        'loss',
        new Promise<void>((resolve) => {
          const look = () => driver.status.device !== 'online' && resolve();
          driver.onStatus(look);
          look();
        }),
      );
      await online();
      const found = since(replugged);
      const again = await scanned(() => second.scanner.scan('8712345'));
      assert.ok(JSON.stringify(again).includes('8712345'), JSON.stringify(again));
      return `scanned in ${took}, online again after ${found}`;
    },
  },
];
