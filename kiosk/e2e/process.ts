import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

export const home = resolve(import.meta.dirname, '../..');

/** A part of the product, running as it does in the field: its own process, found by the line it prints. */
export interface Running {
  readonly url: string;
  readonly process: ChildProcess;
  /** What it wrote to standard output so far. */
  output(): string;
  /** What it wrote to standard error so far. */
  errors(): string;
  stop(): Promise<void>;
  /** As a power cut would: no time to tidy up. */
  kill(): Promise<void>;
}

/** Starts a TypeScript entry with this Node and waits for its `ready … http://…` line. Rejects when it ends before. */
export async function run(
  entry: string,
  args: readonly string[],
  how: { readonly node?: readonly string[]; readonly environment?: Readonly<Record<string, string>> } = {},
): Promise<Running> {
  const child = spawn(process.execPath, [...(how.node ?? []), resolve(home, entry), ...args], {
    cwd: home,
    env: { ...process.env, ...how.environment },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let errors = '';
  let output = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const ended = once(child, 'exit');
  const url = await new Promise<string>((done, fail) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      const ready = /^ready \w+ (http:\S+)$/m.exec(output);
      if (ready?.[1] !== undefined) done(ready[1]);
    });
    child.once('exit', (code) =>
      fail(new Error(`${entry} ended with ${code} before it was ready: ${errors}`)),
    );
  });
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await ended;
  };
  return {
    url,
    process: child,
    output: () => output,
    errors: () => errors,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
}

export const startBackend = (data: string, port = 0): Promise<Running> =>
  run('kiosk-backend/main.ts', ['--data', data, '--port', String(port)]);

export const startCore = (options: {
  readonly data: string;
  readonly backend: string;
  readonly config?: string;
}): Promise<Running> =>
  run('kiosk/core/main.ts', [
    ...['--data', options.data, '--port', '0', '--bench', '--backend', options.backend],
    ...(options.config === undefined ? [] : ['--config', options.config]),
  ]);
