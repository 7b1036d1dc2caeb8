import type { Undo } from './check.ts';
import { createGadget, type Gadget } from './gadget.ts';

/** What the host opens. */
export const SERIAL_PATH = '/dev/ttyACM0';
/** What the device's firmware would read. */
export const SERIAL_DEVICE_END = '/dev/ttyGS0';

let adapter: Gadget | null = null;

/** Plugs in a USB serial device (CDC ACM), the same each time: it is unplugged by hand or at the end of the check. */
export async function plugInSerial(undo: Undo): Promise<Gadget> {
  adapter ??= createGadget({ name: 'serial', vendorId: 0x1a86, productId: 0x55d4, functionName: 'acm.0' });
  await adapter.plugIn();
  undo(adapter.unplug);
  return adapter;
}
