import assert from 'node:assert/strict';
import { hidTransport, type Link, transportOf } from '../../transport/index.ts';
import { type GuestCheck, patientClock, since } from './check.ts';
import { assertUnplugged, collector, endOf, openSoon, refusalOf } from './links.ts';
import type { HidDevice } from './uhid.ts';
import { plugInVendorHid, REPORT_BYTES } from './vendor-hid.ts';

const DEVICE = '10c4:0007';

/** Answers each report with the same bytes, every one increased by one. */
function plugInEcho(): HidDevice {
  const { device, link } = plugInVendorHid();
  link.onData((report) => void link.write(report.map((byte) => byte + 1)));
  return device;
}

async function exchange(link: Link, rounds: number): Promise<void> {
  const answers = collector(link);
  for (let round = 0; round < rounds; round++) {
    const report = Uint8Array.from({ length: REPORT_BYTES }, (_, index) => (round + index * 5) & 0xff);
    await link.write(report);
    assert.deepEqual(
      await answers.chunk(),
      report.map((byte) => byte + 1),
    );
  }
}

export const hidChecks: readonly GuestCheck[] = [
  {
    name: 'HID: reports of 64 bytes there and back through hidraw',
    async run(undo) {
      const device = plugInEcho();
      undo(device.unplug);
      const link = await openSoon(hidTransport({ kind: 'hid', device: DEVICE, usagePage: 0xff00 }));
      undo(link.close);
      const start = performance.now();
      await exchange(link, 20);
      return `20 exchanges in ${since(start)}`;
    },
  },
  {
    name: 'HID: unplugging ends the link, plugging in again opens it',
    async run(undo) {
      const transport = hidTransport({ kind: 'hid', device: DEVICE });
      assert.equal(await refusalOf(transport), 'no-such-port');
      const device = plugInEcho();
      undo(device.unplug);
      const link = await openSoon(transport);
      const ending = endOf(link);
      await device.unplug();
      const end = await ending;
      assertUnplugged(end);
      assert.equal(await refusalOf(transport), 'no-such-port');
      const next = plugInEcho();
      undo(next.unplug);
      const start = performance.now();
      const again = await openSoon(transport);
      undo(again.close);
      const found = since(start);
      await exchange(again, 1);
      return `noticed after ${end.ms} ms, open again after ${found}`;
    },
  },
  {
    name: 'HID: the same from a process of its own',
    async run(undo) {
      const device = plugInEcho();
      undo(device.unplug);
      const start = performance.now();
      const link = await openSoon(transportOf({ kind: 'hid', device: DEVICE }, { clock: patientClock }));
      const opened = since(start);
      await exchange(link, 20);
      const ending = endOf(link);
      await device.unplug();
      assertUnplugged(await ending);
      return `process started and port opened in ${opened}`;
    },
  },
];
