import { dirname } from 'node:path';
import type { Files } from './files.ts';

/** Writes a small file so that, wherever it is cut, either all of it is there under its name or nothing. */
export async function writeWhole(files: Files, path: string, data: Uint8Array): Promise<void> {
  const unfinished = `${path}.new`;
  if (readWhole(files, unfinished) !== null) files.remove(unfinished);
  const file = files.create(unfinished);
  try {
    await file.write(data, 0);
    await file.sync();
  } finally {
    file.close();
  }
  files.rename(unfinished, path);
  files.syncFolder(dirname(path));
}

/** The file's content; null when there is none. */
export function readWhole(files: Files, path: string): Buffer | null {
  try {
    return files.read(path);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
    throw cause;
  }
}
