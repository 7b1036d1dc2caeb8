import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

export interface MemberOptions {
  /** False for programs that are not ours: they get no channel. */
  readonly ours?: boolean;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Matches the line that says it is ready; its first group is the address. */
  readonly ready?: RegExp;
  /** What it prints stays out of the terminal and is given to this instead. */
  readonly quiet?: (text: string) => void;
}

/** A process started here. */
export interface Member {
  readonly name: string;
  /** Resolves with the address of the ready line; never when it ends before. */
  readonly ready: Promise<string>;
  /** Resolves when the process is gone. */
  readonly ended: Promise<Ended>;
}

/** `how` is for people: "exit code 1", "signal SIGKILL", "cannot be started: …". */
export interface Ended {
  readonly code: number | undefined;
  readonly how: string;
}

/** In a process group of its own, a child hears the terminal's Ctrl+C from here only, and can be ended whole. */
const ownGroup = process.platform !== 'win32';

function signal(child: ChildProcess, name: 'SIGTERM' | 'SIGKILL'): void {
  if (child.pid === undefined) return;
  // Windows has no signals: closing the channel asks our own programs to end.
  if (!ownGroup && name === 'SIGTERM' && child.connected) {
    child.disconnect();
    return;
  }
  try {
    if (ownGroup) process.kill(-child.pid, name);
    else child.kill(name);
  } catch {
    // It ended by itself in the meantime.
  }
}

/**
 * Everything that was started, so that it can be ended together. Each child gets an IPC channel: when this process
 * is gone in whatever way, the channel closes and a child of ours ends by itself (`disconnect`).
 */
export class Family {
  readonly #members = new Map<ChildProcess, Promise<Ended>>();
  #closed = false;

  /** True once everything is being ended. */
  get closed(): boolean {
    return this.#closed;
  }

  start(name: string, command: string, args: readonly string[], options: MemberOptions = {}): Member {
    if (this.#closed) {
      return {
        name,
        ready: new Promise(() => {}),
        ended: Promise.resolve({ code: undefined, how: 'not started' }),
      };
    }
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe', options.ours === false ? 'ignore' : 'ipc'],
      detached: ownGroup,
      env: { ...process.env, ...options.env },
      windowsHide: true,
    });
    const ready = Promise.withResolvers<string>();
    const hear = (text: string, out: NodeJS.WriteStream) => (options.quiet ?? ((t) => out.write(t)))(text);
    let rest = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      hear(text, process.stdout);
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const address = options.ready?.exec(line)?.[1];
        if (address !== undefined) ready.resolve(address);
      }
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => hear(text, process.stderr));
    const ended = new Promise<Ended>((resolve) => {
      child.on('error', (error) => resolve({ code: undefined, how: `cannot be started: ${error.message}` }));
      // Not `close`: a grandchild may hold the pipes for longer.
      child.on('exit', (code, by) => {
        // A part of ours may start again: what it left behind must not hold its port and devices.
        if (ownGroup && options.ours !== false) signal(child, 'SIGKILL');
        resolve({ code: code ?? undefined, how: by === null ? `exit code ${code}` : `signal ${by}` });
      });
    }).finally(() => this.#members.delete(child));
    this.#members.set(child, ended);
    return { name, ready: ready.promise, ended };
  }

  /** Asks everyone to end, and ends those who have not after `graceMs`. Nothing can be started afterwards. */
  async end(graceMs: number): Promise<void> {
    this.#closed = true;
    const all = [...this.#members];
    for (const [child] of all) signal(child, 'SIGTERM');
    const timer = setTimeout(() => {
      for (const [child] of all) if (this.#members.has(child)) signal(child, 'SIGKILL');
    }, graceMs);
    await Promise.all(all.map(([, ended]) => ended));
    clearTimeout(timer);
    // Whatever the children themselves left behind in their groups.
    if (ownGroup) for (const [child] of all) signal(child, 'SIGKILL');
  }
}

/** Resolves with the value, or with undefined after `ms`. */
export async function within<T>(ms: number, value: Promise<T>): Promise<T | undefined> {
  const stop = new AbortController();
  const timer = new Promise<undefined>((resolve) => {
    const handle = setTimeout(() => resolve(undefined), ms);
    once(stop.signal, 'abort').then(() => clearTimeout(handle));
  });
  try {
    return await Promise.race([value, timer]);
  } finally {
    stop.abort();
  }
}
