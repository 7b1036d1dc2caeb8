import { execFile, spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import type { ReadStream } from 'node:tty';
import { promisify } from 'node:util';
import { err, ok, type Result } from '../device.ts';
import type { Link } from './link.ts';
import { type LinkEnds, linkEnds } from './link-ends.ts';
import { firstLine } from './reasons.ts';

/** A pseudo-terminal in raw mode: a serial port without a wire, for simulators. */
export interface Pty {
  /** What the host opens, e.g. `/dev/pts/3`. */
  readonly path: string;
  /** The device's end. It outlives the host's openings. */
  readonly master: Link;
  /** Hangs up whoever has `path` open; the path is gone afterwards. Idempotent. */
  close(): Promise<void>;
}

/**
 * A new pseudo-terminal, through node-pty where it is installed, else through socat, else the reason why there is
 * none (always so on Windows): use `memoryTransport` then.
 *
 * Children started while a node-pty terminal is open inherit its master end, which holds the host's end open after
 * `close()`: a host that must see the loss at once closes its own link as well.
 */
export async function openPty(): Promise<Result<Pty, string>> {
  if (process.platform === 'win32') return err('this system has no pseudo-terminals');
  const native = await openNative();
  if (native.ok) return native;
  const socat = await openSocat();
  return socat.ok ? socat : err(`${native.error}; ${socat.error}`);
}

/** The parts of node-pty's `open()` that are used; its published types leave them out. */
interface OpenedTerminal {
  readonly ptsName: string;
  readonly master: ReadStream;
  readonly slave: ReadStream;
}

async function openNative(): Promise<Result<Pty, string>> {
  let terminal: OpenedTerminal;
  try {
    const module: unknown = await import('@lydell/node-pty');
    const { open: openTerminal } = module as { open(options: { encoding: null }): OpenedTerminal };
    terminal = openTerminal({ encoding: null });
  } catch (error) {
    return err(`node-pty is not usable: ${firstLine(error)}`);
  }
  const { ptsName: path, master, slave } = terminal;
  // Its stream would take the host's bytes away; the descriptor held below keeps the terminal alive instead.
  slave.on('error', () => {});
  slave.destroy();
  const ends = linkEnds();
  master.on('data', (chunk: Buffer) => ends.receive(chunk));
  master.on('error', () => master.destroy());
  master.on('close', () => ends.end('closed'));
  const held = await hold(path);
  if (!held.ok) {
    master.destroy();
    return held;
  }
  return ok(ptyOf(path, ends, master, held.value, () => master.destroy()));
}

/** Exported for the test, which must not depend on node-pty being absent. */
export async function openSocat(): Promise<Result<Pty, string>> {
  const child = spawn('socat', ['-d', '-d', 'PTY,raw,echo=0', 'STDIO'], { stdio: ['pipe', 'pipe', 'pipe'] });
  const ends = linkEnds();
  child.stdout.on('data', (chunk: Buffer) => ends.receive(chunk));
  child.stdin.on('error', () => {});
  child.on('close', () => ends.end('closed'));
  const path = await new Promise<string | null>((resolve) => {
    let said = '';
    child.stderr.on('data', (text: Buffer) => {
      said += text.toString();
      const match = /PTY is (\S+)/.exec(said);
      if (match?.[1]) resolve(match[1]);
    });
    child.on('error', () => {
      ends.end('not installed');
      resolve(null);
    });
    child.on('close', () => resolve(null));
  });
  if (path === null) return err('socat is not installed');
  const held = await hold(path);
  if (!held.ok) {
    child.kill();
    return held;
  }
  return ok(ptyOf(path, ends, child.stdin, held.value, () => child.kill()));
}

function ptyOf(
  path: string,
  ends: LinkEnds,
  output: Writable,
  release: () => Promise<void>,
  hangUp: () => void,
): Pty {
  let closing: Promise<void> | null = null;
  const close = async () => {
    hangUp();
    await ends.whenEnded;
    await release();
  };
  const closeOnce = () => {
    closing ??= close();
    return closing;
  };
  const write = (bytes: Uint8Array) => {
    if (ends.ended) return Promise.resolve();
    const written = new Promise<void>((resolve) => output.write(bytes, () => resolve()));
    return ends.untilEnded(written);
  };
  const { onData, onClose } = ends;
  return { path, master: { write, onData, onClose, close: closeOnce }, close: closeOnce };
}

/**
 * Keeps the host's end open, without reading from it: otherwise the master end would fail with EIO whenever the
 * host closes the port. Makes it raw, so that every byte passes unchanged whatever the host sets.
 */
async function hold(path: string): Promise<Result<() => Promise<void>, string>> {
  try {
    const file = await open(path, constants.O_RDWR | constants.O_NOCTTY);
    const flag = process.platform === 'linux' ? '-F' : '-f';
    try {
      await promisify(execFile)('stty', [flag, path, 'raw', '-echo']);
    } catch (error) {
      await file.close();
      return err(`stty failed: ${firstLine(error)}`);
    }
    return ok(() => file.close());
  } catch (error) {
    return err(`${path} could not be held open: ${firstLine(error)}`);
  }
}
