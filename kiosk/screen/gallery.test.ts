import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import type { AxeResults } from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { type ToCore, type ToScreen, toCoreSchema } from '../bridge/index.ts';
import { measurePage } from './gallery/measure.ts';
import { sampleStill, samples, snapshotOf } from './gallery/samples.ts';

const browserPath = [process.env.CHROMIUM_PATH, '/usr/bin/chromium', '/usr/bin/google-chrome'].find(
  (path) => path !== undefined && existsSync(path),
);
const reason = browserPath === undefined ? ' (left out: no Chromium; set CHROMIUM_PATH)' : '';
const shots = join(import.meta.dirname, '../../test-output/screens');

/** The policy under which the core serves the page. */
const policy =
  "default-src 'self'; img-src 'self' data: blob:; media-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self' ws://127.0.0.1:*";
const kinds: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.woff2': 'font/woff2',
};

const upright = { width: 1080, height: 1920 };
const lying = { width: 1920, height: 1080 };
const orientations = { portrait: upright, landscape: lying };
const everySample: string[] = [
  ...Object.entries(samples).flatMap(([screen, variants]) =>
    variants.map((_, variant) => `screen=${screen}&variant=${variant}`),
  ),
  'screen=idle',
  'screen=connecting',
  'screen=connecting&variant=1',
];

