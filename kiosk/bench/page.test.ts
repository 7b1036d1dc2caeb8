import { accessSync, constants, mkdirSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { COLUMNS_80_MM, openCertificatePrinter, openReceiptPrinter, systemClock } from '@huimin/drivers';
import { type Browser, chromium, type Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BenchServer, pdfPage, startBench } from './testing.ts';
import type { BenchState } from './wire.ts';

const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'];

const browserPath = (process.env.PATH ?? '')
  .split(delimiter)
  .flatMap((folder) => BROWSERS.map((name) => join(folder, name)))
  .find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

const OUTPUT = fileURLToPath(new URL('../../test-output/bench/', import.meta.url));
const AXE = fileURLToPath(import.meta.resolve('axe-core/axe.min.js'));

interface AxeWindow {
  readonly axe: {
    run(
      where: unknown,
      options: unknown,
    ): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
  };
}

describe.skipIf(!browserPath)(
  browserPath ? 'the page in a real browser' : 'the page: skipped, no Chromium, Chrome or Edge on the path',
  { timeout: 60_000 },
  () => {
    let built: string;
    let server: BenchServer;
    let browser: Browser;
    let page: Page;
    const complaints: string[] = [];

    beforeAll(async () => {
      built = await mkdtemp(join(tmpdir(), 'bench-page-'));
      await build({
        configFile: fileURLToPath(new URL('page/vite.config.ts', import.meta.url)),
        build: { outDir: built },
        logLevel: 'error',
      });
      server = await startBench({ page: built });
      browser = await chromium.launch({
        executablePath: browserPath ?? '',
        args: ['--no-sandbox', '--disable-background-networking'],
      });
      page = await browser.newPage({ viewport: { width: 1600, height: 1000 } });
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text());
      });
      mkdirSync(OUTPUT, { recursive: true });
      await page.goto(`${server.url}/bench/`);
      await page.locator('.deck .id-card').first().waitFor();
    }, 60_000);

    afterAll(async () => {
      await browser?.close();
      await server?.close();
      await rm(built, { recursive: true, force: true });
    });

    const state = async () => (await (await server.get('/bench/api/state')).json()) as BenchState;
    const log = () => page.getByRole('log');
    const picture = (name: string) => page.screenshot({ path: join(OUTPUT, `${name}.png`) });
    const axe = async () => {
      await page.evaluate(await readFile(AXE, 'utf8'));
      // The kiosk's own screen has its own check.
      const { violations } = await page.evaluate(() =>
        (window as unknown as AxeWindow).axe.run(
          { exclude: [['iframe']] },
          { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'] },
        ),
      );
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
    };

    test('a card carried onto the reader lies there, and the notebook says so', async () => {
      const card = await page.locator('[data-person="wang-guilan"].id-card').boundingBox();
      const pad = await page.locator('#reader-pad').boundingBox();
      if (!card || !pad) throw new Error('the card or the pad is not on the page');
      await page.mouse.move(card.x + 30, card.y + 30);
      await page.mouse.down();
      await page.mouse.move(pad.x + pad.width / 2, pad.y + pad.height / 2, { steps: 8 });
      await picture('carrying');
      await page.mouse.up();
      await page.locator('#reader-pad .id-card').waitFor();
      expect((await state()).card).toBe('wang-guilan');
      await log().getByText('放下了王桂兰的身份证').waitFor();
    });

    test('the keyboard lays and lifts cards, scans badges, pulls cables and flips switches', async () => {
      await page.getByRole('button', { name: '拿起王桂兰的身份证' }).press('Enter');
      await page.getByRole('button', { name: '放下李建国的身份证' }).press('Space');
      await page.getByRole('button', { name: '拿起李建国的身份证' }).waitFor();
      await page.getByRole('button', { name: /周敏.*2580/ }).press('Enter');
      await log().getByText('刷了周敏的工作牌').waitFor();
      await page.getByRole('switch', { name: '网络' }).press('Space');
      await log().getByText('网线拔掉了').waitFor();
      const jam = page.locator('[data-device="certificatePrinter"]').getByRole('switch', { name: '卡纸' });
      await jam.press('Space');
      await page.locator('.certificate-printer .lcd', { hasText: '卡纸' }).waitFor();
      expect(await state()).toMatchObject({
        card: 'li-jianguo',
        badge: 'staff-zhou',
        network: { online: false },
        devices: { certificatePrinter: { fault: 'jam' } },
      });
      await jam.press('Space');
      await page.getByRole('switch', { name: '网络' }).press('Space');
      await page.locator('.certificate-printer .lcd', { hasText: '一切正常' }).waitFor();
    });

    test('the camera shows who is chosen, and the lamp dims', async () => {
      await page.getByRole('radio', { name: '王桂兰' }).click({ force: true });
      await page.getByRole('img', { name: '摄像头看到的：王桂兰' }).waitFor();
      await page.getByRole('slider').fill('30');
      await log().getByText('灯调到 30%').waitFor();
      await page.getByRole('slider').fill('90');
      await expect.poll(async () => (await state()).camera).toEqual({ person: 'wang-guilan', light: 0.9 });
    });

    test('what is printed comes out as a picture of itself, is looked at and taken', async () => {
      const { certificatePrinter, receiptPrinter } = server.bench.devices;
      if (!certificatePrinter || !receiptPrinter) throw new Error('the printers do not stand on the bench');
      const random = () => 0.5;
      const certificates = openCertificatePrinter({
        uri: certificatePrinter.uri,
        clock: systemClock,
        random,
      });
      const receipts = openReceiptPrinter({
        transport: receiptPrinter.transport,
        clock: systemClock,
        random,
        columns: COLUMNS_80_MM,
      });
      try {
        const pdf = await pdfPage(
          '兹证明王桂兰自1986年9月1日起居住在荷花社区12幢3单元501室，现居住情况属实。',
        );
        await certificates.print({ pdf, jobName: 'page-test-1', copies: 1 });
        await certificates.print({ pdf, jobName: 'page-test-2', copies: 1 });
        await receipts.print({
          lines: [
            { kind: 'text', text: '荷花社区服务中心', align: 'center', size: 2, bold: true },
            { kind: 'rule' },
            { kind: 'columns', cells: [{ text: '居住证明' }, { text: '1 份', align: 'right' }] },
            { kind: 'columns', cells: [{ text: '时间' }, { text: '2026年11月22日 10:30', align: 'right' }] },
            { kind: 'rule' },
            { kind: 'text', text: '扫一扫下面的码，就能查真伪。' },
            { kind: 'qr', data: 'HM1:abcdefghijklmnopqrstuvwxyz0123456789' },
            { kind: 'cut' },
          ],
        });
      } finally {
        await Promise.all([certificates.close(), receipts.close()]);
      }
      await page
        .locator('.certificate-printer .paper[data-depth="1"] .sheet[data-progress="drawn"]')
        .waitFor();
      const receipt = page.locator('.receipt-printer .paper img');
      await receipt.waitFor();
      await expect
        .poll(() => receipt.evaluate((image: HTMLImageElement) => image.naturalWidth))
        .toBeGreaterThan(100);
      await page.locator('.certificate-printer .paper[data-depth="0"]').click();
      const dialog = page.getByRole('dialog', { name: '看证明' });
      await dialog.locator('.sheet[data-progress="drawn"]').waitFor();
      const ink = await dialog.locator('canvas').evaluate((canvas: HTMLCanvasElement) => {
        const pixels = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
        return pixels.filter((value, index) => index % 4 === 0 && value < 100).length;
      });
      expect(ink).toBeGreaterThan(1000);
      expect(await axe()).toEqual([]);
      await picture('certificate-1600x1000');
      await dialog.getByRole('button', { name: '拿走' }).click();
      await log().getByText('拿走了证明').waitFor();
      await page.locator('.certificate-printer').getByText('共 1 张').waitFor();
    });

    test.each([
      [1600, 1000],
      [1280, 800],
    ])('at %i x %i nothing has to be scrolled, and nobody is shut out', async (width, height) => {
      await page.setViewportSize({ width, height });
      for (const [language, portrait, landscape, hidden] of [
        ['English', 'Portrait', 'Landscape', 'Hide'],
        ['中文', '竖屏', '横屏', '收起'],
      ] as const) {
        await page.getByRole('button', { name: language }).click();
        for (const view of [landscape, hidden, portrait]) {
          await page.getByRole('button', { name: view, exact: true }).click();
          const over = await page
            .locator('.room')
            .evaluate((room) => [room.scrollHeight - room.clientHeight, room.scrollWidth - room.clientWidth]);
          expect(over, `${language} ${view}`).toEqual([0, 0]);
        }
        await picture(`bench-${width}x${height}-${language === 'English' ? 'en' : 'zh'}`);
        expect(await axe(), language).toEqual([]);
      }
    });

    test('the kiosk stands beside it, at the address without a slash as well', async () => {
      expect((await server.get('/bench')).url).toBe(`${server.url}/bench/`);
      expect(await page.frameLocator('iframe').locator('html').count()).toBe(1);
      expect(page.frames().map((frame) => new URL(frame.url()).pathname)).toEqual(['/bench/', '/']);
    });

    test('nothing went wrong unseen: no script error, nothing the content policy had to stop', () => {
      expect(complaints).toEqual([]);
    });
  },
);
