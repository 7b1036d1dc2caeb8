import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { _electron } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hasDisplay } from '../browser.ts';
import { electronPackage, findElectron } from '../electron-binary.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const here = electronPackage();
const binary = here === undefined ? undefined : findElectron(here.folder, process.env, existsSync);
const display = hasDisplay({ platform: process.platform, env: process.env, exists: existsSync });
const reason =
  binary === undefined
    ? "Electron's binary is not here and was not fetched"
    : display
      ? undefined
      : 'there is no display';
if (reason !== undefined) console.log(`Electron journey skipped: ${reason}.`);

let data: string;
beforeAll(() => {
  data = mkdtempSync(path.join(tmpdir(), 'huimin-electron-'));
});
afterAll(() => rmSync(data, { recursive: true, force: true }));

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await once(server.close(), 'close');
  return port;
}

test.skipIf(reason !== undefined)(
  `the welcome screen comes up in Electron over the message port${reason === undefined ? '' : ` (skipped: ${reason})`}`,
  { timeout: 180_000 },
  async () => {
    const build = spawnSync(process.execPath, [path.join(root, 'tools/build.ts')], { encoding: 'utf8' });
    expect(build.status, build.stderr).toBe(0);
    const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    const main = path.join(root, 'kiosk/dist/electron/main.js');
    const options = ['--data', data, '--backend', 'none', '--port', String(await freePort())];
    const app = await _electron.launch({
      ...(binary === undefined ? {} : { executablePath: binary }),
      args: [main, ...sandbox, ...options],
    });
    try {
      const page = await app.firstWindow();
      await page.waitForSelector('[data-screen="welcome"]');
      expect(page.url()).toBe('kiosk://screen/');
      // The page has what a page has, and nothing of Node or Electron.
      const extras = ['require', 'process', 'module', 'electron', 'Buffer', 'ipcRenderer'];
      expect(await page.evaluate((names) => names.filter((name) => name in globalThis), extras)).toEqual([]);
      await page.click('[data-action="start"]');
      await page.waitForSelector('[data-screen="card"]');
      // Leaving is refused, also by script.
      await page.evaluate(() => {
        window.location.href = 'https://example.org/';
      });
      expect(await page.evaluate(() => window.open('https://example.org/'))).toBe(null);
      expect(page.url()).toBe('kiosk://screen/');
    } finally {
      await app.close();
    }
  },
);
