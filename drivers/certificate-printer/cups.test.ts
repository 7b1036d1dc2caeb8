import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CertificatePrinter, openCertificatePrinter } from './driver.ts';
import { samplePage } from './sample-page.ts';
import type { CertificatePrinterStatus } from './state.ts';
import { type Cups, cupsUnavailable, startCups } from './testing/cups.ts';
import { type IppEvePrinter, ippEvePrinterUnavailable, startIppEvePrinter } from './testing/ippeveprinter.ts';

const unavailable = cupsUnavailable() ?? ippEvePrinterUnavailable();
const note = unavailable === null ? '' : ` (skipped: ${unavailable})`;
const delivered = { ok: true, value: expect.objectContaining({ outcome: 'delivered' }) };

describe.skipIf(unavailable !== null)(`through a real CUPS${note}`, () => {
  let eve: IppEvePrinter;
  let cups: Cups;
  let printer: CertificatePrinter;

  beforeAll(async () => {
    const started = await startIppEvePrinter();
    if ('unavailable' in started) throw new Error(started.unavailable);
    eve = started;
    cups = await startCups(eve.uri);
    printer = openCertificatePrinter({ uri: cups.uri, pollIntervalMs: 50 });
  }, 20_000);
  afterAll(async () => {
    await printer?.close();
    await cups?.stop();
    await eve?.stop();
  });

  const printed = () => readdirSync(eve.outputDir).length;
  const print = (jobName: string, signal?: AbortSignal) =>
    printer.print({ pdf: samplePage(), jobName, copies: 1, ...(signal && { signal }) });
  const until = (want: (status: CertificatePrinterStatus) => boolean) =>
    new Promise<void>((resolve) => {
      const check = (status: CertificatePrinterStatus): void => {
        if (!want(status)) return;
        stop();
        resolve();
      };
      const stop = printer.onStatus(check);
      check(printer.status);
    });

  test('delivered, once, and found again by its name', async () => {
    expect(await print('one')).toEqual(delivered);
    expect(await print('one')).toEqual(delivered);
    expect(await printer.lookup('one')).toEqual({ ok: true, value: 'delivered' });
    // A queue that was just made learns of its printer what it does not know yet.
    await expect
      .poll(() => printer.capabilities, { timeout: 15_000 })
      .toMatchObject({ pdf: true, color: false, sides: ['one-sided'] });
    expect(printed()).toBe(1);
  });

  test('a jam is shown, waited for, and the page comes out once', async () => {
    eve.jam(true);
    const printing = print('jam');
    await until(({ paper, device }) => paper === 'jammed' && device === 'hardwareError');
    expect(printed()).toBe(1);
    eve.jam(false);
    expect(await printing).toEqual(delivered);
    expect(printed()).toBe(2);
    await until(({ paper }) => paper === 'full');
  });

  test('an empty tray is shown, waited for, and the page comes out once', async () => {
    await eve.setTray(0);
    const printing = print('paper');
    await until(({ paper, device }) => paper === 'out' && device === 'userError');
    expect(printed()).toBe(2);
    await eve.setTray(250);
    expect(await printing).toEqual(delivered);
    expect(printed()).toBe(3);
  });

  test('CUPS killed in mid job forgets it: unknown, and not sent again', async () => {
    eve.jam(true);
    const printing = print('killed');
    await until(({ paper }) => paper === 'jammed');
    await cups.kill();
    await until(({ device }) => device === 'noDevice');
    await cups.restart();
    expect(await printing).toMatchObject({ ok: false, error: { outcome: 'unknown', reason: 'job-gone' } });
    expect(await print('killed')).toMatchObject({ ok: false, error: { outcome: 'unknown' } });
    eve.jam(false);
    await until(({ paper }) => paper === 'full');
  });

  // Last: the printer goes on saying that it is jammed when the job that was stuck has been cancelled.
  test('cancelled in mid job: nobody claims to know about the sheet', async () => {
    eve.jam(true);
    const abort = new AbortController();
    const printing = print('cancel', abort.signal);
    await until(({ paper }) => paper === 'jammed');
    abort.abort();
    expect(await printing).toMatchObject({
      ok: false,
      error: { outcome: 'unknown', reason: 'job-canceled', code: 'canceled' },
    });
  });
});
