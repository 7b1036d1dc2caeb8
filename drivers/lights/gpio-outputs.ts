import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import { type Clock, err, ok } from '../device.ts';
import {
  CHIP_CHECK_MS,
  chipExists,
  complaint,
  type LibgpiodVersion,
  libgpiodVersion,
} from '../gpio/index.ts';
import { type Link, linkEnds, type Transport } from '../transport/index.ts';

export interface GpioOutputsOptions {
  readonly chip: string;
  /** The lines that will be written to. */
  readonly lines: readonly number[];
  readonly activeLow: boolean;
  /** libgpiod's `gpioset`. */
  readonly program: string;
  readonly clock: Clock;
}

/** What is written to a `gpioOutputs` link: pairs of line and 0 or 1. */
export const GPIO_PROFILE = { on: '{channel} 01', off: '{channel} 00' } as const;

/**
 * Lines of a GPIO chip through libgpiod. A line keeps its value only while the program that set it runs, so each line
 * has one of its own, which is replaced when the value changes. Opening switches every line off once: one that cannot
 * be had (in use, not on this chip) fails the opening, with its number, and not the first command that needs it.
 */
export function gpioOutputs(options: GpioOutputsOptions): Transport {
  const { chip, program } = options;
  return {
    name: `gpio ${chip}`,
    async open() {
      const version = await libgpiodVersion(program);
      if (!version.ok) return version;
      if (!chipExists(chip)) return err(`no such GPIO chip: ${chip}`);
      for (const line of options.lines) {
        const refused = await tryLine(options, version.value, line);
        if (refused !== null) return err(`line ${line}: ${refused}`);
      }
      return ok(outputsLink(options, version.value));
    },
  };
}

/** A `gpioset` that sets a line and ends takes no longer than this, milliseconds. */
const TRY_MS = 2000;

/** Why a line cannot be set; null if it can. */
async function tryLine(
  { program, chip, activeLow }: GpioOutputsOptions,
  version: LibgpiodVersion,
  line: number,
): Promise<string | null> {
  try {
    const programArguments = tryArguments(version, chip, line, activeLow ? 1 : 0);
    await promisify(execFile)(program, programArguments, { timeout: TRY_MS, killSignal: 'SIGKILL' });
    return null;
  } catch (error) {
    return complaint((error as { readonly stderr?: string }).stderr ?? '');
  }
}

function outputsLink(
  { chip, activeLow, program, clock }: GpioOutputsOptions,
  version: LibgpiodVersion,
): Link {
  const ends = linkEnds();
  const holders = new Map<number, Holder>();
  let cancelCheck = () => {};
  let queue: Promise<void> = Promise.resolve();

  let ending = false;

  const end = async (reason: string): Promise<void> => {
    if (ending) return ends.whenEnded;
    ending = true;
    cancelCheck();
    // A line that is being set now is let go of as well.
    await queue;
    await Promise.all([...holders.values()].map((holder) => holder.release()));
    ends.end(reason);
  };
  const check = (): void => {
    cancelCheck = clock.after(CHIP_CHECK_MS, () => {
      if (chipExists(chip)) check();
      else void end('unplugged');
    });
  };
  const set = async (line: number, value: number): Promise<void> => {
    const before = holders.get(line);
    holders.delete(line);
    await before?.release();
    if (ending) return;
    const holder = hold(program, setArguments(version, chip, line, activeLow ? 1 - value : value), clock);
    holders.set(line, holder);
    holder.failed.then((reason) => {
      if (holders.get(line) === holder) void end(reason);
    });
  };

  check();
  return {
    write(bytes) {
      const pairs = bytes.slice();
      queue = queue.then(async () => {
        for (let at = 0; at + 1 < pairs.length && !ending; at += 2) {
          await set(pairs[at] ?? 0, (pairs[at + 1] ?? 0) === 0 ? 0 : 1);
        }
      });
      return queue;
    },
    onData: ends.onData,
    onClose: ends.onClose,
    close: () => end('closed'),
  };
}

/** libgpiod 2 holds its lines until it is ended; libgpiod 1 has to be told to. */
export const setArguments = (
  version: LibgpiodVersion,
  chip: string,
  line: number,
  value: number,
): string[] =>
  version === 1
    ? ['--mode=signal', chip, `${line}=${value}`]
    : ['--chip', chip, '--consumer', 'lights', `${line}=${value}`];

/** Sets the line and ends: what libgpiod 1 does by itself, and 2 after a last period of 0 (gpioset(1), `--toggle`). */
export const tryArguments = (
  version: LibgpiodVersion,
  chip: string,
  line: number,
  value: number,
): string[] =>
  version === 1
    ? ['--mode=exit', chip, `${line}=${value}`]
    : ['--toggle', '0', '--chip', chip, '--consumer', 'lights', `${line}=${value}`];

/** A program that has been told to end and has not is ended, milliseconds. */
const STUBBORN_MS = 300;

interface Holder {
  /** Resolves when the program ended by itself, with its complaint. */
  readonly failed: Promise<string>;
  release(): Promise<void>;
}

function hold(program: string, programArguments: readonly string[], clock: Clock): Holder {
  const child: ChildProcess = spawn(program, programArguments, { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = Promise.withResolvers<void>();
  const failed = Promise.withResolvers<string>();
  let said = '';
  child.stderr?.on('data', (text: Buffer) => {
    if (said.length < 1000) said += text.toString();
  });
  child.on('error', () => {
    failed.resolve(`${program} could not be started`);
    ended.resolve();
  });
  child.on('exit', () => ended.resolve());
  // What it said last comes after its end.
  child.on('close', () => failed.resolve(complaint(said)));
  return {
    failed: failed.promise,
    async release() {
      child.kill('SIGTERM');
      const cancel = clock.after(STUBBORN_MS, () => child.kill('SIGKILL'));
      await ended.promise;
      cancel();
    },
  };
}
