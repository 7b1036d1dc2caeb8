import { type CommandError, ok, type Result } from '../device.ts';
import type { AnyDevice, ClassModule, Found, Request } from './devices/found.ts';
import type { DeviceClass } from './usage.ts';
import type { World } from './world.ts';

/** What the program knows of a class, loaded when it is asked for: a class that cannot be loaded hurts no other. */
export async function moduleOf(deviceClass: DeviceClass): Promise<ClassModule<AnyDevice>> {
  switch (deviceClass) {
    case 'id-card':
      return (await import('./devices/id-card.ts')).idCard;
    case 'receipt-printer':
      return (await import('./devices/receipt-printer.ts')).receiptPrinter;
    case 'certificate-printer':
      return (await import('./devices/certificate-printer.ts')).certificatePrinter;
    case 'code-scanner':
      return (await import('./devices/code-scanner.ts')).codeScanner;
    case 'ic-card':
      return (await import('./devices/ic-card.ts')).icCard;
    case 'lights':
      return (await import('./devices/lights.ts')).lights;
    case 'keypad':
      return (await import('./devices/keypad.ts')).keypad;
    case 'presence-sensor':
      return (await import('./devices/presence-sensor.ts')).presenceSensor;
    case 'camera':
      return (await import('./devices/camera.ts')).camera;
    default:
      return deviceClass satisfies never;
  }
}

/** A device under supervision, and where it is. */
export interface Opened<D> {
  readonly device: D;
  readonly where: string;
  /** Closes the device and tells why its port cannot be opened; null if it can, or where there is none to try. */
  whyAbsent(): Promise<string | null>;
  /** Does what hands would, where the device is a simulator. */
  readonly hands: Found<D>['hands'];
  close(): Promise<void>;
}

/** Finds the device and opens it. */
export async function open<D extends AnyDevice>(
  { find }: ClassModule<D>,
  request: Request,
  world: World,
): Promise<Result<Opened<D>, CommandError>> {
  const found = await find(request, world);
  if (!found.ok) return found;
  const { where, hands, whyAbsent, end } = found.value;
  const device = found.value.open();
  return ok({
    device,
    where,
    hands,
    async whyAbsent() {
      await device.close();
      return whyAbsent();
    },
    async close() {
      await device.close();
      await end();
    },
  });
}
