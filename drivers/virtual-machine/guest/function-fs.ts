/**
 * A vendor-specific USB device with two pairs of bulk endpoints whose other end is this program
 * (Documentation/usb/functionfs.rst; layouts from linux/usb/functionfs.h and USB 2.0, 9.6).
 */

import { execFileSync } from 'node:child_process';
import { mkdirSync, openSync, read, write, writeSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { createGadget, type Gadget } from './gadget.ts';

export interface BulkDeviceOptions {
  readonly name: string;
  readonly vendorId: number;
  readonly productId: number;
  /** Bytes from the host and the pair they came through, one packet at a time. */
  onData(pair: 0 | 1, bytes: Uint8Array): void;
}

export interface BulkDevice extends Gadget {
  /** Resolves when the host has taken them, or was gone. */
  send(pair: 0 | 1, bytes: Uint8Array): Promise<void>;
}

const DESCRIPTORS_V2 = 3;
const STRINGS = 2;
const HAS_FULL_AND_HIGH_SPEED = 3;
const VENDOR_SPECIFIC = 0xff;
const BULK = 2;
/** The longest packet at high speed, the speed of `dummy_hcd`. A longer read would wait for a short packet. */
const PACKET_BYTES = 512;
const readAsync = promisify(read);
const writeAsync = promisify(write);

export function createBulkDevice({ name, onData, ...ids }: BulkDeviceOptions): BulkDevice {
  const gadget = createGadget({ name, ...ids, functionName: `ffs.${name}` });
  const folder = path.join('/run', name);
  mkdirSync(folder);
  execFileSync('mount', ['-t', 'functionfs', name, folder]);
  const control = openSync(path.join(folder, 'ep0'), 'r+');
  writeSync(control, descriptors());
  writeSync(control, Buffer.concat([words(STRINGS, 16, 0, 0)]));
  const open = (endpoint: number) => openSync(path.join(folder, `ep${endpoint}`), 'r+');
  const outputs = [open(1), open(3)] as const;
  const inputs = [open(2), open(4)] as const;

  const ignoreEvents = async (): Promise<never> => {
    const buffer = Buffer.alloc(12 * 4);
    for (;;) await readAsync(control, buffer, 0, buffer.length, null);
  };
  void ignoreEvents();

  /** A read waits until the host has chosen the configuration, and fails when it is gone again. */
  const listen = async (pair: 0 | 1): Promise<never> => {
    const buffer = Buffer.alloc(PACKET_BYTES);
    for (;;) {
      try {
        const { bytesRead } = await readAsync(outputs[pair], buffer, 0, buffer.length, null);
        onData(pair, Uint8Array.from(buffer.subarray(0, bytesRead)));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESHUTDOWN') throw error;
      }
    }
  };
  void listen(0);
  void listen(1);

  return {
    ...gadget,
    async send(pair, bytes) {
      try {
        await writeAsync(inputs[pair], bytes);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESHUTDOWN') throw error;
      }
    },
  };
}

function descriptors(): Buffer {
  const fullSpeed = Buffer.concat([interfaceDescriptor(), ...endpointDescriptors(64)]);
  const highSpeed = Buffer.concat([interfaceDescriptor(), ...endpointDescriptors(512)]);
  const length = 5 * 4 + fullSpeed.length + highSpeed.length;
  return Buffer.concat([words(DESCRIPTORS_V2, length, HAS_FULL_AND_HIGH_SPEED, 5, 5), fullSpeed, highSpeed]);
}

const interfaceDescriptor = (): Buffer => Buffer.of(9, 4, 0, 0, 4, VENDOR_SPECIFIC, 0, 0, 0);

/** OUT and IN in turn; the kernel replaces the addresses by those of the controller's own endpoints. */
const endpointDescriptors = (packet: number): Buffer[] =>
  [0x01, 0x82, 0x03, 0x84].map((address) => Buffer.of(7, 5, address, BULK, packet & 0xff, packet >> 8, 0));

function words(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32LE(value, index * 4);
  return bytes;
}
