import type { Device as HidDevice } from 'node-hid';
import type { FoundPort } from './ports.ts';
import { formatUsbId } from './usb-id.ts';

/** Without what is absent or empty. */
const told = <T extends object>(properties: T): { [K in keyof T]?: NonNullable<T[K]> } =>
  Object.fromEntries(
    Object.entries(properties).filter(([, value]) => value !== undefined && value !== null && value !== ''),
  ) as { [K in keyof T]?: NonNullable<T[K]> };

export interface FoundSerialPort {
  readonly path: string;
  /** Four hexadecimal digits. */
  readonly vendorId?: string | undefined;
  readonly productId?: string | undefined;
  readonly manufacturer?: string | undefined;
  readonly serialNumber?: string | undefined;
}

/** `hardware`: the kernel's type of each `/dev/ttyS…`, where 0 is a port that the machine does not have. */
export function serialPorts(
  found: readonly FoundSerialPort[],
  hardware: ReadonlyMap<string, number>,
): FoundPort[] {
  return found
    .filter(({ path }) => hardware.get(path) !== 0)
    .map(({ path, vendorId, productId, manufacturer, serialNumber }) => ({
      config: { kind: 'serial', path, baudRate: 115200 },
      ...told({
        usb:
          vendorId === undefined || productId === undefined
            ? undefined
            : formatUsbId({
                vendorId: Number.parseInt(vendorId, 16),
                productId: Number.parseInt(productId, 16),
              }),
        manufacturer,
        serialNumber,
      }),
    }));
}

/**
 * One for each interface. The path, which changes with the order of plugging in, is part of the configuration only
 * where nothing else tells two devices apart. Those that the system keeps for itself have none and are left out.
 */
export function hidPorts(found: readonly HidDevice[]): FoundPort[] {
  const named = found
    .filter(({ path }) => path !== undefined && path !== '')
    .map((device) => ({ ...device, path: device.path ?? '', id: formatUsbId(device) }));
  const unique = named.filter(
    (device, at) =>
      named.findIndex(({ path, usagePage }) => path === device.path && usagePage === device.usagePage) === at,
  );
  return unique.map(({ id, path, usagePage, usage, manufacturer, product, serialNumber }) => {
    const equal = unique.filter((other) => other.id === id && other.usagePage === usagePage);
    return {
      config: {
        kind: 'hid',
        device: id,
        ...told({ usagePage, path: equal.length > 1 ? path : undefined }),
      },
      usb: id,
      ...told({ usagePage, usage, manufacturer, product, serialNumber }),
    };
  });
}

export interface FoundUsbDevice {
  readonly vendorId: number;
  readonly productId: number;
  readonly manufacturer?: string | null;
  readonly product?: string | null;
  readonly serialNumber?: string | null;
  /** Interfaces with bulk endpoints; null when only those who may open the device are told. */
  readonly interfaces:
    | readonly {
        readonly interfaceClass: number;
        /** The kernel's driver that has it, Linux only. */
        readonly driver: string | null;
      }[]
    | null;
}

const PRINTER_CLASS = 7;
const VENDOR_CLASS = 0xff;
/** Kernel drivers that may be put aside, or are another program's; others (disks, serial adapters) do work of their own. */
const harmless: readonly (string | null)[] = [null, 'usblp', 'usbfs'];

/** Printers and devices of a maker's own class that no driver of the system's serves in another way. */
export function usbPorts(found: readonly FoundUsbDevice[]): FoundPort[] {
  const ours = found.filter(
    ({ interfaces }) =>
      interfaces === null ||
      interfaces.some(
        ({ interfaceClass, driver }) =>
          (interfaceClass === PRINTER_CLASS || interfaceClass === VENDOR_CLASS) && harmless.includes(driver),
      ),
  );
  return ours.map((device) => {
    const id = formatUsbId(device);
    const equal = ours.filter((other) => formatUsbId(other) === id);
    const { manufacturer, product, serialNumber } = device;
    return {
      config: {
        kind: 'usb',
        device: id,
        ...told({ serialNumber: equal.length > 1 ? serialNumber : undefined }),
      },
      usb: id,
      ...told({ manufacturer, product, serialNumber }),
    };
  });
}
