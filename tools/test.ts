// `npm test`: style, types, voice, builds, every test and every journey; the last line says how many went well.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { aptScript, canInstall, missingPackages, probeApt } from '../kiosk/shell/index.ts';
import { add, failuresIn, nothing, one, type Tally, tallyLine, tallyReport } from './tally.ts';

const root = path.resolve(import.meta.dirname, '..');
const output = path.join(root, 'test-output');

/** What tests use where they find it: a browser, printers, viewers and checkers of what we print, databases. */
const debianPackages = [
  'chromium',
  'fonts-noto-cjk',
  'cups-ipp-utils',
  'dbus',
  'avahi-daemon',
  'poppler-utils',
  'qpdf',
  'zbar-tools',
  'espeak-ng',
  'opus-tools',
  'postgresql',
  'openssl',
  'cups',
  'socat',
  'python3',
  'qemu-system-x86',
  'busybox-static',
  'xz-utils',
  'udev',
  'gpiod',
];

let current: ChildProcess | undefined;
let stopped = false;
/** What failed, to be said again at the end. */
const failures: string[] = [];

/** Runs a program with its output shown; true when it went well. */
function run(command: string, ...args: string[]): Promise<boolean> {
  if (stopped) return Promise.resolve(false);
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit' });
    current = child;
    child.on('error', (error) => {
      console.error(error.message);
      resolve(false);
    });
    child.on('exit', (code) => resolve(code === 0));
  });
}

const tool = (name: string, ...args: string[]) =>
  run(process.execPath, path.join(root, 'node_modules', name), ...args);

async function installPackages(): Promise<void> {
  if (!canInstall(probeApt())) return;
  const missing = missingPackages(debianPackages);
  if (missing.length === 0) return;
  console.log(`Installing ${missing.join(' ')} …`);
  mkdirSync(output, { recursive: true });
  const log = path.join(output, 'apt.log');
  if (!(await run('sh', '-c', `{ ${aptScript(missing)}; } >'${log}' 2>&1`))) {
    console.log(`Not everything could be installed (see ${log}): tests that need it are skipped and say so.`);
  }
}

async function check(title: string, good: Promise<boolean>): Promise<Tally> {
  const went = await good;
  console.log(`${went ? 'ok' : 'FAILED'}: ${title}`);
  if (!went) failures.push(title);
  return one(went);
}

async function vitest(name: string, ...args: string[]): Promise<Tally> {
  const report = path.join(output, `${name}.json`);
  rmSync(report, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const good = await tool('vitest/vitest.mjs', 'run', ...reporters, ...args);
  const text = existsSync(report) ? readFileSync(report, 'utf8') : undefined;
  failures.push(...(text === undefined ? [`${name}: no report`] : failuresIn(text)));
  return tallyReport(text, good);
}

async function testAll(): Promise<Tally> {
  await installPackages();
  const steps: (() => Promise<Tally>)[] = [
    () => check('style', tool('@biomejs/biome/bin/biome', 'check', '.')),
    () => check('types', tool('typescript/bin/tsc', '--noEmit')),
    () => check('voice', run(process.execPath, path.join(root, 'kiosk/core/voice/cli.ts'), 'check')),
    () => check('builds', run(process.execPath, path.join(root, 'tools/build.ts'))),
    () => vitest('tests'),
    () => vitest('journeys', '--config', 'kiosk/e2e/vitest.config.ts'),
    () => vitest('kernel', '--config', 'drivers/virtual-machine/vitest.config.ts'),
  ];
  let total = nothing;
  for (const step of steps) total = add(total, await step());
  return total;
}

const stop = (): void => {
  stopped = true;
  current?.kill('SIGTERM');
};
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
if (process.channel !== undefined) process.on('disconnect', stop);

const total = await testAll();
for (const failure of failures) console.log(`FAILED: ${failure}`);
console.log(tallyLine(total));
process.exit(total.failed > 0 ? 1 : 0);
