/** What starting other people's programs takes. */

import { type ChildProcess, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Whether it can be started by this name. */
export const hasProgram = (name: string): boolean => {
  try {
    execFileSync('which', [name], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

/** A port of 127.0.0.1 that nobody uses now. */
export const freePort = async (): Promise<number> => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
};

/** Asks again and again until true; false after eight seconds. */
export const eventually = async (isTrue: () => Promise<boolean> | boolean): Promise<boolean> => {
  const deadline = Date.now() + 8_000;
  while (Date.now() < deadline) {
    if (await isTrue()) return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
};

/** Ends a child that was started `detached`, and its children; resolves when it has ended. */
export const end = async (child: ChildProcess): Promise<void> => {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  // The group, so that a print command that waits for its jam to be cleared ends as well.
  process.kill(-child.pid, 'SIGKILL');
  await exited;
};

/** Asks a child to end; resolves when it has. */
export const terminate = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
};
