import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { expect, test } from 'vitest';

/** Types are gone when it runs. */
const IMPORT = /(?:^|\n)(?:import|export)\s(?!type\s)[^;]*?from\s+'([^']+)'/g;

/** Everything that a file needs, as files and as names of packages. */
const reached = (entry: string): ReadonlySet<string> => {
  const seen = new Set<string>();
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const [, specifier = ''] of readFileSync(file, 'utf8').matchAll(IMPORT)) {
      if (specifier.startsWith('.')) visit(resolve(dirname(file), specifier));
      else seen.add(specifier);
    }
  };
  visit(entry);
  return seen;
};

test('a page may draw a preview: nothing in this folder needs Node or a package', () => {
  const all = [...reached(resolve(import.meta.dirname, 'index.ts'))];
  expect(all.length).toBeGreaterThan(10);
  expect(all.filter((each) => !each.startsWith('/') && !/^[A-Za-z]:\\/.test(each))).toEqual([]);
  // The search itself works.
  expect([...reached(resolve(import.meta.dirname, '../fonts/index.ts'))]).toContain('fontkit');
});