describe.skipIf(browserPath === undefined)(`every screen in Chromium${reason}`, () => {
  let folder: string;
  let server: Server;
  let browser: Browser;
  let page: Page;
  let origin: string;
  let still: Buffer | null = null;
  const complaints: string[] = [];
  const intents: string[] = [];
  const sockets = new WebSocketServer({ noServer: true });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'screen-'));
    await build({
      configFile: join(import.meta.dirname, 'vite.config.ts'),
      logLevel: 'error',
      build: { outDir: folder },
    });
    server = createServer(async (request, response) => {
      const { pathname } = new URL(request.url ?? '/', 'http://localhost');
      if (pathname === sampleStill && still !== null) {
        response.writeHead(200, { 'content-type': 'image/jpeg' }).end(still);
        return;
      }
      const name = pathname === '/' ? '/index.html' : pathname;
      const body = await readFile(join(folder, name)).catch(() => null);
      const type = kinds[extname(name)] ?? 'application/octet-stream';
      response.writeHead(body === null ? 404 : 200, {
        'content-type': type,
        'content-security-policy': policy,
      });
      response.end(body);
    });
    server.on('upgrade', (request, socket, head) => {
      sockets.handleUpgrade(request, socket, head, (client) => sockets.emit('connection', client, request));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    browser = await chromium.launch({
      ...(browserPath === undefined ? {} : { executablePath: browserPath }),
      args: ['--no-sandbox', '--disable-background-networking'],
    });
    page = await browser.newPage({ viewport: upright, reducedMotion: 'reduce' });
    page.on('console', (message) => {
      const text = message.text();
      if (text.startsWith('intent ')) intents.push(text);
      else if (message.type() === 'error' && !text.includes('404')) complaints.push(text);
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(`${origin}/gallery.html?screen=verify`);
    // The camera of the gallery shows the gallery's own drawing of a face.
    still = await page.locator('.picture').screenshot({ type: 'jpeg' });
    await mkdir(shots, { recursive: true });
  }, 90_000);

  afterAll(async () => {
    await browser?.close();
    sockets.close();
    server?.closeAllConnections();
    await new Promise((resolve) => (server === undefined ? resolve(null) : server.close(resolve)));
    await rm(folder, { recursive: true, force: true });
  });

  /** Shows a sample without loading the page again, and waits until it stands still. */
  async function show(query: string): Promise<void> {
    await page.evaluate(async (search) => {
      history.replaceState(null, '', `?${search}`);
      dispatchEvent(new PopStateEvent('popstate'));
      const turn = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve));
      await turn();
      // Measuring makes the page ask for the fonts it needs.
      document.body.getBoundingClientRect();
      await document.fonts.ready;
      await turn();
    }, query);
    if (query.includes('screen=verify&variant=1')) await page.waitForSelector('.mirror[data-ready="true"]');
  }

  const fileOf = (query: string, rest: string): string =>
    join(shots, `${query.replaceAll('screen=', '').replaceAll('&variant=', '-')}-${rest}.jpg`);

  for (const [orientation, viewport] of Object.entries(orientations)) {
    for (const size of [0, 3]) {
      for (const language of ['zh-CN', 'en']) {
        test(`${orientation}, ${language}, text size ${size}: nothing too small, clipped or covered`, async () => {
          await page.setViewportSize(viewport);
          const found: string[] = [];
          const contrast = size === 3 && language === 'en' ? 'high' : 'normal';
          for (const query of everySample) {
            await show(`${query}&lang=${language}&size=${size}&contrast=${contrast}`);
            const problems = await page.evaluate(measurePage);
            found.push(...problems.map((problem) => `${query}: ${problem}`));
            const kept =
              size === 0 ? language === 'zh-CN' : language === 'en' && !/variant=[2-9]/.test(query);
            if (kept) {
              await page.screenshot({
                path: fileOf(query, `${orientation}-${size}-${language}`),
                type: 'jpeg',
                quality: 82,
              });
            }
          }
          expect(found).toEqual([]);
        }, 90_000);
      }
    }
  }

  for (const [orientation, viewport] of Object.entries(orientations)) {
    const contrast = orientation === 'portrait' ? 'normal' : 'high';
    test(`${orientation}, ${contrast} contrast: accessible by axe, 7:1 included`, async () => {
      await page.setViewportSize(viewport);
      const source = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
      await page.evaluate(await readFile(source, 'utf8'));
      const found: string[] = [];
      const some = everySample.filter((query) => /variant=0$|idle|connecting/.test(query));
      for (const query of some) {
        await show(`${query}&contrast=${contrast}`);
        const result = await page.evaluate(async () => {
          const { axe } = window as unknown as { axe: { run(options: object): Promise<AxeResults> } };
          return axe.run({
            resultTypes: ['violations'],
            rules: { 'color-contrast-enhanced': { enabled: true } },
          });
        });
        for (const { id, nodes } of result.violations) {
          found.push(...nodes.map(({ html, any }) => `${query} ${id}: ${html} ${any[0]?.message ?? ''}`));
        }
      }
      expect(found).toEqual([]);
    }, 90_000);
  }

  test('a press begins and ends inside its target, and a double press is one', async () => {
    await page.setViewportSize(upright);
    await show('screen=consent');
    intents.length = 0;
    const box = await page.locator('[data-action="agree"]').boundingBox();
    if (box === null) throw new Error('the control is not shown');
    await page.mouse.move(box.x + 20, box.y + 20);
    await page.mouse.down();
    await page.mouse.move(box.x + 20, box.y - 300);
    await page.mouse.up();
    expect(intents).toEqual([]);
    await page.locator('[data-action="agree"]').dblclick();
    await expect.poll(() => intents.length).toBe(1);
    expect(intents[0]).toMatch(/^intent \d+ agree$/);
  });

  test('keys reach every control; a scanner does not press the one that has the focus', async () => {
    await show('screen=consent&variant=0&size=1');
    intents.length = 0;
    await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('H1');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-action'))).toBe('decline');
    await page.keyboard.press('ArrowRight');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-action'))).toBe('agree');
    await page.keyboard.press('Enter');
    await expect.poll(() => intents.length).toBe(1);
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 500)));
    await page.keyboard.type('BADGE-0042');
    await page.keyboard.press('Enter');
    expect(intents).toHaveLength(1);
  });

  test('the camera page sends one frame and wipes its picture', async () => {
    await show('screen=verify&variant=1');
    intents.length = 0;
    await page.locator('[data-action="next"]').click();
    await expect.poll(() => intents.map((text) => text.split(' ')[2])).toEqual(['frame']);
    const canvas = await page.evaluateHandle(() => document.querySelector('canvas'));
    await show('screen=verify&variant=2');
    expect(await canvas.evaluate((element) => element?.width)).toBe(0);
  });

  test('the page itself: connects, shows what the core says, asks, and comes back after a loss', async () => {
    const heard: ToCore[] = [];
    const clients: WebSocket[] = [];
    const say = (client: WebSocket, message: ToScreen): void => client.send(JSON.stringify(message));
    const consent = samples.consent[0];
    if (consent === undefined) throw new Error('there is no sample');
    const settings = { language: 'en', textSize: 0, contrast: 'normal', elder: false } as const;
    sockets.on('connection', (client) => {
      clients.push(client);
      client.on('message', (data) => heard.push(toCoreSchema.parse(JSON.parse(String(data)))));
      say(client, {
        type: 'welcome',
        protocol: 1,
        display: { widthMm: 598, heightMm: 336, viewingDistanceMm: 600 },
      });
      client.send('{"type":"snapshot","snapshot":{"page":"not a number"}}');
      say(client, { type: 'snapshot', snapshot: snapshotOf(consent, 7, settings) });
    });
    await page.goto(`${origin}/`);
    await page.locator('[data-screen="consent"][data-page="7"]').waitFor();
    await page.locator('[data-action="agree"]').click();
    await expect.poll(() => heard).toContainEqual({ type: 'intent', page: 7, intent: { do: 'agree' } });
    expect(heard).toContainEqual({ type: 'activity' });
    await page.keyboard.type('42');
    await expect
      .poll(() => heard.flatMap((message) => (message.type === 'keys' ? message.keys : [])))
      .toMatchObject([{ key: '4' }, { key: '2' }]);
    clients[0]?.terminate();
    await page.locator('[data-screen="connecting"]').waitFor();
    expect(await page.locator('body').textContent()).not.toContain('林晓梅');
    await page.locator('[data-screen="consent"]').waitFor();
    expect(clients).toHaveLength(2);
  });

  test('a core that does not come: people are sent to people', async () => {
    const alone = await browser.newPage();
    try {
      await alone.clock.install();
      await alone.routeWebSocket(/./, (socket) => socket.close());
      await alone.goto(`${origin}/`);
      await alone.getByText('正在准备…').waitFor();
      await alone.clock.runFor(41_000);
      await alone.getByText('请找工作人员，或者到柜台办理').waitFor();
    } finally {
      await alone.close();
    }
  });

  test('nothing was refused by the policy or thrown', () => {
    expect(complaints).toEqual([]);
  });
});
