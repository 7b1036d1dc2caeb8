import { expect, test } from 'vitest';
import { configSchema } from './config/index.ts';
import { portsOfOthers } from './devices.ts';

test('a device that is looked for leaves the ports of the others alone', () => {
  const { devices } = configSchema.parse({
    devices: {
      idCardReader: { transport: 'auto' },
      receiptPrinter: { transport: { kind: 'serial', path: '/dev/ttyUSB1' } },
      codeScanner: { protocol: 'hid-pos', transport: { kind: 'hid', device: '0DB5:0139' } },
      lights: {
        protocol: 'serial',
        transport: { kind: 'serial', path: '/dev/ttyUSB2', baudRate: 9600 },
        lights: { cardReader: { channel: 1 } },
      },
    },
  });
  expect(portsOfOthers(devices, 'idCardReader').sort()).toEqual([
    '/dev/ttyUSB1',
    '/dev/ttyUSB2',
    '0db5:0139',
  ]);
  expect(portsOfOthers(devices, 'receiptPrinter').sort()).toEqual(['/dev/ttyUSB2', '0db5:0139']);
});
