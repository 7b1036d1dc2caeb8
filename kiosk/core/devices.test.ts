import { memoryTransport, systemClock } from '@huimin/drivers';
import { expect, test } from 'vitest';
import { configSchema, readConfig } from './config/index.ts';
import { leftAlone, openDevices } from './devices.ts';

test('a device that is looked for leaves the ports of the others alone', () => {
  const { devices } = configSchema.parse({
    devices: {
      idCardReader: { transport: 'auto', exclude: ['COM9'] },
      receiptPrinter: { transport: { kind: 'serial', path: '/dev/ttyUSB1' } },
      codeScanner: { protocol: 'hid-pos', transport: { kind: 'hid', device: '0DB5:0139' } },
      lights: {
        protocol: 'serial',
        transport: { kind: 'serial', path: '/dev/ttyUSB2', baudRate: 9600 },
        lights: { cardReader: { channel: 1 } },
      },
    },
  });
  const forReader = ['/dev/ttyUSB1', '/dev/ttyUSB2', '0db5:0139', 'COM9'];
  expect(leftAlone(devices, 'idCardReader').sort()).toEqual(forReader);
  expect(leftAlone(devices, 'receiptPrinter').sort()).toEqual(['/dev/ttyUSB2', '0db5:0139']);
});

test('every device of the bench is opened at its place there; without a bench none is', async () => {
  const config = readConfig(null, { bench: true });
  if (!config.ok) throw new Error('the defaults are right');
  const bench = {
    idCardReader: { transport: memoryTransport().transport },
    receiptPrinter: { transport: memoryTransport().transport },
    certificatePrinter: { uri: 'ipp://127.0.0.1:9/' },
    faceCamera: { href: '/bench/camera' },
  };
  const opened = openDevices(config.value.devices, { bench, clock: systemClock });
  const there = Object.entries(opened.all).flatMap(([name, device]) => (device === null ? [] : [name]));
  const camera = opened.camera();
  await opened.close();
  expect(there.sort()).toEqual(['certificatePrinter', 'codeScanner', 'idCardReader', 'receiptPrinter']);
  expect(camera).toEqual({ kind: 'stills', href: '/bench/camera' });

  const alone = openDevices(config.value.devices, { bench: {}, clock: systemClock });
  await alone.close();
  expect([alone.idCardReader, alone.certificatePrinter, alone.camera()]).toEqual([null, null, null]);
});
