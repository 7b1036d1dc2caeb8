import { expect, test } from 'vitest';
import { parseConfig } from '../config.ts';
import { certificatePrinterConfigSchema } from './config.ts';

const parse = (config: unknown) =>
  parseConfig('the certificate printer', certificatePrinterConfigSchema, config);
const FINGERPRINT = 'ab'.repeat(32);

test('an address alone is enough; the rest has defaults', () => {
  expect(parse({ uri: 'ipp://127.0.0.1:631/printers/cert' })).toEqual({
    uri: 'ipp://127.0.0.1:631/printers/cert',
    user: 'kiosk',
    media: 'iso_a4_210x297mm',
    pollIntervalMs: 500,
    answerTimeoutMs: 5_000,
  });
  expect(parse({ protocol: 'windows-spooler', printer: '证明打印机' })).toMatchObject({
    printer: '证明打印机',
    pollIntervalMs: 500,
  });
});

test('a fingerprint is taken as people write it', () => {
  const written = FINGERPRINT.replaceAll(/(..)(?!$)/g, '$1:');
  for (const fingerprint256 of [FINGERPRINT, written, written.toUpperCase()]) {
    expect(parse({ uri: 'ipps://printer/ipp/print', tls: { fingerprint256 } })).toMatchObject({
      tls: { fingerprint256: written.toUpperCase() },
    });
  }
});

test.each([
  [{}, /'uri': a printer is named as in ipp:/],
  [{ uri: 'ftp://x' }, /'uri': a printer is named as in ipp:/],
  [{ uri: 'printer' }, /'uri': a printer is named as in ipp:/],
  [{ uri: 'ipp://x', pollIntervalMs: 0 }, /'pollIntervalMs'/],
  [{ uri: 'ipp://x', pol: 1 }, /'pol' is not known here/],
  [{ uri: 'ipps://x', tls: { fingerprint256: 'ab' } }, /'tls.fingerprint256': the SHA-256 .* 32 bytes/],
  [{ uri: 'ipp://x', tls: { fingerprint256: FINGERPRINT } }, /'tls': only an ipps: or https: address/],
  [{ protocol: 'windows-spooler' }, /'printer': the name of the queue/],
  [{ protocol: 'lpd', uri: 'ipp://x' }, /'protocol' must be one of: .*windows-spooler/],
])('%j is refused with what is right', (config, message) => {
  expect(() => parse(config)).toThrow(message);
});
