import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aptScript, canInstall, missingPackages } from './apt.ts';
import { namesBackend } from './config-peek.ts';
import { findElectron, forgetFailure, recallFailure, rememberFailure } from './electron-binary.ts';
import { probePort } from './ports.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'huimin-start-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** `npm start` as it is, to its end. */
async function start(...args: string[]) {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'start.ts'), ...args], {
    cwd: folder,
    env: { ...process.env, LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (bytes: Buffer) => {
    out += bytes;
  });
  child.stderr.on('data', (bytes: Buffer) => {
    err += bytes;
  });
  const [code] = (await once(child, 'close')) as [number];
  return { code, out, err };
}

async function taken(): Promise<{ port: number; close: () => Promise<unknown> }> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => once(server.close(), 'close');
  return { port: (server.address() as AddressInfo).port, close };
}

describe('npm start', () => {
  test('an option that does not exist is one sentence and exit code 1', async () => {
    expect(await start('--prot', '8701')).toEqual({
      code: 1,
      out: '',
      err: 'There is no option --prot; did you mean --port?\n',
    });
  });

  test('a port that is taken is named with the option that changes it', async () => {
    const { port, close } = await taken();
    const kiosk = await start('--headless', '--backend', 'none', '--port', String(port));
    expect(kiosk).toMatchObject({ code: 1, out: '' });
    expect(kiosk.err).toMatch(new RegExp(`^Port ${port} is taken by another program; .*--port\\.\\n$`));
    const free = await taken();
    await free.close();
    const backend = await start('--headless', '--port', String(free.port), '--backend-port', String(port));
    expect(backend.err).toMatch(/--backend-port\.\n$/);
    await close();
    expect(await probePort(port)).toBe('free');
  });

  test('a configuration or data folder that cannot be used is one sentence', async () => {
    const { code, err } = await start('--headless', '--config', 'none.yaml');
    expect(code).toBe(1);
    expect(err).toBe(
      `The configuration ${path.join(folder, 'none.yaml')} cannot be read: ENOENT: no such file or directory.\n`,
    );
    writeFileSync(path.join(folder, 'file'), '');
    const free = await taken();
    await free.close();
    const data = await start(
      '--headless',
      '--backend',
      'none',
      '--port',
      String(free.port),
      '--data',
      'file',
    );
    expect(data).toMatchObject({ code: 1, out: '' });
    expect(data.err).toMatch(/^The data folder .*file cannot be used: EEXIST: file already exists\.\n$/);
  });

  test('help lists the options', async () => {
    const { code, out } = await start('--help');
    expect(code).toBe(0);
    expect(out).toContain('--backend URL|none');
  });
});

describe('what decides before anything starts', () => {
  test('a configuration with its own backend is noticed, anything else is not', () => {
    expect(namesBackend('kiosk: k-1\nbackend: { url: "http://10.0.0.2:8700" }\n')).toBe(true);
    expect(namesBackend('kiosk: k-1\nbackend: { enrolmentCode: demo }\n')).toBe(false);
    expect(namesBackend('devices: {')).toBe(false);
    expect(namesBackend('')).toBe(false);
  });

  test('packages are installed on Debian with rights only', () => {
    const debian = { platform: 'linux', root: true, hasApt: true, release: 'NAME="Debian"\nID=debian\n' };
    expect(canInstall(debian)).toBe(true);
    expect(canInstall({ ...debian, root: false })).toBe(false);
    expect(canInstall({ ...debian, hasApt: false })).toBe(false);
    expect(canInstall({ ...debian, release: 'ID=ubuntu\nID_LIKE=debian\n' })).toBe(false);
    expect(aptScript(['chromium'])).toContain('apt-get install -y --no-install-recommends chromium');
  });

  test.skipIf(!canInstall({ platform: process.platform, root: true, hasApt: true, release: osRelease() }))(
    'what is installed is known (Debian)',
    () => {
      expect(missingPackages(['dpkg', 'no-such-package-at-all'])).toEqual(['no-such-package-at-all']);
    },
  );

  test("Electron's binary is found where its package or the environment says", () => {
    const electron = path.join(folder, 'electron');
    mkdirSync(electron);
    const files = [path.join(electron, 'dist', 'electron'), path.join(path.sep, 'opt', 'e', 'electron')];
    const exists = (file: string) => files.includes(file);
    writeFileSync(path.join(electron, 'path.txt'), 'electron');
    expect(findElectron(electron, {}, exists)).toBe(files[0]);
    expect(
      findElectron(electron, { ELECTRON_OVERRIDE_DIST_PATH: path.join(path.sep, 'opt', 'e') }, exists),
    ).toBe(files[1]);
    expect(findElectron(electron, {}, () => false)).toBe(undefined);
  });

  test('that Electron could not be had is remembered for a day and for this version', () => {
    const note = path.join(folder, 'notes', 'electron.json');
    const day = 24 * 60 * 60 * 1000;
    expect(recallFailure(note, '45.4.1', 0)).toBe(undefined);
    rememberFailure(note, '45.4.1', 1000, 'fetch failed');
    expect(recallFailure(note, '45.4.1', 1000 + day - 1)).toBe('fetch failed');
    expect(recallFailure(note, '45.4.1', 1000 + day)).toBe(undefined);
    expect(recallFailure(note, '45.4.1', 0)).toBe(undefined);
    expect(recallFailure(note, '46.0.0', 2000)).toBe(undefined);
    writeFileSync(note, 'torn');
    expect(recallFailure(note, '45.4.1', 2000)).toBe(undefined);
    forgetFailure(note);
    forgetFailure(note);
  });
});

function osRelease(): string {
  try {
    return readFileSync('/etc/os-release', 'utf8');
  } catch {
    return '';
  }
}
