import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const NAME = /^(?:snapshot|restoring)-(\d+)-/;

/**
 * A name in the data folder for what holds everything in the clear and is gone soon. It tells the process that made
 * it, so that what a killed one left is known for that.
 */
export const passingName = (data: string, kind: 'snapshot' | 'restoring'): string =>
  join(data, `${kind}-${process.pid}-${randomBytes(8).toString('hex')}`);

/** Removes what processes that were killed left in the clear. What another user's process left may stay. */
export function removeLeftovers(data: string): void {
  for (const name of readdirSync(data)) {
    const [, pid] = NAME.exec(name) ?? [];
    if (pid === undefined || isAlive(Number(pid))) continue;
    try {
      rmSync(join(data, name), { recursive: true, force: true });
    } catch {
      // Of another user: theirs to remove, and no reason not to start.
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: unknown }).code !== 'ESRCH';
  }
}
