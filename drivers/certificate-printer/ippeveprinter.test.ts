import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type CertificatePrinter, openCertificatePrinter } from './driver.ts';
import { type CertificatePrinterStatus, stemOf } from './state.ts';
import { type IppEvePrinter, ippEvePrinterUnavailable, startIppEvePrinter } from './testing/ippeveprinter.ts';

const unavailable = ippEvePrinterUnavailable();
const note = unavailable === null ? '' : ` (skipped: ${unavailable})`;

const PDF = new TextEncoder().encode('%PDF-1.4\n1 0 obj <</Type /Page>> endobj\n%%EOF\n');
const delivered = { ok: true, value: expect.objectContaining({ outcome: 'delivered' }) };

const fingerprintOf = (uri: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(uri);
    const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
    socket.on('error', reject);
  });

describe.skipIf(unavailable !== null)(`against a real ippeveprinter${note}`, () => {
  let eve: IppEvePrinter;
  let printer: CertificatePrinter;

  beforeAll(async () => {
    const started = await startIppEvePrinter();
    if ('unavailable' in started) throw new Error(started.unavailable);
    eve = started;
    printer = openCertificatePrinter({
      uri: eve.uri,
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

  test.each([
    ['media-empty', { device: 'userError', paper: 'out' }],
    ['media-jam', { device: 'hardwareError', paper: 'jammed' }],
    ['cover-open', { device: 'userError', cover: 'open' }],
    ['toner-empty', { device: 'userError', toner: 'out' }],
    ['input-tray-missing', { device: 'userError', paper: 'out' }],
    ['toner-low', { device: 'online', toner: 'low' }],
    ['media-low', { device: 'online', paper: 'low' }],
  ])('%s in mid job is shown; the page comes out once after it is cleared', async (reason, shown) => {
    await until((status) => status.device === 'online');
    const before = printed();
    eve.fault(reason);
    const printing = printer.print({ pdf: PDF, jobName: `cert-${reason}`, copies: 1 });
    await until((status) => status.reasons.some((told) => stemOf(told) === reason));
    expect(printer.status).toMatchObject(shown);
    expect(printed()).toBe(before);
    eve.fault(null);
    expect(await printing).toEqual(delivered);
    expect(printed()).toBe(before + 1);
    await until((status) => status.reasons.length === 0);
  });

  test('its capabilities and levels are told', async () => {
    await until((status) => status.device === 'online');
    expect(printer.capabilities).toMatchObject({
      makeAndModel: 'Example Printer',
      pdf: true,
      maxCopies: 999,
      resolutions: [600],
      color: false,
      supplies: ['Toner Waste Tank', 'Black Toner'],
    });
    expect(printer.capabilities.mediaSupported).toContain('iso_a4_210x297mm');
    expect(printer.status.supplies).toMatchObject([
      { type: 'wasteToner', use: 'filled', level: 25 },
      { type: 'toner', use: 'consumed', level: 75 },
    ]);
    expect(printer.status.trays).toContainEqual({ name: 'main', level: expect.any(Number), capacity: 250 });
    await eve.setTray(0);
    await until(({ trays }) => trays.some(({ name, level }) => name === 'main' && level === 0));
    await eve.setTray(250);
    await until(({ paper }) => paper === 'full');
    // It was started with letter paper: what it can do has been read again.
    await vi.waitFor(() => expect(printer.capabilities.mediaReady).toContain('iso_a4_210x297mm'));
  });

  test('ipps: with its own certificate pinned it prints; with another one pinned not a byte is shown', async () => {
    const uri = eve.uri.replace('ipp:', 'ipps:');
    const print = async (fingerprint256: string | null, jobName: string, timeoutMs = 1_000) => {
      const tls = fingerprint256 === null ? {} : { tls: { fingerprint256 } };
      const secure = openCertificatePrinter({ uri, pollIntervalMs: 20, ...tls });
      try {
        const outcome = await secure.print({ pdf: PDF, jobName, copies: 1, timeoutMs });
        return { outcome, device: secure.status.device };
      } finally {
        await secure.close();
      }
    };
    await expect(fingerprintOf(eve.uri).then((own) => print(own, 'secure', 15_000))).resolves.toMatchObject({
      outcome: delivered,
      device: 'online',
    });
    const refused = {
      outcome: { ok: false, error: { outcome: 'failed', reason: 'not-sent' } },
      device: 'noDevice',
    };
    expect(await print('00'.repeat(32), 'other')).toMatchObject(refused);
    expect(await print(null, 'unknown issuer')).toMatchObject(refused);
  });

  test('killed in mid job and started anew: it has forgotten the job, so nobody knows', async () => {
    eve.jam(true);
    const printing = printer.print({ pdf: PDF, jobName: 'cert-killed', copies: 1 });
    await until((status) => status.paper === 'jammed');
    await eve.unplug();
    await until((status) => status.device === 'noDevice');
    eve.jam(false);
    await eve.plugIn();
    expect(await printing).toEqual({
      ok: false,
      error: expect.objectContaining({ outcome: 'unknown', reason: 'job-gone' }),
    });
    expect(await printer.print({ pdf: PDF, jobName: 'cert-after', copies: 1 })).toEqual(delivered);
  });

  // Last: it goes on saying that it is jammed when the job that was stuck has been cancelled.
  test('aborted in mid job: cancelled; it never counts its sheets, so nobody knows whether one came out', async () => {
    eve.jam(true);
    const abort = new AbortController();
    const canceling = Promise.withResolvers<void>();
    const printing = printer.print({
      pdf: PDF,
      jobName: 'cert-abort',
      copies: 1,
      signal: abort.signal,
      onState: ({ phase }) => phase === 'canceling' && canceling.resolve(),
    });
    await until((status) => status.paper === 'jammed');
    abort.abort();
    await canceling.promise;
    // Its cancelled job ends only when its print command does; it has taken the cancellation before the next question.
    await printer.lookup('cert-abort');
    eve.jam(false);
    expect(await printing).toEqual({
      ok: false,
      error: expect.objectContaining({ outcome: 'unknown', reason: 'job-canceled' }),
    });
  });
});
