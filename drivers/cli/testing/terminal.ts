import { PassThrough } from 'node:stream';
import { systemClock } from '../../device.ts';
import type { PortListing } from '../../transport/index.ts';
import type { ExitCode } from '../exit-codes.ts';
import { run } from '../run.ts';

export interface Terminal {
  readonly exitCode: Promise<ExitCode>;
  readonly stdout: string;
  readonly stderr: string;
  /** What `--json` wrote, line by line. */
  readonly json: readonly unknown[];
  type(line: string): void;
  interrupt(): void;
}

export interface TerminalOptions {
  readonly ports?: PortListing;
  readonly cameras?: readonly string[];
  /** Whether somebody sits at it. */
  readonly isTTY?: boolean;
}

/** Runs the program in this process, with a terminal made of strings. */
export function terminal(argv: readonly string[], options: TerminalOptions = {}): Terminal {
  const { ports = { ports: [], problems: [] }, cameras = [], isTTY = false } = options;
  const interrupt = new AbortController();
  const stdin = Object.assign(new PassThrough(), { isTTY });
  const capture = () => {
    const stream = new PassThrough();
    const heard: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => heard.push(chunk));
    return { stream, text: () => Buffer.concat(heard).toString('utf8') };
  };
  const stdout = capture();
  const stderr = capture();
  const exitCode = run({
    argv,
    stdin,
    stdout: stdout.stream,
    stderr: stderr.stream,
    clock: systemClock,
    random: () => 0.5,
    listPorts: async () => ports,
    listCameras: () => cameras,
    interrupted: interrupt.signal,
  });
  return {
    exitCode,
    get stdout() {
      return stdout.text();
    },
    get stderr() {
      return stderr.text();
    },
    get json() {
      return stdout
        .text()
        .split('\n')
        .filter((line) => line !== '')
        .map((line): unknown => JSON.parse(line));
    },
    type: (line) => void stdin.write(`${line}\n`),
    interrupt: () => interrupt.abort(),
  };
}

/** Runs it to its end. */
export async function said(argv: string, options: TerminalOptions = {}) {
  const at = terminal(argv.split(' '), options);
  const exitCode = await at.exitCode;
  const { stdout, stderr } = at;
  return { exitCode, stdout, stderr, at };
}
