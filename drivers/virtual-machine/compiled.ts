/**
 * Our sources as plain JavaScript, for the guest: an emulated processor takes seconds for what Node does to TypeScript,
 * again in each process that a driver starts. Types are blanked out, so lines and columns stay what they are.
 */

import { cp, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import path from 'node:path';

/** Copies a folder of ECMAScript modules, without its tests, and makes every TypeScript file JavaScript. */
export async function compileFolder(from: string, to: string): Promise<void> {
  await cp(from, to, {
    recursive: true,
    filter: (name) => !/\.test\.ts$|node_modules/.test(path.relative(from, name)),
  });
  for (const name of await readdir(to, { recursive: true })) {
    if (!name.endsWith('.ts')) continue;
    const source = path.join(to, name);
    const script = stripTypeScriptTypes(await readFile(source, 'utf8'));
    await writeFile(source, withScriptsNamed(script));
    await rename(source, source.replace(/\.ts$/, '.js'));
  }
}

/** Relative names of modules, in whatever kind of import. */
const withScriptsNamed = (script: string): string =>
  script.replace(
    /(['"])(\.{1,2}\/[^'"\n]*)\.ts\1/g,
    (_, quote: string, name: string) => `${quote}${name}.js${quote}`,
  );
