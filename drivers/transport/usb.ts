import { setTimeout as pause } from 'node:timers/promises';
import { err, ok, type Result } from '../device.ts';
import type { UsbConfig } from './config.ts';
import type { Link, Transport } from './link.ts';
import { firstLine, sentences } from './reasons.ts';
import { kernelDriver, loadUsb, type Usb, type UsbDevice, usbDevices } from './usb-device.ts';
import { chooseRoute } from './usb-endpoints.ts';
import { parseUsbId, udevRemedy } from './usb-id.ts';
import { usbLink } from './usb-link.ts';

/**
 * A USB device through its bulk endpoints. A kernel driver that holds the interface (`usblp` does printers) is
 * detached and comes back on closing; another program is left alone. With `splitAt`, a write is one frame.
 */
export function usbTransport(config: UsbConfig): Transport {
  return {
    name: `usb ${config.device}${config.serialNumber === undefined ? '' : ` ${config.serialNumber}`}`,
    async open() {
      const usb = await loadUsb();
      if (!usb.ok) return usb;
      try {
        const device = (await usbDevices(usb.value)).find((each) => isWanted(each, config));
        if (device === undefined) return err(sentences.noSuchDevice(`USB ${config.device}`));
        return await openDevice(device, config, (error) => whyLost(usb.value, device, error));
      } catch (error) {
        return err(explain(error, config));
      }
    },
  };
}

function isWanted(device: UsbDevice, { device: id, serialNumber }: UsbConfig): boolean {
  const { vendorId, productId } = parseUsbId(id);
  if (device.vendorId !== vendorId || device.productId !== productId) return false;
  return serialNumber === undefined || device.serialNumber === serialNumber;
}

async function openDevice(
  device: UsbDevice,
  config: UsbConfig,
  whyLost: (error: unknown) => Promise<string>,
): Promise<Result<Link, string>> {
  await device.open();
  try {
    const route = chooseRoute(device.configuration.interfaces, config);
    if (!route.ok) {
      await device.close();
      return route;
    }
    const detached = await claim(device, route.value.interface);
    if (route.value.alternate !== 0)
      await device.selectAlternateInterface(route.value.interface, route.value.alternate);
    return ok(usbLink(device, { route: route.value, splitAt: config.splitAt, detached, whyLost }));
  } catch (error) {
    await device.close().catch(() => {});
    throw error;
  }
}

/** How often, and how long from one time to the next (milliseconds), a device is looked for that may be unplugged. */
const LOOKS = 10;
const LOOK_MS = 50;

/** A transfer under way when the cable is pulled fails before the system knows that the device is gone. */
async function whyLost(usb: Usb, device: UsbDevice, error: unknown): Promise<string> {
  const place = ({ bus, ports }: UsbDevice): string => `${bus} ${ports.join('.')}`;
  for (let look = 0; look < LOOKS; look++) {
    if (!(await usbDevices(usb)).some((each) => place(each) === place(device))) return sentences.unplugged;
    await pause(LOOK_MS);
  }
  return `lost: ${firstLine(error)}`;
}

/** Whether a kernel driver had to go for it. */
async function claim(device: UsbDevice, interfaceNumber: number): Promise<boolean> {
  const driver = await kernelDriver(device, interfaceNumber);
  const detach = driver !== null && driver !== 'usbfs';
  if (detach) await device.detachKernelDriver(interfaceNumber);
  await device.claimInterface(interfaceNumber);
  return detach;
}

function explain(error: unknown, config: UsbConfig): string {
  const message = firstLine(error);
  const what = `USB device ${config.device}`;
  if (/permission denied|errno 13|access/i.test(message))
    return sentences.noPermission(what, udevRemedy('usb', parseUsbId(config.device), process.platform));
  if (/disconnected|errno 19|errno 2\b/i.test(message)) return sentences.noSuchDevice(`USB ${config.device}`);
  if (/busy|errno 16/i.test(message)) return sentences.busy(what);
  return sentences.notOpened(what, message);
}
