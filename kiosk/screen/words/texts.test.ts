import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from 'oxc-parser';
import { describe, expect, test } from 'vitest';
import en from '../../../assets/texts/en.json' with { type: 'json' };
import zh from '../../../assets/texts/zh-CN.json' with { type: 'json' };
import { words } from './texts.ts';

const root = join(import.meta.dirname, '..');
const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.tsx?$/.test(path) && !path.endsWith('.test.ts'))
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
const screenKeys = Object.keys(zh).filter((key) => key.startsWith('screen.'));

/** What a source asks the catalogue for: whole keys, and patterns of keys with parts filled in later. */
function asked(text: string): RegExp[] {
  const inT = [...text.matchAll(/\.t\(/g)].flatMap(({ index }) => {
    const call = text.slice(index, index + 220);
    return [...call.matchAll(/(['`])((?:\$\{[^}]*\}|[\w.-])+)\1/g)].map((found) => found[2] ?? '');
  });
  return inT.map(
    (key) => new RegExp(`^screen\\.${key.replaceAll('.', '\\.').replace(/\$\{[^}]*\}/g, '[\\w-]+')}$`),
  );
}

describe('the words of the screen', () => {
  test('both languages have the same keys, none of them empty', () => {
    expect(Object.keys(en).sort()).toEqual(Object.keys(zh).sort());
    expect([...Object.entries(zh), ...Object.entries(en)].filter(([, text]) => text.trim() === '')).toEqual(
      [],
    );
  });

  test('both languages fill in the same names', () => {
    const names = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();
    const english: Readonly<Record<string, string>> = en;
    for (const [key, text] of Object.entries(zh))
      expect([key, names(english[key] ?? '')]).toEqual([key, names(text)]);
  });

  test('every key asked for exists and every key of the screen is asked for', () => {
    const patterns = sources.flatMap(({ text }) => asked(text));
    expect(screenKeys.filter((key) => !patterns.some((pattern) => pattern.test(key)))).toEqual([]);
    const first = sources.flatMap(({ path, text }) =>
      [...text.matchAll(/\.t\(\s*'([^']+)'/g)].map((found) => ({ path, key: `screen.${found[1]}` })),
    );
    expect(first.length).toBeGreaterThan(30);
    expect(first.filter(({ key }) => !screenKeys.includes(key))).toEqual([]);
  });

  test('no component carries words of its own', () => {
    const found: string[] = [];
    for (const { path, text } of sources.filter((source) => source.path.endsWith('.tsx'))) {
      if (/[\u4e00-\u9fff]/.test(text)) found.push(`${path}: Chinese`);
      const visit = (node: unknown): void => {
        if (Array.isArray(node)) for (const item of node) visit(item);
        else if (typeof node === 'object' && node !== null) {
          const { type, value } = node as { type?: unknown; value?: unknown };
          if (type === 'JSXText' && typeof value === 'string' && /\p{L}/u.test(value))
            found.push(`${path}: ${value}`);
          if (type === 'JSXAttribute') {
            const { name, value: given } = node as unknown as {
              name: { name: unknown };
              value: { type?: string } | null;
            };
            const spoken = ['aria-label', 'alt', 'title', 'placeholder'].includes(String(name.name));
            if (spoken && given?.type === 'Literal') found.push(`${path}: ${String(name.name)}`);
          }
          for (const child of Object.values(node)) visit(child);
        }
      };
      visit(parseSync(path, text).program);
    }
    expect(found).toEqual([]);
  });

  test('names are filled in', () => {
    expect(words.en.t('where', { index: 2, of: 5 })).toBe('Step 2 of 5');
    expect(words['zh-CN'].t('fault.what.paper-out', { device: '打印机' })).toContain('打印机');
  });
});
