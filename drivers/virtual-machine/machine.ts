/** One virtual machine: QEMU's software emulation of a PC that ends for certain and talks in lines of text. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { REPORT_PORT } from './guest/report.ts';
import { ROOT_TAG } from './initramfs.ts';

export interface MachineOptions {
  readonly qemu: string;
  /** The uncompressed kernel. */
  readonly kernel: string;
  readonly initramfs: Uint8Array;
  /** Called with each line that the guest writes to its port `REPORT_PORT`. */
  onLine(line: string): void;
  /** Called once when the machine is off, however that came, with what it and its console said last. */
  onOff(lastWords: string): void;
}

export interface Machine {
  /** Pulls the plug; resolves when the machine is off and nothing of it is left. */
  stop(): Promise<void>;
}

const MEMORY_MB = 1024;
const LAST_LINES = 80;

/** Software emulation runs these checks and defences slowly, and a machine that lives for a minute needs none. */
const KERNEL_COMMAND_LINE =
  'console=ttyS0 quiet panic=-1 mitigations=off nokaslr tsc=reliable no_timer_check audit=0 cryptomgr.notests';

/**
 * Emulates even where /dev/kvm can be opened: inside a virtual machine it was seen to hang without a word, and emulated
 * the kernel is up in 3 s.
 */
export async function startMachine(options: MachineOptions): Promise<Machine> {
  const folder = await mkdtemp(path.join(tmpdir(), 'virtual-machine-'));
  const initramfs = path.join(folder, 'initramfs');
  const console = path.join(folder, 'console');
  await writeFile(initramfs, options.initramfs);
  const share = `local,path=/,mount_tag=${ROOT_TAG},security_model=none,readonly=on,multidevs=remap`;
  const child = spawn(
    options.qemu,
    [
      ...['-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', '2', '-m', String(MEMORY_MB)],
      ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
      ...['-kernel', options.kernel, '-initrd', initramfs, '-append', KERNEL_COMMAND_LINE],
      ...['-virtfs', share, '-serial', `file:${console}`],
      ...['-chardev', 'stdio,id=report,signal=off', '-device', 'virtio-serial-pci'],
      ...['-device', `virtserialport,chardev=report,name=${REPORT_PORT}`],
    ],
    // QEMU takes the end of its input for the end of the port, so it gets an input that never ends.
    { stdio: ['pipe', 'pipe', 'pipe'] },
  );
  const killWithUs = () => child.kill('SIGKILL');
  process.once('exit', killWithUs);
  let complaints = '';
  child.stderr.on('data', (text: Buffer) => {
    complaints += text.toString();
  });
  child.on('error', (error) => {
    complaints += error.message;
  });
  createInterface(child.stdout).on('line', options.onLine);
  const off = once(child, 'close').then(async () => {
    process.off('exit', killWithUs);
    const said = await readFile(console, 'utf8').catch(() => '');
    await rm(folder, { recursive: true, force: true });
    options.onOff([...said.split('\n').slice(-LAST_LINES), complaints].join('\n').trim());
  });
  return {
    async stop() {
      killWithUs();
      await off;
    },
  };
}
