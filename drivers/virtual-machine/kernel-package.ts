/**
 * A Debian kernel with its modules, fetched with `apt-get download`, unpacked into a cache, never installed.
 *
 * Debian's own kernel is what kiosks run, and its package holds what cloud kernels leave out: HID, USB printers, and
 * the gadget side of USB (`dummy_hcd`), which lets one machine be both ends of the cable.
 */

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { err, ok, type Result } from '../device.ts';
import { loadOrder } from './kernel-modules.ts';

export interface Kernel {
  /** The uncompressed kernel: QEMU starts it directly (PVH), and no emulated processor has to unpack it (6 s). */
  readonly image: string;
  /** Module files in the order of loading. */
  readonly modules: readonly string[];
}

const run = promisify(execFile);
const META_PACKAGE = 'linux-image-amd64';
const LONGEST_DOWNLOAD_MS = 300_000;

/** The kernel with these modules and all they need, from the cache or from Debian; else one sentence why not. */
export async function kernelWith(modules: readonly string[], cache: string): Promise<Result<Kernel, string>> {
  const key = createHash('sha256').update(modules.join()).digest('hex').slice(0, 12);
  const kept = path.join(cache, `kernel-${key}`);
  const cached = await readKept(kept);
  if (cached) return ok(cached);
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(path.join(cache, 'unpacking-'));
  try {
    const made = path.join(work, 'made');
    await keep(await fetchPackage(work), modules, made);
    // Whole or not at all: another run may be doing the same.
    await rename(made, kept).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } catch (error) {
    return err(`no kernel package: ${reason(error)}`);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  const ready = await readKept(kept);
  return ready ? ok(ready) : err('the unpacked kernel has gone');
}

async function readKept(folder: string): Promise<Kernel | null> {
  try {
    const names = await readdir(folder);
    const modules = names.filter((name) => name.endsWith('.ko')).sort();
    return { image: path.join(folder, 'vmlinux'), modules: modules.map((name) => path.join(folder, name)) };
  } catch {
    return null;
  }
}

/** Resolves with the folder the package was unpacked into; what goes wrong is thrown, as by `keep`. */
async function fetchPackage(work: string): Promise<string> {
  const { stdout } = await run('apt-cache', ['depends', META_PACKAGE]);
  const name = /Depends: (linux-image-\S+)/.exec(stdout)?.[1];
  if (name === undefined) throw new Error(`apt knows no package ${META_PACKAGE}`);
  await run('apt-get', ['download', name], { cwd: work, timeout: LONGEST_DOWNLOAD_MS });
  const file = (await readdir(work)).find((entry) => entry.endsWith('.deb'));
  if (file === undefined) throw new Error(`apt-get download ${name} brought nothing`);
  await run('dpkg-deb', ['-x', file, 'package'], { cwd: work });
  await rm(path.join(work, file));
  return path.join(work, 'package');
}

/** Picks the kernel and the modules out of the 400 MB of the package. */
async function keep(unpacked: string, wanted: readonly string[], made: string): Promise<void> {
  await mkdir(made);
  const boot = path.join(unpacked, 'boot');
  const image = (await readdir(boot)).find((entry) => entry.startsWith('vmlinuz-'));
  if (image === undefined) throw new Error('the kernel package holds no kernel');
  const compressed = path.join(made, 'vmlinux.xz');
  await writeFile(compressed, payload(await readFile(path.join(boot, image))));
  await run('xz', ['--decompress', compressed]);
  const order = await loadOrder(path.join(unpacked, 'lib/modules'), wanted);
  for (const [index, file] of order.entries()) {
    const name = `${String(index).padStart(3, '0')}-${path.basename(file)}`;
    await copyFile(file, path.join(made, name));
  }
}

/** The xz stream inside a bzImage (the kernel's Documentation/arch/x86/boot.rst: setup_sects, payload_offset). */
function payload(image: Buffer): Buffer {
  const protectedMode = (image.readUInt8(0x1f1) + 1) * 512;
  const start = protectedMode + image.readUInt32LE(0x248);
  const length = image.readUInt32LE(0x24c);
  // Its last four bytes are the unpacked size, for the kernel's own unpacker.
  return image.subarray(start, start + length - 4);
}

function reason(error: unknown): string {
  const { code, syscall, message, stderr } = error as NodeJS.ErrnoException & { readonly stderr?: string };
  if (code === 'ENOENT' && syscall?.startsWith('spawn'))
    return `${(error as NodeJS.ErrnoException).path ?? 'a program'} is not installed`;
  const said = stderr?.split('\n').find((line) => line.startsWith('E: '));
  return said ?? message?.split('\n')[0] ?? String(error);
}
