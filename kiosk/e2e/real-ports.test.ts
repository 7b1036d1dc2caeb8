import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPty, receiptText } from '@huimin/drivers';
import { ippEvePrinterUnavailable } from '@huimin/drivers/certificate-printer/testing';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { eventually, has, inspectPdf, verifyAt } from './papers.ts';
import { home, type Running, startBackend, startCore } from './process.ts';
import {
  handsAt,
  type Printers,
  type Reader,
  startPrinters,
  startReader,
  writeConfig,
} from './real-ports.ts';
import {
  chromiumPath,
  type Hands,
  launch,
  noBrowser,
  type Resident,
  residentAt,
  walkToCheck,
} from './screen.ts';

const probe = await openPty();
if (probe.ok) await probe.value.close();
const missing = [
  chromiumPath === null ? noBrowser : null,
  ippEvePrinterUnavailable(),
  probe.ok ? null : probe.error,
].filter((reason) => reason !== null);
const note = missing.length === 0 ? '' : ` (skipped: ${missing.join('; ')})`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'real-ports-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(missing.length > 0)(`a kiosk whose devices all have real ports${note}`, () => {
  let browser: Browser;
  let backend: Running;
  let core: Running;
  let reader: Reader;
  let printers: Printers;
  let page: Page;
  let resident: Resident;
  let hands: Hands;

  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());
  beforeEach(async () => {
    printers = await startPrinters();
    const port = join(folder, 'reader');
    reader = await startReader(port);
    const config = writeConfig(folder, {
      reader: port,
      receipts: printers.receiptPort,
      certificates: printers.certificates.uri,
    });
    backend = await startBackend(join(folder, 'backend'));
    core = await startCore({ data: join(folder, 'kiosk'), backend: backend.url, config });
    page = await browser.newPage({ viewport: { width: 1080, height: 1920 } });
    await page.goto(core.url);
    resident = residentAt(page);
    hands = await handsAt(page, reader);
  });
  afterEach(async () => {
    await page?.close();
    await core?.stop();
    await backend?.stop();
    await reader?.stop();
    await printers?.stop();
  });

  const walk = () => walkToCheck(resident, hands, { camera: false });

  async function collectAndLeave(): Promise<void> {
    await resident.at('collect', 60_000);
    await reader.card(null);
    await resident.press('next');
    await resident.at('rate');
    await resident.press('rate:5');
    await resident.at('farewell');
  }

  test('serial card reader, badge as keys, IPP certificate, TCP receipt; and no bench', async () => {
    for (const path of ['bench', 'bench/', 'bench/api/people'])
      expect((await fetch(new URL(path, core.url))).status, path).toBe(404);

    await walk();
    await resident.press('confirm');
    await collectAndLeave();

    const [pdf, ...more] = printers.pdfs();
    if (pdf === undefined) throw new Error('no certificate came out');
    expect(more).toEqual([]);
    const paper = inspectPdf(pdf);
    if (has('pdftotext')) expect(paper.text).toContain('王桂兰');
    if (has('pdfsig')) expect(paper.signature).toContain('Signature is Valid');
    if (paper.code !== '') {
      const [, statement] = paper.code.split('#');
      await eventually(
        'the certificate at the backend',
        async () => (await verifyAt(backend.url, { statement })).answer === 'genuine',
      );
    }
    expect(printers.receipts.map(receiptText)).toEqual([expect.stringContaining('JZ-0001-000001')]);
    expect(core.errors()).not.toMatch(/王桂兰|999901/);
  });

  test('a jam, then an empty tray, in mid print: both are shown, one certificate comes out', async () => {
    const { certificates } = printers;
    await walk();
    certificates.jam(true);
    await resident.press('confirm');
    await page.waitForSelector('[data-say="say.fault.certificatePrinter.paper-jam"]');
    expect(await resident.screen()).toBe('fault');
    await certificates.setTray(0);
    certificates.jam(false);
    await page.waitForSelector('[data-say="say.fault.certificatePrinter.paper-out"]');
    expect(await resident.screen()).toBe('fault');
    expect(printers.receipts).toEqual([]);
    await certificates.setTray(250);
    await collectAndLeave();
    expect(printers.pdfs()).toHaveLength(1);
    expect(printers.receipts).toHaveLength(1);
  });

  test('the reader is unplugged and comes back on another port: said, noticed, read', async () => {
    await resident.at('welcome');
    await reader.unplug();
    await resident.press('start');
    await page.waitForSelector('[data-say="say.card.unavailable"]');
    await reader.plug();
    await page.waitForSelector('[data-say="say.card"]');
    await reader.card('wang-guilan');
    await resident.at('consent');

    // And once more with a card on it: the visit goes on, the next visit finds the card.
    await reader.unplug();
    await resident.press('agree');
    await page.waitForSelector('[data-say="say.verify.person"]');
    await reader.plug();
    await hands.badge('staff-zhou');
    await reader.card(null);
    await resident.press('finish');
    await resident.at('farewell');
    await reader.card('li-jianguo');
    await resident.at('consent');
  });
});

test('a configuration that is wrong is told line by line, and nothing starts', () => {
  const file = join(folder, 'kiosk.yaml');
  writeFileSync(
    file,
    `kiosk: kiosk-real-1
devices:
  idCardReader: { protocol: sdt, transport: { kind: serial, path: /dev/ttyUSB0, baudrate: 115200 } }
  receiptPrinter: { protocol: esc-pos, transport: { kind: tcp, host: 127.0.0.1, port: "9100" } }
  certifcatePrinter: { protocol: ipp, uri: ipp://127.0.0.1:8631/printers/cert }
`,
  );
  const args = ['kiosk/core/main.ts', '--config', file, '--data', join(folder, 'kiosk'), '--port', '0'];
  const ended = spawnSync(process.execPath, args, { cwd: home, encoding: 'utf8' });
  expect(ended).toMatchObject({ status: 1, stdout: '' });
  expect(ended.stderr.trimEnd().split('\n')).toEqual([
    `${file}, line 3: 'baudrate' is not known here; did you mean 'baudRate'?`,
    `${file}, line 4: 'devices.receiptPrinter.transport.port': expected number, received string`,
    `${file}, line 5: 'certifcatePrinter' is not known here; did you mean 'certificatePrinter'?`,
  ]);
});
