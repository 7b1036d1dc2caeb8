import type { Link } from '../../transport/index.ts';
import { characterDevice } from './character-device.ts';
import { type Undo, until } from './check.ts';
import { createGadget, type Gadget } from './gadget.ts';

/** What the host opens. */
export const PRINTER_PATH = '/dev/usb/lp0';
/** What the printer's firmware would read. */
const DEVICE_END = '/dev/g_printer0';

let printer: Gadget | null = null;

/** Plugs in a USB printer, the same each time: it is unplugged by hand or at the end of the check. */
export async function plugInPrinter(undo: Undo): Promise<{ readonly gadget: Gadget; readonly device: Link }> {
  printer ??= createGadget({
    name: 'printer',
    vendorId: 0x04b8,
    productId: 0x0202,
    functionName: 'printer.0',
    attributes: { pnp_string: 'MFG:EPSON;MDL:TM;CMD:ESC/POS;CLS:PRINTER;', q_len: '10' },
  });
  const gadget = printer;
  await gadget.plugIn();
  undo(gadget.unplug);
  // It can be opened when the host has chosen the configuration.
  const device = await until(`${DEVICE_END} opens`, () => characterDevice(DEVICE_END).catch(() => null));
  undo(device.close);
  return { gadget, device };
}
