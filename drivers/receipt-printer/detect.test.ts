import { expect, test } from 'vitest';
import type { Clock } from '../device.ts';
import {
  type FoundPort,
  manualClock,
  memoryTransport,
  type Transport,
  type TransportConfig,
} from '../transport/index.ts';
import { detectingTransport, detectReceiptPrinter } from './detect.ts';
import { simulateReceiptPrinterOn } from './simulator/index.ts';

const serial = (path: string, usb?: string): FoundPort => ({
  config: { kind: 'serial', path, baudRate: 115200 },
  ...(usb === undefined ? {} : { usb }),
});

/** Ports of one machine: a printer at 19200 baud, something that echoes, something silent; who was written to. */
const machine = (clock: Clock) => {
  const touched: string[] = [];
  const open = (config: TransportConfig): Transport => {
    const path = 'path' in config ? (config.path ?? '') : '';
    const { transport, peer } = memoryTransport(path);
    const baudRate = config.kind === 'serial' ? config.baudRate : 0;
    peer.onData((chunk) => {
      touched.push(path);
      if (path === '/dev/echo') void peer.write(chunk);
    });
    if (path === '/dev/lp0' || (path === '/dev/printer' && baudRate === 19200)) {
      simulateReceiptPrinterOn(peer, { clock, columns: 48 });
    }
    return transport;
  };
  return { open, touched };
};

const settle = async <T>(clock: ReturnType<typeof manualClock>, promise: Promise<T>): Promise<T> => {
  let settled = false;
  void promise.finally(() => {
    settled = true;
  });
  for (let n = 0; n < 2_000 && !settled; n += 1) await clock.advance(50);
  return promise;
};

test('finds the printer and its speed among other devices', async () => {
  const clock = manualClock();
  const { open } = machine(clock);
  const candidates = [serial('/dev/echo'), serial('/dev/silent'), serial('/dev/printer')];
  expect(await settle(clock, detectReceiptPrinter({ candidates, open, clock }))).toEqual({
    kind: 'serial',
    path: '/dev/printer',
    baudRate: 19200,
  });
});

test('a printer of the USB printer class is found; what cannot be one is left alone', async () => {
  const clock = manualClock();
  const { open, touched } = machine(clock);
  const candidates: FoundPort[] = [
    { config: { kind: 'hid', device: '10c4:0007', path: '/dev/hidraw0' } },
    { config: { kind: 'usblp', path: '/dev/lp0' } },
  ];
  expect(await settle(clock, detectReceiptPrinter({ candidates, open, clock }))).toEqual({
    kind: 'usblp',
    path: '/dev/lp0',
  });
  expect(touched).not.toContain('/dev/hidraw0');
});

test('ports of other devices are never written to, by path or by USB id', async () => {
  const clock = manualClock();
  const { open, touched } = machine(clock);
  const candidates = [serial('/dev/silent', '10c4:ea60'), serial('/dev/echo'), serial('/dev/printer')];
  const detecting = detectReceiptPrinter({
    candidates,
    exclude: ['10C4:EA60', '/dev/printer'],
    open,
    clock,
  });
  expect(await settle(clock, detecting)).toBeNull();
  expect(new Set(touched)).toEqual(new Set(['/dev/echo']));
});

test('as a transport it looks anew at each opening', async () => {
  const clock = manualClock();
  const { open } = machine(clock);
  let ports = [serial('/dev/silent')];
  const transport = detectingTransport({ list: async () => ({ ports }), open, clock });
  expect(await settle(clock, transport.open())).toEqual({
    ok: false,
    error: 'no receipt printer answers on any port',
  });
  ports = [serial('/dev/printer')];
  const opened = await settle(clock, transport.open());
  expect(opened.ok).toBe(true);
  expect(transport.name).toBe('/dev/printer');
  if (opened.ok) await opened.value.close();
});
