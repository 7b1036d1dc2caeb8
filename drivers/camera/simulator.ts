import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SimulatedCamera {
  readonly name: string;
  /** null: not on USB. */
  readonly usb: string | null;
}

/** Linux's camera class as files, as uvcvideo would fill it. */
export interface SimulatedCameras {
  /** For `openCamera`. */
  readonly videoClass: string;
  /** Plugs a camera in; each adds a node for pictures and one for metadata. */
  plugIn(camera: SimulatedCamera): void;
  unplugAll(): void;
  /** A camera on its way: its node is there, its files are not yet. */
  plugInHalf(): void;
  remove(): void;
}

export function simulateCameras(): SimulatedCameras {
  const root = mkdtempSync(join(tmpdir(), 'cameras-'));
  const videoClass = join(root, 'class', 'video4linux');
  const devices = join(root, 'devices');
  let nodes = 0;
  let ports = 0;
  return {
    videoClass,
    plugIn({ name, usb }) {
      const device = join(devices, `1-${++ports}`);
      const target = join(device, `1-${ports}:1.0`);
      for (const index of [0, 1]) {
        const node = join(target, 'video4linux', `video${nodes}`);
        mkdirSync(node, { recursive: true });
        writeFileSync(join(node, 'name'), `${name}\n`);
        writeFileSync(join(node, 'index'), `${index}\n`);
        symlinkSync(target, join(node, 'device'));
        mkdirSync(videoClass, { recursive: true });
        symlinkSync(node, join(videoClass, `video${nodes}`));
        nodes += 1;
      }
      if (usb === null) return;
      const [vendor, product] = usb.split(':');
      writeFileSync(join(device, 'idVendor'), `${vendor}\n`);
      writeFileSync(join(device, 'idProduct'), `${product}\n`);
    },
    unplugAll() {
      rmSync(videoClass, { recursive: true, force: true });
      rmSync(devices, { recursive: true, force: true });
    },
    plugInHalf() {
      mkdirSync(join(videoClass, `video${nodes++}`), { recursive: true });
      symlinkSync(join(devices, 'gone'), join(videoClass, `video${nodes++}`));
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}
