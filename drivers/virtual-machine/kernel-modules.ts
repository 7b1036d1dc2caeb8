/** What a kernel module needs before it, read from the modules themselves: the package comes without `modules.dep`. */

import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** Files of the named modules and of all they depend on, each after those it depends on. */
export async function loadOrder(folder: string, names: readonly string[]): Promise<readonly string[]> {
  const files = new Map<string, string>();
  for (const entry of await readdir(folder, { recursive: true })) {
    if (entry.endsWith('.ko')) files.set(moduleName(path.basename(entry, '.ko')), path.join(folder, entry));
  }
  const order = new Set<string>();
  const add = async (name: string): Promise<void> => {
    const file = files.get(moduleName(name));
    if (file === undefined) throw new Error(`the kernel package holds no module ${name}`);
    if (order.has(file)) return;
    for (const needed of dependencies(await readFile(file))) await add(needed);
    order.add(file);
  };
  for (const name of names) await add(name);
  return [...order];
}

/** The kernel takes `-` and `_` for the same in names of modules. */
const moduleName = (name: string): string => name.replaceAll('-', '_');

/** The `depends=` line of the section `.modinfo`, whose lines end in NUL. */
function dependencies(module: Buffer): string[] {
  const label = '\0depends=';
  const start = module.indexOf(label);
  if (start < 0) return [];
  const end = module.indexOf(0, start + label.length);
  return module
    .toString('latin1', start + label.length, end)
    .split(',')
    .filter((name) => name !== '');
}
