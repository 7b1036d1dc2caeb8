import { expect, onTestFinished, test } from 'vitest';
import { type Clock, systemClock } from '../device.ts';
import {
  type FoundPort,
  forkPortHost,
  manualClock,
  memoryTransport,
  openPty,
  type Transport,
  type TransportConfig,
} from '../transport/index.ts';
import { autoPort } from './auto-port.ts';
import { detectReceiptPrinter } from './detect.ts';
import { openReceiptPrinter } from './driver.ts';
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

test('is ended in the middle, with the port closed', async () => {
  const clock = manualClock();
  const { open, touched } = machine(clock);
  const ending = new AbortController();
  const candidates = [serial('/dev/silent'), serial('/dev/printer')];
  const detecting = detectReceiptPrinter({ candidates, open, clock, signal: ending.signal });
  await clock.advance(100);
  ending.abort();
  expect(await settle(clock, detecting)).toBeNull();
  expect(clock.monotonic()).toBeLessThanOrEqual(150);
  expect(touched).toEqual(['/dev/silent']);
});

test('as a transport it looks where the printer was, then anew', async () => {
  const clock = manualClock();
  const { open, touched } = machine(clock);
  let ports = [serial('/dev/silent')];
  const { transport } = autoPort({ list: async () => ({ ports }), open, clock });
  expect(await settle(clock, transport.open())).toEqual({
    ok: false,
    error: 'no receipt printer answers on any port',
  });
  ports = [serial('/dev/silent'), serial('/dev/printer')];
  for (let opening = 0; opening < 2; opening += 1) {
    touched.length = 0;
    const opened = await settle(clock, transport.open());
    expect(opened.ok).toBe(true);
    expect(transport.name).toBe('/dev/printer');
    if (opened.ok) await opened.value.close();
  }
  expect(touched).toEqual([]);
});

test('behind eight silent ports it comes online, and stays', async () => {
  const clock = manualClock();
  const { open } = machine(clock);
  const silent = Array.from({ length: 8 }, (_, n) => serial(`/dev/silent${n}`));
  const { transport, stop } = autoPort({
    list: async () => ({ ports: [...silent, serial('/dev/printer')] }),
    open,
    clock,
  });
  const printer = openReceiptPrinter({ transport, clock, random: () => 0.5 });
  onTestFinished(async () => {
    stop();
    await printer.close();
  });
  const told: string[] = [];
  printer.onStatus(({ device }) => told.push(device));
  await clock.advance(20_000);
  expect(printer.status.device).toBe('online');
  await clock.advance(120_000);
  expect(told).toEqual(['noDevice', 'online']);
});

const pty = await openPty();
if (pty.ok) await pty.value.close();

test.skipIf(!pty.ok)(
  `real ports: one process asks at all of them${pty.ok ? '' : ` (skipped: ${pty.error})`}`,
  { timeout: 60_000 },
  async () => {
    const ports: FoundPort[] = [];
    for (const isPrinter of [false, false, true]) {
      const opened = await openPty();
      if (!opened.ok) throw new Error(opened.error);
      const { path, master, close } = opened.value;
      onTestFinished(close);
      ports.push(serial(path));
      if (!isPrinter) continue;
      const mechanism = simulateReceiptPrinterOn(master, { clock: systemClock, columns: 48 });
      onTestFinished(mechanism.close);
    }
    let processes = 0;
    const printer = openReceiptPrinter({
      transport: 'auto',
      listPorts: async () => ({ ports, problems: [] }),
      startPortHost() {
        processes += 1;
        return forkPortHost();
      },
    });
    onTestFinished(printer.close);
    await expect.poll(() => printer.status.device, { timeout: 50_000 }).toBe('online');
    expect(processes).toBe(1);
  },
);

test('a port is left alone whatever name it is excluded by', async () => {
  const opened: string[] = [];
  const found = await detectReceiptPrinter({
    candidates: [{ config: { kind: 'serial', path: '/dev/ttyUSB0', baudRate: 9600 } }],
    exclude: ['/dev/serial/by-id/usb-reader'],
    realPath: (path) => (path === '/dev/serial/by-id/usb-reader' ? '/dev/ttyUSB0' : path),
    open: () => {
      opened.push('opened');
      return { name: 'a port', open: async () => ({ ok: false, error: 'no' }) };
    },
    clock: manualClock(),
  });
  expect(found).toBeNull();
  expect(opened).toEqual([]);
});
