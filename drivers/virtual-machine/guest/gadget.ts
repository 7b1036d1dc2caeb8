/**
 * The device's side of a USB cable, made with configfs (Documentation/usb/gadget_configfs.rst) and `dummy_hcd`, which
 * connects it to this machine's own USB host.
 */

import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';

export interface GadgetOptions {
  readonly name: string;
  readonly vendorId: number;
  readonly productId: number;
  /** e.g. `printer.0`; with its attributes. */
  readonly functionName: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

export interface Gadget {
  plugIn(): Promise<void>;
  /** Idempotent. */
  unplug(): Promise<void>;
}

const ROOT = '/sys/kernel/config/usb_gadget';
const ENGLISH = '0x409';

/** Each gadget takes the next of the controllers that `dummy_hcd` was loaded with. */
let taken = 0;

export function createGadget(options: GadgetOptions): Gadget {
  const controller = readdirSync('/sys/class/udc').sort()[taken];
  taken += 1;
  if (controller === undefined) throw new Error('no USB device controller is left');
  const folder = path.join(ROOT, options.name);
  const set = (name: string, value: string) => writeFileSync(path.join(folder, name), value);
  mkdirSync(folder);
  set('idVendor', hex(options.vendorId));
  set('idProduct', hex(options.productId));
  mkdirSync(path.join(folder, 'strings', ENGLISH));
  set(`strings/${ENGLISH}/manufacturer`, 'Virtual');
  set(`strings/${ENGLISH}/product`, options.name);
  set(`strings/${ENGLISH}/serialnumber`, '1');
  const own = path.join(folder, 'functions', options.functionName);
  mkdirSync(own);
  for (const [name, value] of Object.entries(options.attributes ?? {}))
    writeFileSync(path.join(own, name), value);
  const configuration = path.join(folder, 'configs/c.1');
  mkdirSync(configuration);
  if (!existsSync(path.join(configuration, options.functionName))) {
    symlinkSync(own, path.join(configuration, options.functionName));
  }
  let plugged = false;
  return {
    // In the thread pool: the kernel waits for transfers to end, and this program may be what ends them.
    async plugIn() {
      plugged = true;
      await writeFile(path.join(folder, 'UDC'), controller);
    },
    async unplug() {
      if (plugged) {
        plugged = false;
        await writeFile(path.join(folder, 'UDC'), '\n');
      }
    },
  };
}

const hex = (id: number): string => `0x${id.toString(16).padStart(4, '0')}`;
