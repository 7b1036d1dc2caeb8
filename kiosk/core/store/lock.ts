import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { err, ok, type Result } from '@huimin/drivers';

/** Keeps a second core out of the same data folder. A lock whose process is gone is taken over. */
export function lockFolder(path: string): Result<{ release(): void }, string> {
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      writeFileSync(path, String(process.pid), { flag: 'wx' });
      return ok({ release: () => rmSync(path, { force: true }) });
    } catch (cause) {
      if (!(cause instanceof Error && 'code' in cause && cause.code === 'EEXIST'))
        return err(`the data folder cannot be written: ${cause instanceof Error ? cause.message : cause}`);
      const owner = Number(readFileSync(path, 'utf8'));
      if (isAlive(owner)) return err(`the data folder is in use by another kiosk (process ${owner})`);
      rmSync(path, { force: true });
    }
  }
  return err('the data folder is being taken by another kiosk');
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return cause instanceof Error && 'code' in cause && cause.code === 'EPERM';
  }
}
