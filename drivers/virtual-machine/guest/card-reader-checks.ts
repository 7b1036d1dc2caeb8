import assert from 'node:assert/strict';
import { systemClock } from '../../device.ts';
import {
  type CitizenCard,
  checkDigit,
  framedDevice,
  type IdCardReader,
  openIdCardReader,
  simulateIdCardReader,
} from '../../id-card-reader/index.ts';
import { usbTransport } from '../../transport/index.ts';
import { BULK_READER, HEAD_BYTES, plugInBulkReader } from './bulk-reader.ts';
import { type GuestCheck, inTime, since } from './check.ts';
import { assertUnplugged, collector, endOf, openSoon, refusalOf } from './links.ts';
import { plugInVendorHid } from './vendor-hid.ts';

const HID_READER = '10c4:0007';

/** Nobody's card: the number is computed, and its region, 000000, does not exist. */
const card: CitizenCard = {
  type: 'citizen',
  name: '虚构甲',
  sex: 'female',
  nation: { code: '01', name: '汉' },
  birth: '1950-02-28',
  address: '虚构省虚构市虚构路1号',
  number: `00000019500228001${checkDigit('00000019500228001')}`,
  authority: '虚构市公安局',
  validFrom: '2015-06-01',
  validTo: null,
};

const online = (reader: IdCardReader): Promise<void> =>
  inTime(
    'the reader is online',
    new Promise<void>((resolve) => {
      const look = () => reader.status.device === 'online' && resolve();
      reader.onStatus(look);
      look();
    }),
  );

async function readCard(reader: IdCardReader): Promise<string> {
  const start = performance.now();
  const reading = await inTime('a card', reader.readCard());
  assert.ok(reading.ok, JSON.stringify(reading));
  assert.deepEqual(reading.value.card, card);
  return since(start);
}

export const cardReaderChecks: readonly GuestCheck[] = [
  {
    name: 'USB bulk: frames over two pairs of endpoints, of lengths around a packet',
    async run(undo) {
      const { link: device } = await plugInBulkReader(undo);
      const link = await openSoon(usbTransport({ kind: 'usb', device: BULK_READER, splitAt: HEAD_BYTES }));
      undo(link.close);
      const [asked, answered] = [collector(device), collector(link)];
      const start = performance.now();
      for (const length of [8, 63, 64, 71, 511, 512, 518, 519, 520, 1295, 2000]) {
        const frame = Buffer.from(Array.from({ length }, (_, index) => (index + length) & 0xff));
        frame.writeUInt16BE(length - HEAD_BYTES, HEAD_BYTES - 2);
        await link.write(frame);
        assert.deepEqual(await asked.bytes(length), Uint8Array.from(frame), `${length} bytes out`);
        await device.write(frame);
        assert.deepEqual(await answered.bytes(length), Uint8Array.from(frame), `${length} bytes in`);
      }
      return `11 exchanges in ${since(start)}`;
    },
  },
  {
    name: 'USB bulk: unplugging ends the link, plugging in again opens it',
    async run(undo) {
      const transport = usbTransport({ kind: 'usb', device: BULK_READER });
      assert.equal(await refusalOf(transport), 'no-such-port');
      const { device } = await plugInBulkReader(undo);
      const link = await openSoon(transport);
      const ending = endOf(link);
      await device.unplug();
      const end = await ending;
      assertUnplugged(end);
      await plugInBulkReader(undo);
      const start = performance.now();
      const again = await openSoon(transport);
      undo(again.close);
      return `noticed after ${end.ms} ms, open again after ${since(start)}`;
    },
  },
  {
    name: 'ID card reader on USB bulk: a card is read, also after unplugging in mid command',
    async run(undo) {
      const simulator = { clock: systemClock, paced: false };
      const { device, link } = await plugInBulkReader(undo);
      const reader = openIdCardReader({ transport: { kind: 'usb', device: BULK_READER } });
      undo(reader.close);
      simulateIdCardReader({ ...simulator, link }).place(card);
      await online(reader);
      const took = await readCard(reader);
      const waiting = reader.readCard();
      await device.unplug();
      const ended = await inTime('the end of the command', waiting);
      assert.ok(!ended.ok && ended.error.reason === 'unplugged', JSON.stringify(ended));
      const again = await plugInBulkReader(undo);
      const start = performance.now();
      simulateIdCardReader({ ...simulator, link: again.link }).place(card);
      await online(reader);
      const found = since(start);
      await readCard(reader);
      return `read in ${took}, online again after ${found}`;
    },
  },
  {
    name: 'ID card reader on HID: a card is read through framed reports, also after unplugging in mid command',
    async run(undo) {
      const plugIn = () => {
        const { device, link } = plugInVendorHid();
        undo(device.unplug);
        simulateIdCardReader({ clock: systemClock, paced: false, link: framedDevice(link, 'miaxis') }).place(
          card,
        );
        return device;
      };
      const device = plugIn();
      const reader = openIdCardReader({ transport: { kind: 'hid', device: HID_READER } });
      undo(reader.close);
      await online(reader);
      const took = await readCard(reader);
      const waiting = reader.readCard();
      await device.unplug();
      const ended = await inTime('the end of the command', waiting);
      assert.ok(!ended.ok && ended.error.reason === 'unplugged', JSON.stringify(ended));
      const start = performance.now();
      plugIn();
      await online(reader);
      const found = since(start);
      await readCard(reader);
      return `read in ${took}, online again after ${found}`;
    },
  },
];
