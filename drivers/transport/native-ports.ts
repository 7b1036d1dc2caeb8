import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { type FoundUsbDevice, hidPorts, serialPorts, usbPorts } from './found-ports.ts';
import { loadHid } from './hid.ts';
import type { FoundPort, PortListing } from './ports.ts';
import { firstLine, sentences } from './reasons.ts';
import { kernelDriver, loadUsb, type UsbDevice, usbDevices } from './usb-device.ts';

/** Everything that could be a device, found by whatever native module this machine can load. Never rejects. */
export async function listNativePorts(): Promise<PortListing> {
  const sources = [
    { what: 'serial ports', list: listSerial },
    { what: 'HID devices', list: listHid },
    { what: 'USB devices', list: listUsb },
    { what: 'printers', list: listPrinters },
  ];
  const found = await Promise.all(
    sources.map(async ({ what, list }): Promise<PortListing> => {
      try {
        return { ports: await list(), problems: [] };
      } catch (error) {
        return { ports: [], problems: [`${what} could not be listed: ${firstLine(error)}`] };
      }
    }),
  );
  return {
    ports: found.flatMap(({ ports }) => ports),
    problems: found.flatMap(({ problems }) => problems),
  };
}

async function listSerial(): Promise<FoundPort[]> {
  const { autoDetect } = await import('@serialport/bindings-cpp').catch((error) => {
    throw new Error(sentences.noModule('serial port', error));
  });
  const found = await autoDetect().list();
  const types = await Promise.all(found.map(async (port) => [port.path, await uartType(port.path)] as const));
  return serialPorts(found, new Map(types.flatMap(([at, type]) => (type === null ? [] : [[at, type]]))));
}

/** Linux keeps a `/dev/ttyS…` for every port that a PC could have. */
async function uartType(device: string): Promise<number | null> {
  try {
    return Number(await readFile(path.join('/sys/class/tty', path.basename(device), 'type'), 'utf8'));
  } catch {
    return null;
  }
}

async function listHid(): Promise<FoundPort[]> {
  const hid = await loadHid();
  if (!hid.ok) throw new Error(hid.error);
  return hidPorts(await hid.value.devicesAsync());
}

async function listUsb(): Promise<FoundPort[]> {
  const usb = await loadUsb();
  if (!usb.ok) throw new Error(usb.error);
  return usbPorts(await Promise.all((await usbDevices(usb.value)).map(describe)));
}

async function describe(device: UsbDevice): Promise<FoundUsbDevice> {
  const { vendorId, productId } = device;
  return { vendorId, productId, ...names(device), interfaces: await bulkInterfaces(device) };
}

/** Read from the device itself where the system has not kept them, which may be forbidden. */
function names(device: UsbDevice) {
  try {
    const { manufacturerName: manufacturer, productName: product, serialNumber } = device;
    return { manufacturer, product, serialNumber };
  } catch {
    return {};
  }
}

async function bulkInterfaces(device: UsbDevice): Promise<FoundUsbDevice['interfaces']> {
  try {
    const withBulk = device.configuration.interfaces.flatMap(({ interfaceNumber, alternates }) =>
      alternates
        .filter(({ endpoints }) => endpoints.some(({ type }) => type === 'bulk'))
        .map(({ interfaceClass }) => ({ interfaceNumber, interfaceClass })),
    );
    return await Promise.all(
      withBulk.map(async ({ interfaceNumber, interfaceClass }) => ({
        interfaceClass,
        driver: await kernelDriver(device, interfaceNumber),
      })),
    );
  } catch {
    // Hubs and the like, of which nothing can be wanted, say in their first descriptor what they are.
    const mayBeOurs = [0, 7, 0xff].includes(device.deviceClass);
    return mayBeOurs ? null : [];
  }
}

async function listPrinters(): Promise<FoundPort[]> {
  const names = await readdir('/dev/usb').catch((): string[] => []);
  return names
    .filter((name) => /^lp\d+$/.test(name))
    .sort()
    .map((name) => ({ config: { kind: 'usblp', path: `/dev/usb/${name}` } }));
}
