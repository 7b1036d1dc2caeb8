import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** What no build depends on: what is made, what is installed, tests, and voice clips (served as they are). */
const ignored = /(^|\/)(node_modules|dist|test-output)(\/|$)|\.test\.tsx?$|\.opus$/;

function* filesBelow(root: string, where: string): Generator<string> {
  if (ignored.test(where)) return;
  const full = path.join(root, where);
  if (!existsSync(full)) return;
  if (!statSync(full).isDirectory()) {
    yield where;
    return;
  }
  for (const name of readdirSync(full).sort()) yield* filesBelow(root, `${where}/${name}`);
}

/**
 * One hash over the names and contents of all files below `inputs` (files or folders, relative to `root`, with
 * slashes). Contents rather than times, so that a fresh checkout of the same state is the same.
 */
export function fingerprint(root: string, inputs: readonly string[]): string {
  const hash = createHash('sha256');
  for (const input of inputs) {
    for (const file of filesBelow(root, input)) {
      const bytes = readFileSync(path.join(root, file));
      hash.update(`${file}\0${bytes.length}\0`).update(bytes);
    }
  }
  return hash.digest('hex');
}
