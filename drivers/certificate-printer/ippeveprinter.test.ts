import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../device.ts';
import { type CertificatePrinter, openCertificatePrinter } from './driver.ts';
import type { CertificatePrinterStatus } from './state.ts';
import { type IppEvePrinter, ippEvePrinterUnavailable, startIppEvePrinter } from './testing/ippeveprinter.ts';

const unavailable = ippEvePrinterUnavailable();
const note = unavailable === null ? '' : ` (skipped: ${unavailable})`;

const PDF = new TextEncoder().encode('%PDF-1.4\n1 0 obj <</Type /Page>> endobj\n%%EOF\n');
const delivered = { ok: true, value: expect.objectContaining({ outcome: 'delivered' }) };

describe.skipIf(unavailable !== null)(`against a real ippeveprinter${note}`, () => {
  let eve: IppEvePrinter;
  let printer: CertificatePrinter;

  beforeAll(async () => {
    const started = await startIppEvePrinter();
    if ('unavailable' in started) throw new Error(started.unavailable);
    eve = started;
    printer = openCertificatePrinter({
      uri: eve.uri,
      clock: systemClock,
      random: () => 0.5,
      pollIntervalMs: 50,
    });
  }, 20_000);
  afterAll(async () => {
    await printer?.close();
    await eve?.stop();
  });

  const printed = () => readdirSync(eve.outputDir).length;
  const until = (want: (status: CertificatePrinterStatus) => boolean) =>
    new Promise<void>((resolve) => {
      if (want(printer.status)) resolve();
      else {
        const stop = printer.onStatus((status) => {
          if (!want(status)) return;
          stop();
          resolve();
        });
      }
    });

  test('prints the document, once, unchanged', async () => {
    const startedAt = performance.now();
    expect(await printer.print({ pdf: PDF, jobName: 'cert-1', copies: 1 })).toEqual(delivered);
    console.info(`ippeveprinter: submit to completed ${Math.round(performance.now() - startedAt)} ms`);
    const [file] = readdirSync(eve.outputDir);
    expect(new Uint8Array(readFileSync(join(eve.outputDir, file ?? '')))).toEqual(PDF);
    expect(printed()).toBe(1);
  });

  test('a jam is shown, waited for, and the page comes out once', async () => {
    const before = printed();
    eve.jam(true);
    const printing = printer.print({ pdf: PDF, jobName: 'cert-jam', copies: 1 });
    await until((status) => status.paper === 'jammed');
    expect(printed()).toBe(before);
    eve.jam(false);
    expect(await printing).toEqual(delivered);
    expect(printed()).toBe(before + 1);
  });

  test('an empty tray is shown, and a full one', async () => {
    await eve.setTray(0);
    await until((status) => status.paper === 'out');
    await eve.setTray(5);
    await until((status) => status.paper === 'low');
    await eve.setTray(250);
    await until((status) => status.paper === 'full');
  });

  test('the same intent again is looked up, not printed again', async () => {
    const before = printed();
    expect(await printer.print({ pdf: PDF, jobName: 'cert-1', copies: 1 })).toEqual(delivered);
    expect(await printer.lookup('cert-jam')).toEqual({ ok: true, value: 'delivered' });
    expect(printed()).toBe(before);
  });

  test('aborted in mid job: cancelled; it never counts its sheets, so nobody knows whether one came out', async () => {
    eve.jam(true);
    const abort = new AbortController();
    const printing = printer.print({ pdf: PDF, jobName: 'cert-abort', copies: 1, signal: abort.signal });
    await until((status) => status.paper === 'jammed');
    abort.abort();
    setTimeout(() => eve.jam(false), 200);
    expect(await printing).toEqual({
      ok: false,
      error: expect.objectContaining({ outcome: 'unknown', reason: 'job-canceled' }),
    });
  });
});
