import { describe, expect, test } from 'vitest';
import { transportConfigSchema } from './config.ts';
import { type FoundUsbDevice, hidPorts, serialPorts, usbPorts } from './found-ports.ts';

test('serial ports are those that the machine has, with their adapters', () => {
  const found = serialPorts(
    [
      { path: '/dev/ttyS0' },
      { path: '/dev/ttyS1' },
      {
        path: '/dev/ttyUSB0',
        vendorId: '1a86',
        productId: '7523',
        manufacturer: 'QinHeng',
        serialNumber: '',
      },
      { path: 'COM3', vendorId: '403', productId: '6001' },
    ],
    new Map([
      ['/dev/ttyS0', 4],
      ['/dev/ttyS1', 0],
    ]),
  );
  expect(found).toEqual([
    { config: { kind: 'serial', path: '/dev/ttyS0', baudRate: 115200 } },
    {
      config: { kind: 'serial', path: '/dev/ttyUSB0', baudRate: 115200 },
      usb: '1a86:7523',
      manufacturer: 'QinHeng',
    },
    { config: { kind: 'serial', path: 'COM3', baudRate: 115200 }, usb: '0403:6001' },
  ]);
});

describe('HID devices', () => {
  const device = { vendorId: 0x0c2e, productId: 0x0b61, release: 1, interface: 0, product: 'Scanner' };

  test('are told apart by what they are for, once for each', () => {
    const found = hidPorts([
      { ...device, path: '/dev/hidraw0', usagePage: 1, usage: 6 },
      { ...device, path: '/dev/hidraw1', usagePage: 0x8c, usage: 2 },
      { ...device, path: '/dev/hidraw1', usagePage: 0x8c, usage: 3 },
      { ...device, path: '' },
    ]);
    expect(found.map(({ config }) => config)).toEqual([
      { kind: 'hid', device: '0c2e:0b61', usagePage: 1 },
      { kind: 'hid', device: '0c2e:0b61', usagePage: 0x8c },
    ]);
    expect(found[1]).toMatchObject({ usb: '0c2e:0b61', usagePage: 0x8c, usage: 2, product: 'Scanner' });
  });

  test('of which there are two are told apart by their paths', () => {
    const found = hidPorts([
      { ...device, path: '/dev/hidraw0' },
      { ...device, path: '/dev/hidraw1' },
    ]);
    expect(found.map(({ config }) => config)).toEqual([
      { kind: 'hid', device: '0c2e:0b61', path: '/dev/hidraw0' },
      { kind: 'hid', device: '0c2e:0b61', path: '/dev/hidraw1' },
    ]);
  });
});

describe('USB devices', () => {
  const device = (productId: number, interfaceClass: number, driver: string | null): FoundUsbDevice => ({
    vendorId: 0x0400,
    productId,
    manufacturer: 'Maker',
    product: null,
    interfaces: [{ interfaceClass, driver }],
  });
  const ids = (found: readonly FoundUsbDevice[]) => usbPorts(found).map(({ usb }) => usb);

  test('are printers and makers’ own, never a disk, a camera or a serial adapter at work', () => {
    const printer = device(1, 7, 'usblp');
    const reader = device(2, 0xff, null);
    const disk = device(3, 8, 'usb-storage');
    const bareDisk = device(4, 8, null);
    const adapter = device(5, 0xff, 'ftdi_sio');
    const elsewhere = device(6, 0xff, 'usbfs');
    const secret: FoundUsbDevice = { vendorId: 0x0400, productId: 7, interfaces: null };
    const hub: FoundUsbDevice = { vendorId: 0x0400, productId: 8, interfaces: [] };
    expect(ids([printer, reader, disk, bareDisk, adapter, elsewhere, secret, hub])).toEqual([
      '0400:0001',
      '0400:0002',
      '0400:0006',
      '0400:0007',
    ]);
  });

  test('of which there are two are told apart by their serial numbers', () => {
    const [one, two] = ['A1', 'B2'].map((serialNumber) => ({ ...device(1, 7, null), serialNumber }));
    if (one === undefined || two === undefined) throw new Error('there are two');
    expect(usbPorts([one, two]).map(({ config }) => config)).toEqual([
      { kind: 'usb', device: '0400:0001', serialNumber: 'A1' },
      { kind: 'usb', device: '0400:0001', serialNumber: 'B2' },
    ]);
    expect(usbPorts([one])[0]?.config).toEqual({ kind: 'usb', device: '0400:0001' });
  });
});

test('whatever is found has a configuration that is accepted', () => {
  const found = [
    ...serialPorts([{ path: '/dev/ttyACM0' }], new Map()),
    ...hidPorts([{ vendorId: 1, productId: 0xffff, release: 0, interface: -1, path: '\\\\?\\hid#x' }]),
    ...usbPorts([{ vendorId: 0, productId: 0, interfaces: null }]),
  ];
  for (const { config } of found) expect(transportConfigSchema.parse(config)).toEqual(config);
});
