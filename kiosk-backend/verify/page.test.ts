import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { statementAddress, type VerifyAnswer, verificationCode } from '../contract/index.ts';
import { type Backend, startBackend } from '../server.ts';
import { openStorage } from '../storage/index.ts';
import { TestKiosk } from '../testing/index.ts';
import { revoke } from './index.ts';

const browserPath = ['/usr/bin/chromium', '/usr/bin/google-chrome', '/usr/bin/microsoft-edge'].find((path) =>
  existsSync(path),
);
const output = fileURLToPath(new URL('../../test-output/verify/', import.meta.url));
const sizes = { phone: { width: 360, height: 740 }, desktop: { width: 1280, height: 800 } };

describe.skipIf(!browserPath)(
  `the verification page in Chromium${browserPath ? '' : ' (left out here: no Chromium)'}`,
  { timeout: 90_000 },
  () => {
    const data = mkdtempSync(join(tmpdir(), 'huimin-page-'));
    /** For each answer, what the code on the paper says. */
    const scanned = {} as Record<VerifyAnswer, string>;
    let number = '';
    let code = '';
    let backend: Backend;
    let browser: Browser;

    beforeAll(async () => {
      mkdirSync(output, { recursive: true });
      backend = await startBackend({
        data,
        host: '127.0.0.1',
        port: 0,
        demo: true,
        operator: '示范市社区服务',
        now: () => new Date('2026-11-22T09:00:00Z'),
      });
      const kiosk = await TestKiosk.enrolled(backend.url, 'page-1');
      const stranger = await TestKiosk.make(backend.url, 'page-2');
      number = kiosk.number(1);
      const statements = await Promise.all([
        kiosk.statement(number),
        kiosk.statement(kiosk.number(2), { validUntil: Date.parse('2026-11-21T08:00:00Z') / 1000 }),
        kiosk.statement(kiosk.number(3)),
      ]);
      await kiosk.sendEvents(
        statements.map((statement, i) => kiosk.event(kiosk.issued(kiosk.number(i + 1), statement))),
      );
      const db = await openStorage({ data });
      await revoke(db, kiosk.number(3), 'test', new Date());
      await db.destroy();
      code = await verificationCode(statements[0]);
      Object.assign(scanned, {
        genuine: statements[0],
        expired: statements[1],
        revoked: statements[2],
        'genuine-not-reported': await kiosk.statement(kiosk.number(4)),
        altered: await stranger.statement(number),
        unknown: await stranger.statement('JZ-9999-000001'),
        'not-ours': 'A'.repeat(120),
      } satisfies Record<VerifyAnswer, string>);
      browser = await chromium.launch({
        executablePath: browserPath ?? '',
        args: ['--no-sandbox', '--disable-background-networking'],
      });
    }, 90_000);
    afterAll(async () => {
      await browser?.close();
      await backend?.close();
      rmSync(data, { recursive: true, force: true });
    });

    async function open(address: string, size: keyof typeof sizes, use: (page: Page) => Promise<void>) {
      const page = await browser.newPage({ viewport: sizes[size], locale: 'zh-CN' });
      const complaints: string[] = [];
      page.on('console', (message) => complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(error.message));
      await page.goto(address);
      await use(page);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(overflow).toBeLessThanOrEqual(0);
      expect(complaints).toEqual([]);
      await page.close();
    }
    const answered = (page: Page, answer: VerifyAnswer) =>
      page.locator(`#result[data-answer="${answer}"]`).waitFor();
    const shot = (page: Page, name: string) =>
      page.screenshot({ path: join(output, `${name}.png`), fullPage: true });

    const answers: readonly VerifyAnswer[] = [
      'genuine',
      'genuine-not-reported',
      'expired',
      'revoked',
      'altered',
      'unknown',
      'not-ours',
    ];
    test.each(answers)('says "%s" of a scanned code at once, on a phone and on a desk', async (answer) => {
      await open(statementAddress(`${backend.url}verify`, scanned[answer]), 'desktop', async (page) => {
        await answered(page, answer);
        await shot(page, `${answer}-desktop`);
        expect(await page.locator('#facts dd').allTextContents()).toHaveLength(
          ['altered', 'unknown', 'not-ours'].includes(answer) ? 0 : 6,
        );
        await page.setViewportSize(sizes.phone);
        await shot(page, `${answer}-phone`);
      });
    });

    test('verifies what is typed or pasted; says what is missing; speaks English', async () => {
      await open(`${backend.url}verify`, 'phone', async (page) => {
        await shot(page, 'empty-phone');
        await page.fill('[name=number]', number);
        await page.click('#typed [type=submit]');
        expect(await page.textContent('#typed-problem')).toBe('请填二维码旁边的八位核验码。');
        await page.fill('[name=code]', code.toLowerCase());
        await page.press('[name=code]', 'Enter');
        await answered(page, 'genuine');
        expect(await page.locator('#facts dd').allTextContents()).toEqual([
          '居住证明',
          number,
          '王**',
          '荷花社区',
          '2026年11月22日',
          '2026年12月22日',
        ]);
        await page.fill('[name=code]', '00000000');
        await page.click('#typed [type=submit]');
        await answered(page, 'altered');
        await page.fill('[name=scan]', statementAddress(`${backend.url}verify`, scanned.revoked));
        await page.click('#scanned [type=submit]');
        await answered(page, 'revoked');
        await page.click('#language');
        expect(await page.textContent('#headline')).toBe('Revoked');
        expect(await page.getAttribute('html', 'lang')).toBe('en');
        expect(await page.locator('#facts dd').nth(4).textContent()).toBe('22 November 2026');
        await shot(page, 'english-phone');
      });
    });

    test('the console and the API description open without complaint', async () => {
      for (const path of ['', 'console', 'docs/']) {
        await open(backend.url + path, 'desktop', async (page) => {
          if (path === 'docs/') await page.locator('.opblock').first().waitFor();
          await shot(page, `${path.replace('/', '') || 'front'}-desktop`);
        });
      }
    });
  },
);
