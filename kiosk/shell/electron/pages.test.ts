import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readArguments } from './arguments.ts';
import { pagesFrom } from './pages.ts';
import { contentPolicy, isScreen } from './security.ts';

describe('kiosk://screen', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'huimin-pages-'));
    mkdirSync(path.join(folder, 'screen/assets'), { recursive: true });
    writeFileSync(path.join(folder, 'secret.html'), 'secret');
    writeFileSync(path.join(folder, 'screen/index.html'), '<!doctype html>');
    writeFileSync(path.join(folder, 'screen/assets/a.js'), 'export {}');
    writeFileSync(path.join(folder, 'screen/notes'), 'no type');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const pages = (core?: string) => pagesFrom(path.join(folder, 'screen'), () => core, fetch);
  const get = (url: string, init?: RequestInit) => pages()(new Request(url, init));

  test('serves the files of the screen with their type and the policy', async () => {
    const page = await get('kiosk://screen/');
    expect([page.status, await page.text()]).toEqual([200, '<!doctype html>']);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')).toBe(contentPolicy);
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    const script = await get('kiosk://screen/assets/a.js');
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  });

  test('serves nothing else, and there is no way out of the folder', async () => {
    const status = async (url: string, init?: RequestInit) => (await get(url, init)).status;
    expect(await status('kiosk://screen/%2e%2e/secret.html')).toBe(404);
    expect(await status('kiosk://screen/..%2fsecret.html')).toBe(404);
    expect(await status('kiosk://screen/assets/..%2f..%2fsecret.html')).toBe(404);
    expect(await status('kiosk://screen/index.html%00.js')).toBe(404);
    expect(await status('kiosk://screen/notes')).toBe(404);
    expect(await status('kiosk://screen/none.js')).toBe(404);
    expect(await status('kiosk://screen/%E0%A4%A')).toBe(400);
    expect(await status('kiosk://other/')).toBe(404);
    expect(await status('kiosk://screen/', { method: 'POST' })).toBe(405);
    expect((await get('kiosk://screen/none.js')).headers.get('content-security-policy')).toBe(contentPolicy);
  });

  test('passes clips and the bench camera on to the core, and only them', async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(
        `${request.method} ${request.url} ${request.headers.range ?? ''} ${request.headers.cookie ?? ''}`,
      );
      response.writeHead(206, {
        'Content-Type': 'audio/ogg',
        'Content-Range': 'bytes 0-3/9',
        'Set-Cookie': 'a=b',
      });
      response.end('OggS');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const core = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    try {
      const clip = await pages(core)(
        new Request('kiosk://screen/voice/zh-CN/0123456789abcdef.opus', { headers: { range: 'bytes=0-3' } }),
      );
      expect([clip.status, await clip.text(), clip.headers.get('content-range')]).toEqual([
        206,
        'OggS',
        'bytes 0-3/9',
      ]);
      expect(clip.headers.get('set-cookie')).toBe(null);
      expect(clip.headers.get('content-security-policy')).toBe(contentPolicy);
      expect((await pages(core)(new Request('kiosk://screen/bench/camera?at=1'))).status).toBe(206);
      expect((await pages(core)(new Request('kiosk://screen/bench/api/people'))).status).toBe(404);
      expect((await pages(core)(new Request('kiosk://screen/bridge'))).status).toBe(404);
      expect(asked).toEqual([
        'GET /voice/zh-CN/0123456789abcdef.opus bytes=0-3 ',
        'GET /bench/camera?at=1  ',
      ]);
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
    expect((await pages(core)(new Request('kiosk://screen/bench/camera'))).status).toBe(502);
    expect((await pages()(new Request('kiosk://screen/bench/camera'))).status).toBe(503);
  });

  test('the policy lets in the one inline style that React Aria adds, and no other', () => {
    const file = createRequire(import.meta.url).resolve('react-aria/package.json');
    const source = readFileSync(
      path.join(path.dirname(file), 'dist/private/interactions/usePress.mjs'),
      'utf8',
    );
    const template = /style\.textContent = `([^`]*)`\.trim\(\)/.exec(source)?.[1] ?? '';
    const style = template.replace(/\$\{[^}]*\}/, 'data-react-aria-pressable').trim();
    const hash = createHash('sha256').update(style).digest('base64');
    expect(contentPolicy).toContain(`style-src 'self' 'sha256-${hash}';`);
  });

  test('what is ours is told from what looks like it', () => {
    expect(isScreen('kiosk://screen/x?y#z')).toBe(true);
    for (const url of [
      undefined,
      '',
      'kiosk:screen',
      'kiosk://screen:1/',
      'kiosk://a@screen.b/',
      'https://screen/',
    ]) {
      expect(isScreen(url), url).toBe(false);
    }
  });
});

describe('the command line of Electron', () => {
  const place = {
    packaged: false,
    userData: '/home/k/.config/huimin',
    resources: '/opt/huimin/resources',
    programs: '/src/kiosk/dist/electron',
    platform: 'linux',
    env: {},
    exists: () => true,
  };

  test('from `npm start` everything is given', () => {
    const args = ['--no-sandbox', '--data', '/d/kiosk', '--port', '8703', '--backend', 'none'];
    expect(readArguments(args, place)).toEqual({
      data: '/d/kiosk',
      core: ['--data', '/d/kiosk', '--backend', 'none', '--port', '8703', '--bench'],
      environment: { HUIMIN_ASSETS: '/src/assets', HUIMIN_DIST: '/src/kiosk/dist' },
    });
  });

  test('a package finds its configuration, data and assets by itself', () => {
    expect(readArguments([], { ...place, packaged: true })).toMatchObject({
      core: ['--data', '/home/k/.config/huimin/kiosk', '--config', '/etc/huimin-kiosk/kiosk.yaml'],
      environment: { HUIMIN_ASSETS: '/opt/huimin/resources/assets' },
    });
    const none = readArguments([], { ...place, packaged: true, exists: () => false });
    expect(none.core).not.toContain('--config');
    expect(none.core).toContain('--bench');
    const windows = { ...place, packaged: true, platform: 'win32', env: { ProgramData: 'D:\\Data' } };
    expect(readArguments([], windows).core).toContain('D:\\Data\\huimin-kiosk\\kiosk.yaml');
  });
});
