import { expect, test, vi } from 'vitest';
import {
  type DriverOptions,
  openCamera,
  openCodeScanner,
  openIcCardReader,
  openIdCardReader,
  openKeypad,
  openLights,
  openPresenceSensor,
  openReceiptPrinter,
} from './index.ts';

const forked = vi.hoisted(() => vi.fn());
vi.mock('./transport/host/fork.ts', () => ({ forkPortHost: forked }));

const transport = { kind: 'serial', path: '/dev/no-such-port', baudRate: 9600 } as const;
const lights = { protocol: 'serial', transport, lights: { statusGood: { channel: 1 } } } as const;

const opens: Readonly<Record<string, (options: DriverOptions) => { close(): Promise<void> }>> = {
  'a camera with a light': (options) =>
    openCamera({
      ...{ select: { label: 'none' }, videoClass: '/nowhere', light: { name: 'statusGood', lights } },
      ...options,
    }),
  'a code scanner': (options) => openCodeScanner({ protocol: 'serial', transport, ...options }),
  'an IC card reader': (options) => openIcCardReader({ protocol: 'pcsc', ...options }),
  'an ID card reader': (options) => openIdCardReader({ transport, ...options }),
  'an ID card reader on any port': (options) => openIdCardReader({ transport: 'auto', ...options }),
  'a keypad': (options) => openKeypad({ protocol: 'hid', transport, ...options }),
  lights: (options) => openLights({ ...lights, ...options }),
  'a presence sensor': (options) =>
    openPresenceSensor({ protocol: 'serial', profile: 'hlk-ld2410', transport, ...options }),
  'a receipt printer': (options) => openReceiptPrinter({ transport, ...options }),
  'a receipt printer on any port': (options) => openReceiptPrinter({ transport: 'auto', ...options }),
};

test.each(Object.entries(opens))('%s starts its process as it is told', async (_, open) => {
  const startPortHost = vi.fn((): never => {
    throw new Error('no process here');
  });
  const device = open({ startPortHost });
  await expect.poll(() => startPortHost.mock.calls.length).toBeGreaterThan(0);
  await device.close();
  expect(forked).not.toHaveBeenCalled();
});
