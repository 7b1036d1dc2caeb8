import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { labelOf } from './match.ts';

/** Where Linux tells its cameras. */
export const VIDEO_CLASS = '/sys/class/video4linux';

/**
 * The cameras that the kernel has, labelled as Chromium would. A camera has several nodes; the one with index 0 takes
 * pictures, the others carry metadata (uvcvideo). The files are the kernel's own memory, so reading them waits for
 * nothing.
 */
export function listKernelCameras(folder: string): string[] {
  return entriesOf(folder).flatMap((node) => {
    const path = join(folder, node);
    const name = read(path, 'name');
    if (name === null || read(path, 'index') !== '0') return [];
    return [labelOf(name, usbOf(path))];
  });
}

/** `device` is a link to the USB interface; the device it belongs to has the ids. */
function usbOf(path: string): string | null {
  try {
    const device = join(realpathSync(join(path, 'device')), '..');
    const [vendor, product] = [read(device, 'idVendor'), read(device, 'idProduct')];
    return vendor === null || product === null ? null : `${vendor}:${product}`.toLowerCase();
  } catch {
    return null;
  }
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => /^video\d+$/.test(name))
      .sort((a, b) => Number(a.slice(5)) - Number(b.slice(5)));
  } catch {
    // No camera was ever plugged in: the class does not exist yet.
    return [];
  }
}

function read(folder: string, file: string): string | null {
  try {
    return readFileSync(join(folder, file), 'utf8').trim();
  } catch {
    return null;
  }
}
