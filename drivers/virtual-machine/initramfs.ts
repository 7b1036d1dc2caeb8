/**
 * The guest's first file system: busybox, kernel modules and a script that loads them and then takes the host's own
 * root, read-only, for its own. So the guest has the host's Node, libraries and this repository under the same paths,
 * and nothing has to be copied.
 */

import { readFile } from 'node:fs/promises';
import path from 'node:path';

export interface InitramfsContent {
  /** A statically linked busybox. */
  readonly busybox: string;
  /** Module files in the order of loading. */
  readonly modules: readonly string[];
  /** Parameters by module name, e.g. `num=4`. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
  /** What to run on the host's root, and where. */
  readonly command: readonly string[];
  readonly folder: string;
  /** The machine switches itself off then, seconds: nothing is left running when its host is killed. */
  readonly lifeSeconds: number;
}

/** Tells programs what was plugged in, and keeps what is known of it; part of every Debian that is not a container. */
export const UDEV = '/lib/systemd/systemd-udevd';

/** The share's name on the virtual 9p device. */
export const ROOT_TAG = 'root';

export async function initramfs(content: InitramfsContent): Promise<Buffer> {
  const entries = [
    directory('bin'),
    directory('dev'),
    directory('modules'),
    directory('root'),
    file('bin/busybox', await readFile(content.busybox), 0o755),
    file('init', Buffer.from(script(content)), 0o755),
  ];
  for (const module of content.modules) {
    entries.push(file(`modules/${path.basename(module)}`, await readFile(module), 0o644));
  }
  return Buffer.concat([...entries, record('TRAILER!!!', 0, Buffer.alloc(0))]);
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** Only /run is the guest's own to write: whatever else lies on the host, this repository included, stays visible. */
function script({
  modules,
  parameters,
  environment,
  command,
  folder,
  lifeSeconds,
}: InitramfsContent): string {
  const variables = Object.entries({ TMPDIR: '/run', ...environment });
  const insert = modules.map((module) => {
    const name = path.basename(module);
    const plain = name.replace(/^\d+-/, '').replace(/\.ko$/, '').replaceAll('-', '_');
    return `insmod /modules/${name} ${parameters[plain] ?? ''} || echo "not loaded: ${plain}"`;
  });
  return `#!/bin/busybox sh
export PATH=/bin
/bin/busybox --install -s /bin
(sleep ${lifeSeconds}; poweroff -f) &
mount -t devtmpfs none /dev
${insert.join('\n')}
mount -t 9p -o trans=virtio,version=9p2000.L,ro,cache=loose,msize=512000 ${ROOT_TAG} /root
mount -t devtmpfs none /root/dev
mkdir -p /root/dev/pts /root/dev/shm
mount -t devpts none /root/dev/pts
mount -t proc none /root/proc
mount -t sysfs none /root/sys
mount -t configfs none /root/sys/kernel/config
mount -t tmpfs none /root/run
cd /root
${variables.map(([name, value]) => `export ${name}=${quoted(value)}`).join('\n')}
chroot . /bin/sh -c ${quoted(`${UDEV} --daemon; cd ${quoted(folder)} && exec ${command.map(quoted).join(' ')}`)}
echo "the program ended with $?"
poweroff -f
`;
}

const directory = (name: string): Buffer => record(name, 0o040755, Buffer.alloc(0));
const file = (name: string, content: Buffer, permissions: number): Buffer =>
  record(name, 0o100000 | permissions, content);

/** One entry of a cpio archive of the kind `newc` (the kernel's buffer-format.rst): header in hex, name, content. */
function record(name: string, mode: number, content: Buffer): Buffer {
  const links = 1;
  const fields = [0, mode, 0, 0, links, 0, content.length, 0, 0, 0, 0, name.length + 1, 0];
  const header = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}${name}\0`;
  return Buffer.concat([padded(Buffer.from(header)), padded(content)]);
}

const padded = (bytes: Buffer): Buffer => Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
