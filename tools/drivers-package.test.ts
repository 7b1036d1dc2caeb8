import { spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { importsOf } from './arrows.ts';
import { buildDrivers, packDrivers } from './drivers-package.ts';

/** The package as somebody else has it: unpacked into node_modules, its dependencies beside it, no source in sight. */
const root = path.resolve(import.meta.dirname, '..');
const folder = mkdtempSync(path.join(tmpdir(), 'drivers-package-'));
const home = path.join(folder, 'consumer');
const installed = path.join(home, 'node_modules', '@huimin', 'drivers');
let archive = '';
let files: readonly string[] = [];

interface Manifest {
  readonly bin: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}
const manifest = (): Manifest => JSON.parse(readFileSync(path.join(installed, 'package.json'), 'utf8'));

/** Where npm has put a package of ours: at the root, or beside the drivers. */
const where = (name: string): string | undefined =>
  [path.join(root, 'node_modules', name), path.join(root, 'drivers', 'node_modules', name)].find(existsSync);

beforeAll(() => {
  const built = path.join(folder, 'built');
  buildDrivers(root, built);
  archive = packDrivers(built, folder);
  mkdirSync(installed, { recursive: true });
  spawnSync('tar', ['xzf', archive, '-C', installed, '--strip-components=1']);
  const listed = spawnSync('tar', ['tzf', archive], { encoding: 'utf8' }).stdout;
  files = listed
    .trim()
    .split('\n')
    .map((name) => name.replace(/^package\//, ''));
  writeFileSync(path.join(home, 'package.json'), '{ "type": "module" }\n');
  cpSync(path.join(installed, 'examples'), path.join(home, 'examples'), { recursive: true });
  const { dependencies, optionalDependencies } = manifest();
  for (const name of [
    ...Object.keys(dependencies),
    ...Object.keys(optionalDependencies ?? {}),
    '@types/node',
  ]) {
    const found = where(name);
    if (found === undefined) continue;
    mkdirSync(path.dirname(path.join(home, 'node_modules', name)), { recursive: true });
    symlinkSync(found, path.join(home, 'node_modules', name), 'junction');
  }
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The package's own simulators, as it was packed. */
const drivers = () =>
  import(pathToFileURL(path.join(installed, 'index.js')).href) as Promise<
    typeof import('../drivers/index.ts')
  >;
const part = <T>(name: string) =>
  import(pathToFileURL(path.join(installed, name, 'index.js')).href) as Promise<T>;

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(file: string, ...args: readonly string[]): Promise<Ran> {
  const child = spawn(process.execPath, [file, ...args], { cwd: home, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill());
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString('utf8');
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString('utf8');
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
}
const example = (name: string, ...args: readonly string[]) => run(path.join(home, 'examples', name), ...args);

/** A pseudo-terminal of the package, or the reason why there is none. */
async function pty() {
  const opened = await (await drivers()).openPty();
  if (!opened.ok) return { error: opened.error };
  onTestFinished(() => opened.value.close());
  return opened.value;
}

describe('what is in it', () => {
  test('is small, and holds what it says', () => {
    expect(statSync(archive).size).toBeLessThan(2_000_000);
    for (const name of [
      'README.md',
      'LICENSE',
      'index.js',
      'index.d.ts',
      'cli/main.js',
      'udev/60-huimin-kiosk.rules',
    ]) {
      expect(files).toContain(name);
    }
  });

  test('no tests, no helpers of tests, no sources', () => {
    expect(
      files.filter((name) => /\.test\.|(^|\/)(testing|virtual-machine|recordings)\//.test(name)),
    ).toEqual([]);
    expect(files.filter((name) => /\.ts$/.test(name) && !/\.d\.ts$/.test(name))).toEqual([]);
  });

  test('nothing points outside: every import is a file of the package, of Node, or a declared dependency', () => {
    const { dependencies, optionalDependencies, peerDependencies } = manifest();
    const declared = { ...dependencies, ...optionalDependencies, ...peerDependencies, '@huimin/drivers': '' };
    const strays = files
      .filter((name) => /\.m?js$/.test(name))
      .flatMap((name) =>
        importsOf(name, readFileSync(path.join(installed, name), 'utf8'))
          .filter((specifier) => {
            if (specifier.startsWith('.')) {
              return !files.includes(path.posix.join(path.posix.dirname(name), specifier));
            }
            if (isBuiltin(specifier) || !/^[@a-z]/.test(specifier)) return false;
            return !Object.keys(declared).some(
              (each) => specifier === each || specifier.startsWith(`${each}/`),
            );
          })
          .map((specifier) => `${name} imports ${specifier}`),
      );
    // A module that is named in the configuration is the user's own.
    expect(strays.filter((stray) => !/ imports module$/.test(stray))).toEqual([]);
  });

  test('its declarations are complete for a program that is checked strictly', () => {
    writeFileSync(
      path.join(home, 'consumer.ts'),
      `import { type IdCard, openIdCardReader, openReceiptPrinter, type ReceiptDocument } from '@huimin/drivers';
       import { openCodeScanner } from '@huimin/drivers/code-scanner';
       const reader = openIdCardReader({ protocol: 'sdt', transport: { kind: 'serial', path: 'COM3' } });
       const read = await reader.readCard({ timeoutMs: 1000 });
       const card: IdCard | null = read.ok ? read.value.card : null;
       const document: ReceiptDocument = { lines: [{ kind: 'text', text: card?.name ?? '' }] };
       const printed = await openReceiptPrinter({ transport: 'auto' }).print(document);
       if (!printed.ok) console.log(printed.error.reason satisfies string);
       // @ts-expect-error a serial port has no host
       openCodeScanner({ protocol: 'serial', transport: { kind: 'serial', host: 'x' } });
      `,
    );
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024', '--types', 'node'];
    const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const checked = spawnSync(process.execPath, [tsc, ...options, 'consumer.ts'], {
      cwd: home,
      encoding: 'utf8',
    });
    expect(checked.stdout).toBe('');
    expect(checked.status).toBe(0);
  });
});

describe('every example, as plain JavaScript', () => {
  test('reads and records a card over a pseudo-terminal, through the process that holds ports', async ({
    skip,
  }) => {
    const port = await pty();
    if ('error' in port) return skip(port.error);
    const { checkDigit, simulateIdCardReader, systemClock } = await drivers();
    const reader = simulateIdCardReader({ link: port.master, clock: systemClock, paced: true });
    const number = '99999919500228002';
    const lay = () =>
      reader.place({
        type: 'citizen',
        name: '虚构甲',
        sex: 'female',
        nation: { code: '01', name: '汉' },
        birth: '1950-02-28',
        address: '虚构省虚构市虚构路1号',
        number: number + checkDigit(number),
        authority: '虚构市公安局',
        validFrom: '2015-06-01',
        validTo: null,
      });
    lay();
    expect(await example('id-card.mjs', port.path)).toMatchObject({
      code: 0,
      stdout: 'citizen card, name of 3 characters, photo of 1024 bytes\n',
    });
    lay();
    expect(await example('record-and-replay.mjs', port.path)).toMatchObject({
      code: 0,
      stdout: 'read: citizen card\nreplayed: citizen card\nthe driver did the same\n',
    });
  });

  test('prints on a receipt printer over TCP, and checks it', async () => {
    const { startSimulatedReceiptPrinter, systemClock } = await drivers();
    const printer = await startSimulatedReceiptPrinter({ clock: systemClock });
    onTestFinished(printer.close);
    const at = [printer.host, String(printer.port)];
    expect(await example('receipt.mjs', ...at)).toMatchObject({ code: 0, stdout: 'printed\n' });
    expect(await example('conformance.mjs', ...at)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /It conforms( as far as it was checked)?: \d+ passed, 0 failed, \d+ skipped\.\n$/,
      ),
    });
  });

  test('prints a certificate over IPP', async () => {
    const { samplePage, startSimulatedCertificatePrinter, systemClock } = await drivers();
    const printer = await startSimulatedCertificatePrinter({ clock: systemClock, pagesPerMinute: 600 });
    onTestFinished(printer.close);
    const pdf = path.join(home, 'certificate.pdf');
    writeFileSync(pdf, samplePage());
    expect(await example('certificate.mjs', printer.uri, pdf)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^delivered: job \d+\n$/),
    });
  });

  test('reads a code', async ({ skip }) => {
    const port = await pty();
    if ('error' in port) return skip(port.error);
    const { simulateCodeScanner, systemClock } = await drivers();
    const scanner = simulateCodeScanner({ link: port.master, clock: systemClock });
    const running = example('code-scanner.mjs', port.path);
    // A code that is scanned before anybody listens is nobody's: it is held before the window again and again.
    const again = setInterval(() => void scanner.scan('HUIMIN-0001'), 200);
    onTestFinished(() => clearInterval(again));
    expect(await running).toMatchObject({ code: 0, stdout: 'a code of 11 characters\n' });
  });

  test('switches a light', async ({ skip }) => {
    const port = await pty();
    if ('error' in port) return skip(port.error);
    const { systemClock } = await drivers();
    const { simulateLights } = await part<typeof import('../drivers/lights/index.ts')>('lights');
    const board = simulateLights({ link: port.master, clock: systemClock });
    expect(await example('lights.mjs', port.path)).toMatchObject({
      code: 0,
      stdout: 'the green light is on\n',
    });
    expect(board.changes.map(({ what }) => what)).toContain('2 on');
  });

  test('sees a person', async ({ skip }) => {
    const port = await pty();
    if ('error' in port) return skip(port.error);
    const { systemClock } = await drivers();
    const { simulatePresenceSensor } =
      await part<typeof import('../drivers/presence-sensor/index.ts')>('presence-sensor');
    const sensor = simulatePresenceSensor({ link: port.master, clock: systemClock });
    onTestFinished(sensor.stop);
    sensor.person(true);
    expect(await example('presence-sensor.mjs', port.path)).toMatchObject({
      code: 0,
      stdout: 'somebody is there\n',
    });
  });

  test('hears a key, and finds a camera', async () => {
    expect(await example('keypad.mjs', 'simulated')).toMatchObject({ code: 0, stdout: 'pressed: select\n' });
    expect(await example('camera.mjs', 'simulated')).toMatchObject({
      code: 0,
      stdout: 'Face camera (046d:0825)\n',
    });
  });

  test('reads a badge', async () => {
    expect(await example('ic-card.mjs', 'simulated')).toMatchObject({
      code: 0,
      stdout: 'a badge with a number of 4 bytes\n',
    });
  });

  test('makes a whole visit without hardware', async () => {
    expect(await example('simulators.mjs')).toMatchObject({
      code: 0,
      stdout: 'read: 虚构甲\ncertificate: delivered\nreceipt: 谢谢\n',
    });
  });
});

describe('its command line', () => {
  const device = (...args: string[]) =>
    run(path.join(installed, manifest().bin['huimin-device'] ?? ''), ...args);

  test('runs, and tells what it can do', async () => {
    expect(await device('--help')).toMatchObject({ code: 0, stdout: expect.stringContaining('device list') });
  });

  test('reads a simulated card over a real port', async () => {
    const { code, stdout } = await device('read', 'id-card', '--simulated', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, masked: true, card: { name: '虚*' } });
  });
});
