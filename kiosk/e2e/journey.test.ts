import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type BenchClient, benchAt } from './bench-client.ts';
import { eventually, has, inspectPdf, verifyAt } from './papers.ts';
import { type Running, startBackend, startCore } from './process.ts';
import { chromiumPath, launch, noBrowser, type Resident, residentAt, walkToCheck } from './screen.ts';

const HOLDER = { name: '王桂兰', idNumber: '999901194803120243', residence: '荷花社区 12 幢 3 单元 501 室' };

let folder: string;
let browser: Browser;
let backend: Running;
let core: Running;
let page: Page;
let bench: BenchClient;
let resident: Resident;

const summary = async (): Promise<{
  kiosks: object[];
  certificates: { count: number };
  printProblems: object[];
  events: { kind: string; accepted: number }[];
}> => (await fetch(new URL('/api/console/summary', backend.url))).json();

beforeAll(async () => {
  if (chromiumPath !== null) browser = await launch();
});
afterAll(async () => {
  await browser?.close();
});
beforeEach(async () => {
  if (chromiumPath === null) return;
  folder = mkdtempSync(join(tmpdir(), 'journey-'));
  backend = await startBackend(join(folder, 'backend'));
  core = await startCore({ data: join(folder, 'kiosk'), backend: backend.url });
  bench = benchAt(core.url);
  page = await browser.newPage({ viewport: { width: 1080, height: 1920 } });
  await page.goto(core.url);
  resident = residentAt(page);
  await kioskIsReady();
});
afterEach(async () => {
  if (chromiumPath === null) return;
  await page.close();
  await core.stop();
  await backend.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** The backend has heard of the kiosk: what happens a second or two after its first start. */
const kioskIsReady = () => eventually('enrolment', async () => (await summary()).kiosks.length > 0);

async function collectAndLeave(): Promise<void> {
  await resident.at('collect', 60_000);
  await bench.card(null);
  await resident.press('next');
  await resident.at('rate');
  await resident.press('rate:5');
  await resident.at('farewell');
}

/** Every file below a folder, as one buffer. */
function everythingIn(path: string): Buffer {
  const files = readdirSync(path, { recursive: true, encoding: 'utf8' }).map((name) => join(path, name));
  return Buffer.concat(files.filter((file) => statSync(file).isFile()).map((file) => readFileSync(file)));
}

describe.skipIf(chromiumPath === null)(
  `the main job${chromiumPath === null ? ` (skipped: ${noBrowser})` : ''}`,
  () => {
    test('card to certificate and receipt, with a picture of each page', async () => {
      await walkToCheck(resident, bench, { copies: '2', onPage: resident.shot });
      await resident.press('confirm');
      await resident.at('working');
      await resident.shot('working');
      await resident.at('collect', 60_000);
      await resident.shot('collect');
      const [certificate] = await bench.paper('certificate');
      const [receipt] = await bench.paper('receipt');
      if (certificate === undefined || receipt === undefined) throw new Error('no paper came out');
      const paper = inspectPdf(await bench.fetch(certificate.href));
      if (has('pdftotext'))
        for (const words of Object.values(HOLDER))
          expect(paper.text.replace(/\s+/g, '')).toContain(words.replace(/\s+/g, ''));
      if (has('pdfsig')) expect(paper.signature).toContain('Signature is Valid');
      expect(Buffer.from(await bench.fetch(receipt.href)).toString('utf8')).toContain('JZ-0001-000001');

      // The backend hears of it exactly once, and anyone can check it.
      await eventually(
        'the certificate at the backend',
        async () => (await summary()).certificates.count === 1,
      );
      if (paper.code !== '') {
        const statement = paper.code.split('#')[1];
        expect((await verifyAt(backend.url, { statement })).answer).toBe('genuine');
        const altered = `${statement?.slice(0, -1)}${statement?.endsWith('A') ? 'B' : 'A'}`;
        expect((await verifyAt(backend.url, { statement: altered })).answer).not.toBe('genuine');
      }
      await bench.card(null);
      await resident.press('next');
      await resident.at('rate');
      await resident.shot('rate');
      await resident.press('rate:4');
      await resident.at('farewell');
      await resident.shot('farewell');

      // Wiped: nothing of the resident on the page, nothing in the clear on the kiosk's disk.
      await resident.at('welcome', 30_000);
      expect(await page.content()).not.toMatch(/王桂兰|王\*\*|9999/);
      const disk = everythingIn(join(folder, 'kiosk'));
      for (const secret of Object.values(HOLDER)) expect(disk.includes(Buffer.from(secret))).toBe(false);
      expect(core.errors()).not.toMatch(/王桂兰|999901/);
    });

    test('English, all the way', async () => {
      await resident.press('language:en');
      await walkToCheck(resident, bench, { person: 'li-jianguo' });
      await resident.shot('check-en');
      await resident.press('confirm');
      await collectAndLeave();
      const [certificate] = await bench.paper('certificate');
      const { text } = inspectPdf(await bench.fetch(certificate?.href ?? ''));
      if (has('pdftotext')) expect(text).toMatch(/Bank/);
    });

    test('a rare character in the name is on the paper, not replaced', async () => {
      await walkToCheck(resident, bench, { person: 'chen-xiaoyu' });
      await resident.press('confirm');
      const screen = await Promise.race([
        resident.at('collect', 60_000).then(() => 'collect'),
        resident.at('helper', 60_000).then(() => 'helper'),
      ]);
      if (screen === 'helper') return; // no font here has it: a person is asked, and nothing came out
      const [certificate] = await bench.paper('certificate');
      const { text } = inspectPdf(await bench.fetch(certificate?.href ?? ''));
      if (has('pdftotext')) expect(text).toContain('陈晓𬀩');
    });

    test('somebody the community does not know meets a person', async () => {
      const { at, press } = resident;
      await bench.card('stranger');
      await at('consent');
      await press('agree');
      await at('verify');
      await bench.badge('staff-zhou');
      await page.waitForSelector('[data-action="digit:2"]');
      for (const digit of '2580') await press(`digit:${digit}`);
      await press('confirm');
      await at('home');
      await press('service:residence-certificate');
      await at('helper');
      await resident.shot('helper-not-registered');
      expect(await bench.trays()).toEqual([]);
    });

    test('the camera shows who stands there, and the answer is: ask a person', async () => {
      const { at, press } = resident;
      await bench.camera('wang-guilan', 1);
      await bench.card('wang-guilan');
      await at('consent');
      await press('agree');
      await at('verify');
      await press('agree');
      await page.waitForSelector('[data-say="say.verify.camera"]');
      await resident.shot('verify-camera');
      await press('next');
      await page.waitForSelector('[data-say="say.verify.person"]');
    });

    test('with the backend gone the same journey prints a certificate that verifies, and the event arrives once', async () => {
      const port = new URL(backend.url).port;
      await eventually('the first inbox', async () => {
        await new Promise((done) => setTimeout(done, 1500));
        return true;
      });
      await backend.stop();
      await walkToCheck(resident, bench, {
        onPage: async (name) => (name === 'home' ? resident.shot('home-offline') : undefined),
      });
      await resident.press('confirm');
      await collectAndLeave();
      const [certificate] = await bench.paper('certificate');
      const paper = inspectPdf(await bench.fetch(certificate?.href ?? ''));
      if (has('pdfsig')) expect(paper.signature).toContain('Signature is Valid');
      if (has('pdftotext')) expect(paper.text).toContain('离线签发');
      backend = await startBackend(join(folder, 'backend'), Number(port));
      await eventually(
        'the event after the return',
        async () => (await summary()).certificates.count === 1,
        60_000,
      );
      if (paper.code !== '')
        expect((await verifyAt(backend.url, { statement: paper.code.split('#')[1] })).answer).toBe('genuine');
      const issued = (await summary()).events.find((each) => each.kind === 'certificate.issued');
      expect(issued?.accepted).toBe(1);
    });

    test('power cut while a page was with the printer: nothing is printed again, and the backend knows it is open', async () => {
      await walkToCheck(resident, bench);
      await bench.fault('certificatePrinter', 'paper-out');
      await resident.press('confirm');
      await resident.at('fault');
      await core.kill();
      core = await startCore({ data: join(folder, 'kiosk'), backend: backend.url });
      bench = benchAt(core.url);
      // The simulated printer lost its memory with the power: only a person can tell.
      await eventually(
        'the settled ledger',
        async () => (await summary()).printProblems.length === 1,
        60_000,
      );
      expect((await summary()).printProblems).toMatchObject([{ document: 'certificate', state: 'unknown' }]);
      expect(await bench.trays()).toEqual([]);
      expect((await summary()).certificates.count).toBe(1);
    });
  },
);

describe.skipIf(chromiumPath === null)('faults while printing', () => {
  const certificateFaults = ['paper-out', 'jam', 'cover-open', 'unplugged'] as const;
  for (const fault of certificateFaults)
    test(`certificate printer: ${fault}, mended, one sheet`, async () => {
      await walkToCheck(resident, bench);
      await bench.fault('certificatePrinter', fault);
      await resident.press('confirm');
      await resident.at('fault');
      await resident.shot(`fault-certificate-${fault}`);
      expect(await bench.paper('certificate')).toEqual([]);
      await bench.fault('certificatePrinter', null);
      await collectAndLeave();
      expect(await bench.paper('certificate')).toHaveLength(1);
      expect(await bench.paper('receipt')).toHaveLength(1);
    });

  for (const fault of ['paper-out', 'cover-open', 'unplugged'] as const)
    test(`receipt printer: ${fault}, mended, one receipt`, async () => {
      await walkToCheck(resident, bench);
      await bench.fault('receiptPrinter', fault);
      await resident.press('confirm');
      await resident.at('fault', 60_000);
      await resident.shot(`fault-receipt-${fault}`);
      expect(await bench.paper('certificate')).toHaveLength(1);
      await bench.fault('receiptPrinter', null);
      await collectAndLeave();
      expect(await bench.paper('receipt')).toHaveLength(1);
    });

  test('a receipt that cannot be had can be done without', async () => {
    await walkToCheck(resident, bench);
    await bench.fault('receiptPrinter', 'paper-out');
    await resident.press('confirm');
    await resident.at('fault', 60_000);
    await resident.press('skip');
    await collectAndLeave();
    expect(await bench.paper('certificate')).toHaveLength(1);
  });

  test('the card reader unplugged and back: the next card is read', async () => {
    await bench.fault('idCardReader', 'unplugged');
    await resident.press('start');
    await page.waitForSelector('[data-say="say.card.unavailable"]');
    await resident.shot('card-unavailable');
    await bench.fault('idCardReader', null);
    await bench.card('wang-guilan');
    await resident.at('consent');
  });

  test('a card taken away in mid-read, and two cards in a second: a clear answer, and the kiosk goes on', async () => {
    await resident.press('start');
    await resident.at('card');
    for (const person of ['wang-guilan', null, 'li-jianguo', null, 'wang-guilan']) {
      await bench.card(person);
      await new Promise((done) => setTimeout(done, 150));
    }
    await resident.at('consent');
  });
});
