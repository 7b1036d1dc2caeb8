import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fingerprint } from './fingerprint.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'huimin-fingerprint-'));
  put('screen/main.tsx', 'one');
  put('bridge/index.ts', 'two');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(file: string, text: string): void {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  writeFileSync(path.join(root, file), text);
}

const now = () => fingerprint(root, ['screen', 'bridge', 'absent']);

test('a file that changes, comes, goes or moves changes the fingerprint', () => {
  const first = now();
  put('screen/main.tsx', 'one');
  expect(now()).toBe(first);
  put('screen/main.tsx', 'ONE');
  expect(now()).not.toBe(first);
  put('screen/main.tsx', 'one');
  put('screen/more.ts', '');
  const more = now();
  expect(more).not.toBe(first);
  rmSync(path.join(root, 'screen/more.ts'));
  put('screen/moved.ts', '');
  expect(now()).not.toBe(more);
});

test('tests and what is made or installed do not count', () => {
  const first = now();
  put('screen/main.test.tsx', 'x');
  put('screen/node_modules/a/index.js', 'x');
  put('screen/dist/index.html', 'x');
  expect(now()).toBe(first);
});
