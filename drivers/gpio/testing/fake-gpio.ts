import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Stand-ins for libgpiod's programs, really started, that write down how; and a chip that can be unplugged. */
export interface FakeGpio {
  /** The program's path. */
  readonly program: string;
  /** The chip's path. */
  readonly chip: string;
  /** `start ARGUMENTS` and `stop ARGUMENTS`, in order. */
  log(): string[];
  unplug(): void;
  plugIn(): void;
  remove(): void;
}

/**
 * `version` is what the program says to `--version`; `script` is what it does otherwise, as a shell script that may use
 * `$FOLDER`.
 */
export function fakeGpio(version: string, script: string): FakeGpio {
  const folder = mkdtempSync(join(tmpdir(), 'gpio-'));
  const program = join(folder, 'gpio-program');
  const chip = join(folder, 'gpiochip0');
  const logFile = join(folder, 'log');
  writeFileSync(logFile, '');
  writeFileSync(
    program,
    `#!/bin/sh
FOLDER=${folder}
if [ "$1" = --version ]; then echo "${version}"; exit 0; fi
trap 'echo "stop $*" >> ${logFile}; exit 0' TERM
echo "start $*" >> ${logFile}
${script}
`,
    { mode: 0o755 },
  );
  const fake: FakeGpio = {
    program,
    chip,
    log: () => readFileSync(logFile, 'utf8').split('\n').filter(Boolean),
    unplug: () => rmSync(chip),
    plugIn: () => writeFileSync(chip, ''),
    remove: () => rmSync(folder, { recursive: true }),
  };
  fake.plugIn();
  return fake;
}

/** Holds until it is ended; sets and ends when it is told to. */
export const HOLD = `case "$*" in *--mode=exit*|*--toggle*) exit 0 ;; esac
while :; do sleep 0.05; done`;
