import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import { type Clock, err, ok, type Result } from '../device.ts';
import {
  CHIP_CHECK_MS,
  chipExists,
  complaint,
  type LibgpiodVersion,
  libgpiodVersion,
} from '../gpio/index.ts';
import { type Link, linkEnds, type Transport } from '../transport/index.ts';
import type { PresenceProfile } from './config.ts';

export interface GpioInputOptions {
  readonly chip: string;
  readonly line: number;
  readonly activeLow: boolean;
  readonly programs: { readonly get: string; readonly monitor: string };
  readonly clock: Clock;
}

/** What a `gpioInput` link hands over: 1 and 0, the line's value at first and after each change. */
export const GPIO_PROFILE: PresenceProfile = { present: ['01'], notPresent: ['00'], silentMs: null };

/** libgpiod 1 writes 0 for a falling edge, libgpiod 2 writes 2. */
const RISING = 0x31;
const isEdge = (byte: number): boolean => byte >= 0x30 && byte <= 0x32;

/**
 * One line of a GPIO chip through libgpiod: its value, then its edges as they come. The value is read by a program that
 * ends before the one that watches begins, because a line can be requested once only: an edge in the few milliseconds
 * in between is not seen, and the next edge puts it right.
 */
export function gpioInput(options: GpioInputOptions): Transport {
  const { chip, line, programs } = options;
  return {
    name: `gpio ${chip} line ${line}`,
    async open() {
      const version = await libgpiodVersion(programs.monitor);
      if (!version.ok) return version;
      if (!chipExists(chip)) return err(`no such GPIO chip: ${chip}`);
      const value = await readValue(options, version.value);
      return value.ok ? ok(inputLink(options, version.value, value.value)) : value;
    },
  };
}

export const getArguments = (
  version: LibgpiodVersion,
  { chip, line, activeLow }: GpioInputOptions,
): string[] => [
  ...(activeLow ? ['--active-low'] : []),
  ...(version === 1 ? [chip] : ['--numeric', '--chip', chip]),
  `${line}`,
];

export const monitorArguments = (
  version: LibgpiodVersion,
  { chip, line, activeLow }: GpioInputOptions,
): string[] => [
  ...(activeLow ? ['--active-low'] : []),
  ...(version === 1 ? ['--line-buffered', '--format=%e', chip] : ['--format', '%e', '--chip', chip]),
  `${line}`,
];

async function readValue(
  options: GpioInputOptions,
  version: LibgpiodVersion,
): Promise<Result<number, string>> {
  try {
    const { stdout } = await promisify(execFile)(options.programs.get, getArguments(version, options));
    const value = stdout.trim();
    return value === '0' || value === '1' ? ok(Number(value)) : err('the line has no value');
  } catch (error) {
    const { stderr = '', message } = error as { readonly stderr?: string; readonly message: string };
    return err(complaint(stderr === '' ? message : stderr));
  }
}

function inputLink(options: GpioInputOptions, version: LibgpiodVersion, value: number): Link {
  const { programs, chip, clock } = options;
  const ends = linkEnds();
  const child = spawn(programs.monitor, monitorArguments(version, options), {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  let cancelCheck = () => {};
  const end = (reason: string): void => {
    cancelCheck();
    ends.end(reason);
  };
  const check = (): void => {
    cancelCheck = clock.after(CHIP_CHECK_MS, () => {
      if (chipExists(chip)) return check();
      // Its edges will never come.
      child.kill('SIGKILL');
      end('unplugged');
    });
  };
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  ends.receive(Uint8Array.of(value));
  child.stdout.on('data', (chunk: Buffer) => {
    const edges = [...chunk].filter(isEdge).map((byte) => (byte === RISING ? 1 : 0));
    if (edges.length > 0) ends.receive(Uint8Array.from(edges));
  });
  child.stderr.on('data', (text: Buffer) => {
    if (said.length < 1000) said += text.toString();
  });
  child.on('error', () => end(`${programs.monitor} could not be started`));
  child.on('close', () => end(complaint(said)));
  check();
  return {
    write: async () => {},
    onData: ends.onData,
    onClose: ends.onClose,
    async close() {
      if (ends.ended) return;
      cancelCheck();
      child.kill('SIGKILL');
      await gone;
      end('closed');
    },
  };
}
