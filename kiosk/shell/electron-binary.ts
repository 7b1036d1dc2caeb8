import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { z } from 'zod';

/** How long it is remembered that Electron could not be had, in ms: the next start need not wait again. */
const memory = 24 * 60 * 60 * 1000;

const memorySchema = z.object({ at: z.number(), version: z.string(), why: z.string() });

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** Where the `electron` package lies, and its version; undefined when it is not installed at all. */
export function electronPackage(): { folder: string; version: string } | undefined {
  try {
    const file = createRequire(import.meta.url).resolve('electron/package.json');
    const { version } = z.object({ version: z.string() }).parse(JSON.parse(readFileSync(file, 'utf8')));
    return { folder: path.dirname(file), version };
  } catch {
    return undefined;
  }
}

/** The binary as Electron's own package finds it; undefined while it has not been fetched. */
export function findElectron(
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
  exists: (file: string) => boolean,
): string | undefined {
  const name = read(path.join(folder, 'path.txt'));
  const place = env.ELECTRON_OVERRIDE_DIST_PATH || path.join(folder, 'dist');
  const file = path.join(place, name ?? (process.platform === 'win32' ? 'electron.exe' : 'electron'));
  return exists(file) ? file : undefined;
}

/** Why Electron could not be had the last time, if that was for this version and within a day. */
export function recallFailure(file: string, version: string, now: number): string | undefined {
  const text = read(file);
  if (text === undefined) return undefined;
  try {
    const last = memorySchema.parse(JSON.parse(text));
    return last.version === version && now - last.at >= 0 && now - last.at < memory ? last.why : undefined;
  } catch {
    return undefined;
  }
}

export function rememberFailure(file: string, version: string, now: number, why: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify({ at: now, version, why }));
}

export function forgetFailure(file: string): void {
  rmSync(file, { force: true });
}
