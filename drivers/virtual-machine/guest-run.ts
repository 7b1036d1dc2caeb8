/** Runs the guest's program in a virtual machine and hands out what it reports. */

import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { err, ok, type Result } from '../device.ts';
import { compileFolder } from './compiled.ts';
import type { CheckResult } from './guest/check.ts';
import { checks } from './guest/checks.ts';
import type { GuestReport } from './guest/report.ts';
import { initramfs, UDEV } from './initramfs.ts';
import { type Kernel, kernelWith } from './kernel-package.ts';
import { type Machine, startMachine } from './machine.ts';

/** What has to be there, from a kiosk's point of view: the share, the port to report by, then both ends of each cable. */
const MODULES = [
  ...['virtio_pci', '9pnet_virtio', '9p', 'virtio_console'],
  ...['uhid', 'hid-generic', 'usbhid', 'hid-cp2112'],
  ...['dummy_hcd', 'libcomposite', 'usb_f_printer', 'usb_f_fs', 'usb_f_acm'],
  ...['usblp', 'cdc-acm'],
];
/** One controller for each gadget: printer, card reader, serial device. */
const PARAMETERS = { dummy_hcd: 'num=3' };
/** Each blocking call on a simulated device holds a thread of the pool. */
const THREADS = 32;
/** A machine that has not finished by then never will, however much else this computer has to do. */
const LONGEST_RUN_MS = 480_000;
/** Each step of a check gives up after 90 s by itself: a machine that is silent for longer has a kernel that hangs. */
const LONGEST_SILENCE_MS = 200_000;
/** Gadget drivers of that kernel have been seen to hang (a task in open() for ever); what is left gets a new machine. */
const MACHINES = 2;

const drivers = path.resolve(import.meta.dirname, '..');
/** Inside the repository's node_modules, so that packages are found from there. */
const cache = path.resolve(drivers, '../node_modules/.cache/huimin-virtual-machine');

export interface Preparations {
  readonly qemu: string;
  readonly busybox: string;
  readonly kernel: Kernel;
}

export interface GuestRun {
  /** Rejects with the last machine's last words if it is off before the check has ended. */
  result(name: string): Promise<CheckResult>;
  /** Rejects likewise; resolves with the seconds after which the guest's program ran. */
  readonly up: Promise<number>;
  stop(): Promise<void>;
}

/** Finds the programs, and the kernel in the cache or at Debian's; else one sentence why there is no machine. */
export async function prepareGuest(): Promise<Result<Preparations, string>> {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return err('the virtual machine is a Linux PC (x64)');
  const qemu = find('qemu-system-x86_64');
  if (qemu === null) return err('qemu-system-x86 is not installed');
  const busybox = find('busybox');
  if (busybox === null || !isStatic(busybox)) return err('busybox-static is not installed');
  if (!existsSync(UDEV)) return err('udev is not installed');
  const kernel = await kernelWith(MODULES, cache);
  return kernel.ok ? ok({ qemu, busybox, kernel: kernel.value }) : kernel;
}

export async function runGuest({ qemu, busybox, kernel }: Preparations): Promise<GuestRun> {
  await mkdir(cache, { recursive: true });
  await removeLeftovers();
  const folder = await mkdtemp(path.join(cache, 'run-'));
  await writeFile(path.join(folder, 'package.json'), '{ "type": "module" }');
  await compileFolder(drivers, path.join(folder, 'drivers'));

  const up = Promise.withResolvers<number>();
  const over = Promise.withResolvers<never>();
  for (const promise of [up.promise, over.promise]) promise.catch(() => {});
  const results = new Map(checks.map(({ name }) => [name, Promise.withResolvers<CheckResult>()]));
  const left = new Set(checks.keys());
  const trouble: string[] = [];
  let ended = false;
  let machine: Machine | null = null;
  let starting: Promise<void> = Promise.resolve();

  const fail = (error: unknown): void => {
    up.reject(error);
    over.reject(error);
  };
  const start = async (attempt: number): Promise<void> => {
    const hear = (report: GuestReport): void => {
      silence.refresh();
      switch (report.kind) {
        case 'up':
          up.resolve(report.seconds);
          break;
        case 'result':
          left.delete(checks.findIndex(({ name }) => name === report.result.name));
          results.get(report.result.name)?.resolve(report.result);
          break;
        case 'trouble':
          trouble.push(report.text);
          break;
        case 'end':
          void mine.stop();
          break;
        default:
          report satisfies never;
      }
    };
    const stopWith = (why: string) => () => {
      trouble.push(why);
      void mine.stop();
    };
    const content = await initramfs({
      busybox,
      modules: kernel.modules,
      parameters: PARAMETERS,
      environment: { UV_THREADPOOL_SIZE: String(THREADS) },
      command: [process.execPath, 'drivers/virtual-machine/guest/main.js', ...[...left].map(String)],
      folder,
      lifeSeconds: LONGEST_RUN_MS / 1000,
    });
    if (ended) return fail(new Error('the machine was stopped'));
    const mine = await startMachine({
      qemu,
      kernel: kernel.image,
      initramfs: content,
      onLine: (line) => hear(JSON.parse(line) as GuestReport),
      onOff(lastWords) {
        clearTimeout(deadline);
        clearTimeout(silence);
        if (left.size > 0 && attempt < MACHINES && !ended) {
          console.warn(`virtual machine ${attempt} is off with ${left.size} checks left:\n${lastWords}`);
          starting = start(attempt + 1).catch(fail);
          return;
        }
        fail(new Error(['the machine is off', ...trouble, lastWords].join('\n')));
      },
    });
    machine = mine;
    const deadline = setTimeout(stopWith('it took too long'), LONGEST_RUN_MS);
    const silence = setTimeout(stopWith('it fell silent'), LONGEST_SILENCE_MS);
  };
  await start(1);

  return {
    up: up.promise,
    result: (name) => Promise.race([results.get(name)?.promise ?? over.promise, over.promise]),
    async stop() {
      ended = true;
      await starting;
      await machine?.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What runs that were killed have left behind. */
async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(cache)) {
    if (!/^(run|unpacking)-/.test(name)) continue;
    const folder = path.join(cache, name);
    const found = await stat(folder).catch(() => null);
    if (found !== null && Date.now() - found.mtimeMs > 3_600_000)
      await rm(folder, { recursive: true, force: true });
  }
}

/** Where a program is, or null. */
export function find(program: string): string | null {
  for (const folder of (process.env.PATH ?? '').split(':')) {
    const file = path.join(folder, program);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not here.
    }
  }
  return null;
}

/** A program that needs a loader names it (ELF: PT_INTERP), and in the guest there is none yet. */
const isStatic = (file: string): boolean => !readFileSync(file).includes('/lib64/ld-linux-x86-64.so.2\0');
