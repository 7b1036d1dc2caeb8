import assert from 'node:assert/strict';
import { systemClock } from '../../device.ts';
import {
  openReceiptPrinter,
  type ReceiptDocument,
  type ReceiptPrinter,
  type ReceiptPrinterStatus,
  receiptText,
  simulateReceiptPrinterOn,
} from '../../receipt-printer/index.ts';
import { type Link, usblpTransport } from '../../transport/index.ts';
import { type GuestCheck, inTime, since, until } from './check.ts';
import { assertUnplugged, collector, endOf, openSoon, refusalOf } from './links.ts';
import { PRINTER_PATH, plugInPrinter } from './usb-printer.ts';

const slip = (lines: number): ReceiptDocument => ({
  lines: [
    ...Array.from({ length: lines }, (_, index) => ({ kind: 'text' as const, text: `第 ${index + 1} 行` })),
    { kind: 'cut' as const },
  ],
});

const statusOf = (driver: ReceiptPrinter, want: (status: ReceiptPrinterStatus) => boolean): Promise<void> =>
  inTime(
    'a status of the printer',
    new Promise<void>((resolve) => {
      const look = () => want(driver.status) && resolve();
      driver.onStatus(look);
      look();
    }),
  ).catch((error: Error) => {
    throw new Error(`${error.message}: ${JSON.stringify(driver.status)}`);
  });
const online = ({ device }: ReceiptPrinterStatus) => device === 'online';

export const printerChecks: readonly GuestCheck[] = [
  {
    name: 'usblp: bytes there and back through the printer class driver of the kernel',
    async run(undo) {
      const { device } = await plugInPrinter(undo);
      const link = await openSoon(usblpTransport({ kind: 'usblp', path: PRINTER_PATH }));
      undo(link.close);
      const [received, answers] = [collector(device), collector(link)];
      const sent = Uint8Array.from({ length: 50_000 }, (_, index) => (index * 7) & 0xff);
      const start = performance.now();
      await link.write(sent);
      assert.deepEqual(await received.bytes(sent.length), sent);
      const took = since(start);
      const answering = performance.now();
      await device.write(Uint8Array.of(0x12));
      assert.deepEqual(await answers.bytes(1), Uint8Array.of(0x12));
      return `50 kB in ${took}, one byte back in ${since(answering)}`;
    },
  },
  {
    name: 'usblp: a second program is told that the printer is in use',
    async run(undo) {
      await plugInPrinter(undo);
      const transport = usblpTransport({ kind: 'usblp', path: PRINTER_PATH });
      const link = await openSoon(transport);
      undo(link.close);
      assert.equal(await refusalOf(transport), 'busy');
      return 'busy';
    },
  },
  {
    name: 'usblp: unplugged while nothing passes, and in mid write; open again when plugged in',
    async run(undo) {
      const transport = usblpTransport({ kind: 'usblp', path: PRINTER_PATH });
      assert.equal(await refusalOf(transport), 'no-such-port');
      const noticed: number[] = [];
      for (const writing of [false, true]) {
        const { gadget } = await plugInPrinter(undo);
        const link = await openSoon(transport);
        const ending = endOf(link);
        // More than all the buffers on the way hold, and nobody reads.
        if (writing) void link.write(new Uint8Array(1 << 20));
        await gadget.unplug();
        const end = await ending;
        assertUnplugged(end);
        noticed.push(end.ms);
      }
      return `noticed after ${noticed.join(' and ')} ms`;
    },
  },
  {
    name: 'receipt printer on usblp: prints, confirms, reports its paper; unplugged in mid print, ready again',
    async run(undo) {
      const options = { clock: systemClock, columns: 48 };
      const receipts: string[] = [];
      const start = performance.now();
      const attach = async (speedMmPerSecond: number) => {
        const { gadget, device } = await plugInPrinter(undo);
        let received = 0;
        const watched: Link = {
          ...device,
          onData: (listener) =>
            device.onData((chunk) => {
              received += chunk.length;
              listener(chunk);
            }),
        };
        const mechanism = simulateReceiptPrinterOn(watched, { ...options, speedMmPerSecond });
        undo(mechanism.close);
        mechanism.onReceipt((receipt) => receipts.push(receiptText(receipt)));
        return { gadget, mechanism, received: () => received };
      };
      const first = await attach(0);
      const driver = openReceiptPrinter({ transport: { kind: 'usblp', path: PRINTER_PATH } });
      undo(driver.close);
      await statusOf(driver, online);
      const ready = since(start);
      const printing = performance.now();
      assert.deepEqual(await inTime('the receipt', driver.print(slip(40))), {
        ok: true,
        value: { kind: 'printed' },
      });
      const took = since(printing);
      assert.equal(receipts.length, 1);
      assert.match(receipts[0] ?? '', /第 1 行.*第 40 行/s);
      first.mechanism.fault('paper-out');
      await statusOf(driver, ({ paper }) => paper === 'out');
      first.mechanism.fault(null);
      await statusOf(driver, online);

      await first.gadget.unplug();
      await statusOf(driver, ({ device }) => device === 'noDevice');
      const slow = await attach(20);
      await statusOf(driver, online);
      const [before, document] = [slow.received(), slip(40)];
      const lost = driver.print(document);
      await until('the receipt comes in', () => (slow.received() > before + 200 ? true : null));
      await slow.gadget.unplug();
      const result = await inTime('the end of the print', lost);
      assert.ok(!result.ok && result.error.reason === 'outcome-unknown', JSON.stringify(result));
      return `ready after ${ready}, 40 lines confirmed after ${took}`;
    },
  },
];
