import { execFileSync, spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { printerCode } from './printer-font.ts';

/** Every character of the Basic Multilingual Plane that is claimed, and all their bytes, one line each. */
const claimed: string[] = [];
const lines: number[] = [];
for (let codePoint = 0x20; codePoint <= 0xffff; codePoint += 1) {
  if (codePoint >= 0xd800 && codePoint <= 0xdfff) continue;
  const character = String.fromCodePoint(codePoint);
  const code = printerCode(character);
  if (code === 0) continue;
  claimed.push(character);
  lines.push(...(code > 0xff ? [code >> 8, code & 0xff] : [code]), 0x0a);
}
const table = Uint8Array.from(lines);

const runs = (program: string, ...args: string[]): boolean => spawnSync(program, args).status === 0;
const iconv = runs('iconv', '--version') ? '' : ' (skipped: no iconv here)';
const python = runs('python3', '--version') ? '' : ' (skipped: no python3 here)';

const decoded = (program: string, args: readonly string[]): string[] =>
  execFileSync(program, args, { input: table, encoding: 'utf8', maxBuffer: 1 << 24 })
    .split('\n')
    .slice(0, -1);

test('the claim is all of GBK that every edition of GB 18030 agrees on, and ASCII', () => {
  expect(claimed.length).toBeGreaterThan(21_800);
  for (let code = 0x4e00; code <= 0x9fa5; code += 1) {
    expect(printerCode(String.fromCharCode(code)), code.toString(16)).toBeGreaterThan(0xff);
  }
});

test('decoder 1, of the platform', () => {
  const decoder = new TextDecoder('gb18030', { fatal: true });
  expect(decoder.decode(table).split('\n').slice(0, -1)).toEqual(claimed);
});

test.skipIf(iconv !== '')(`decoder 2, iconv${iconv}`, () => {
  expect(decoded('iconv', ['-f', 'GB18030', '-t', 'UTF-8'])).toEqual(claimed);
});

test.skipIf(python !== '')(`decoder 3, Python's${python}`, () => {
  const script = 'import sys; sys.stdout.buffer.write(sys.stdin.buffer.read().decode("gb18030").encode())';
  expect(decoded('python3', ['-c', script])).toEqual(claimed);
});

test('what is not claimed is never sent: other planes, private use, controls, halves of pairs', () => {
  // Two bytes never look like a real-time command, whose first byte is 10.
  expect(table.includes(0x10)).toBe(false);
  for (const character of [
    '𠮷',
    '😀',
    '\ue123',
    '\u{f0000}',
    '\u0000',
    '\u001b',
    '\u007f',
    '\u0085',
    '\ud800',
  ]) {
    expect(printerCode(character)).toBe(0);
  }
  // Moved out of private use in 2022: a printer's font may be older.
  expect(printerCode('\u9fb4')).toBe(0);
});
