import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A pcscd of its own with one virtual reader, which nobody else on the machine sees. */
export interface PrivatePcscd {
  /** For `PCSCLITE_CSOCK_NAME`. */
  readonly socket: string;
  /** Where the virtual reader's first slot waits for a card. */
  readonly cardPort: number;
  kill(): Promise<void>;
}

const DRIVER = '/usr/lib/pcsc/drivers/serial/libifdvpcd.so';

/** Why there can be none here, or null. */
export function pcscdUnavailable(): string | null {
  if (process.platform !== 'linux') return 'only Linux has pcscd';
  for (const [program, ...args] of [
    ['pcscd', '--version'],
    ['unshare', '--mount', 'true'],
    ['test', '-e', DRIVER],
  ] as const) {
    try {
      execFileSync(program, args, { stdio: 'ignore' });
    } catch {
      return `"${[program, ...args].join(' ')}" fails: pcscd, vsmartcard-vpcd and the right to unshare are needed`;
    }
  }
  return null;
}

/**
 * pcscd's socket stands at a fixed place, so it gets a /run of its own in a mount namespace; from outside that is
 * reached through /proc.
 */
export async function startPrivatePcscd(cardPort: number): Promise<PrivatePcscd> {
  const folder = mkdtempSync(join(tmpdir(), 'pcscd-'));
  const port = `0x${cardPort.toString(16).toUpperCase()}`;
  writeFileSync(
    join(folder, 'vpcd'),
    `FRIENDLYNAME "Virtual PCD"\nDEVICENAME /dev/null:${port}\nLIBPATH ${DRIVER}\nCHANNELID ${port}\n`,
  );
  const script = 'mount -t tmpfs none /run && exec pcscd --foreground --config "$0"';
  const child = spawn('unshare', ['--mount', 'sh', '-c', script, folder], { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await accepts(child, `/proc/${child.pid}/root/run/pcscd/pcscd.comm`);
  // A place that stays the same when pcscd is started anew.
  const socket = join(tmpdir(), `pcscd-${cardPort}.comm`);
  rmSync(socket, { force: true });
  symlinkSync(`/proc/${child.pid}/root/run/pcscd/pcscd.comm`, socket);
  return {
    socket,
    cardPort,
    async kill() {
      child.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true });
      rmSync(socket);
    },
  };
}

/** Resolves once somebody listens. */
async function accepts(child: ChildProcess, path: string): Promise<void> {
  for (let attempt = 0; attempt < 200 && child.exitCode === null; attempt++) {
    const reached = await new Promise<boolean>((resolve) => {
      const probe = connect(path, () => resolve(true)).on('error', () => resolve(false));
      probe.on('connect', () => probe.destroy());
    });
    if (reached) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('pcscd did not start');
}

/** A port after which another is free as well: the virtual reader has two slots. */
export async function freePortPair(): Promise<number> {
  for (;;) {
    const first = await listen(0);
    const second = await listen(first.port + 1).catch(() => null);
    await first.close();
    await second?.close();
    if (second) return first.port;
  }
}

function listen(port: number): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') return reject(new Error('no port'));
      const close = () => new Promise<void>((done) => server.close(() => done()));
      resolve({ port: address.port, close });
    });
  });
}
