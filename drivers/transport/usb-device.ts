import { readlink } from 'node:fs/promises';
import path from 'node:path';
import { err, ok, type Result } from '../device.ts';
import { firstLine, sentences } from './reasons.ts';
import type { UsbInterfaceDescriptor } from './usb-endpoints.ts';

/** What is used of the `usb` package: WebUSB's device with a timeout on transfers and Linux's kernel drivers. */
export interface UsbDevice {
  readonly vendorId: number;
  readonly productId: number;
  readonly deviceClass: number;
  readonly serialNumber: string | null;
  readonly manufacturerName: string | null;
  readonly productName: string | null;
  /** Linux: the bus number. */
  readonly bus: string;
  /** Linux: the ports on the way to the device. */
  readonly ports: readonly number[];
  readonly configuration: {
    readonly configurationValue: number;
    readonly interfaces: readonly UsbInterfaceDescriptor[];
  };
  open(): Promise<void>;
  close(): Promise<void>;
  claimInterface(number: number): Promise<void>;
  releaseInterface(number: number): Promise<void>;
  selectAlternateInterface(number: number, alternate: number): Promise<void>;
  clearHalt(direction: 'in' | 'out', endpoint: number): Promise<void>;
  detachKernelDriver(number: number): Promise<void>;
  attachKernelDriver(number: number): Promise<void>;
  /** Rejects with `… Cancelled` when nothing came within `timeout` milliseconds. */
  transferIn(
    endpoint: number,
    length: number,
    timeout: number,
  ): Promise<{ readonly data?: DataView; readonly status: string }>;
  transferOut(
    endpoint: number,
    data: Uint8Array,
    timeout: number,
  ): Promise<{ readonly bytesWritten: number; readonly status: string }>;
}

/** What is used of the package itself. */
export interface Usb {
  getDevices(): Promise<UsbDevice[]>;
}
interface UsbModule {
  readonly usb: Usb;
}

/** The package's own types are WebUSB's, which know neither the timeouts nor the bus. */
export async function loadUsb(): Promise<Result<Usb, string>> {
  try {
    const module: unknown = await import('usb');
    return ok((module as UsbModule).usb);
  } catch (error) {
    return err(sentences.noModule('USB', error));
  }
}

/** Every USB device there is; none where the system has no USB at all. */
export async function usbDevices(usb: Usb): Promise<UsbDevice[]> {
  try {
    return await usb.getDevices();
  } catch (error) {
    if (/not found/i.test(firstLine(error))) return [];
    throw error;
  }
}

/** How the native module names what became of a transfer; it tells it in the error's text only. */
export type TransferFailure = 'timeout' | 'stall' | 'gone' | 'failed';

export function transferFailure(error: unknown): TransferFailure {
  const message = firstLine(error);
  if (/cancel/i.test(message)) return 'timeout';
  if (/stall/i.test(message)) return 'stall';
  if (/disconnect|no such device|errno 19/i.test(message)) return 'gone';
  return 'failed';
}

/**
 * The kernel's driver of an interface on Linux, e.g. `usblp`, or null. `usbfs` means that another program has it,
 * which must not be thrown off.
 */
export async function kernelDriver(device: UsbDevice, interfaceNumber: number): Promise<string | null> {
  const { bus, ports, configuration } = device;
  const name = `${Number(bus)}-${ports.join('.')}:${configuration.configurationValue}.${interfaceNumber}`;
  try {
    return path.basename(await readlink(`/sys/bus/usb/devices/${name}/driver`));
  } catch {
    return null;
  }
}
