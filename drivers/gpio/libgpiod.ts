import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import { err, ok, type Result } from '../device.ts';

/** The programs of libgpiod 1 and 2 take different options. */
export type LibgpiodVersion = 1 | 2;

/** How often a chip is looked for while it is in use: a USB one can be unplugged without its program noticing. */
export const CHIP_CHECK_MS = 1000;

/** Asks one of libgpiod's programs (`gpioset`, `gpiomon`) for its version. */
export async function libgpiodVersion(program: string): Promise<Result<LibgpiodVersion, string>> {
  try {
    const { stdout } = await promisify(execFile)(program, ['--version']);
    const major = /\bv?(\d+)\.\d+/.exec(stdout)?.[1];
    return major === '1' || major === '2'
      ? ok(major === '1' ? 1 : 2)
      : err(`${program} is of an unknown version`);
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return err(missing ? `${program} is not installed (Debian: gpiod)` : `${program} does not run`);
  }
}

const chipPath = (chip: string): string => (isAbsolute(chip) ? chip : join('/dev', chip));
export const chipExists = (chip: string): boolean => existsSync(chipPath(chip));

/** The first line of what a program says about its failure, without its own name. */
export const complaint = (stderr: string): string =>
  (stderr.trim().split('\n')[0] ?? '').replace(/^\S*gpio\w+: /, '') || 'it ended';
