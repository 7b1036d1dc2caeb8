import { execFileSync, spawn, spawnSync } from 'node:child_process';
import type { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openStorage, type Storage } from '../storage/index.ts';
import { type Authority, openAuthority, openTls, type Tls, type TlsSource, TlsUnavailable } from './index.ts';

const openssl = spawnSync('openssl', ['version']).status === 0;
const DAY_MS = 86_400_000;

describe('the server certificate', { timeout: 90_000 }, () => {
  const data = mkdtempSync(join(tmpdir(), 'huimin-tls-'));
  const file = (name: string): string => join(data, name);
  let time = new Date();
  let db: Storage;
  let authority: Authority;
  let tls: Tls | null = null;
  let server: Server | null = null;
  const warnings: string[] = [];
  const issuers: (string | null)[] = [];

  beforeAll(async () => {
    db = await openStorage({ data });
    authority = await openAuthority(db, '示范市社区服务', () => time);
    writeFileSync(file('root.pem'), authority.root);
  });
  afterEach(async () => {
    tls?.close();
    server?.closeAllConnections();
    await new Promise((done) => (server ? server.close(done) : done(null)));
    [tls, server, time] = [null, null, new Date()];
    warnings.length = 0;
    issuers.length = 0;
  });
  afterAll(async () => {
    await db.destroy();
    rmSync(data, { recursive: true, force: true });
  });

  /** A real server whose certificate is kept by what is tested here. */
  async function serve(source: TlsSource): Promise<number> {
    tls = await openTls({
      source,
      issue: (name) => authority.serverIdentity(name),
      now: () => time,
      warn: (sentence) => warnings.push(sentence),
      onIssuer: async (pin) => {
        issuers.push(pin);
      },
      lookEveryMs: 20,
    });
    server = createServer({ minVersion: 'TLSv1.3' }, (_request, response) => response.end('hello'));
    tls.serve(server);
    await new Promise<void>((done) => server?.listen(0, '127.0.0.1', done));
    return (server.address() as AddressInfo).port;
  }

  /** What a new connection is shown, checked by Node against our root and nothing else. */
  const shown = (port: number, rejectUnauthorized = true): Promise<X509Certificate> =>
    new Promise((resolve, reject) => {
      const socket: TLSSocket = connect(
        {
          host: '127.0.0.1',
          port,
          servername: 'backend.example.org',
          ca: authority.root,
          rejectUnauthorized,
        },
        () => {
          const certificate = socket.getPeerX509Certificate();
          socket.destroy();
          if (certificate) resolve(certificate);
          else reject(new Error('no certificate'));
        },
      );
      socket.once('error', reject);
    });

  test.skipIf(!openssl)(
    `is good by openssl, for its name, with TLS 1.3 and nothing less${openssl ? '' : ' (left out here: no openssl)'}`,
    async () => {
      const port = await serve({ kind: 'own', name: 'backend.example.org' });
      const ask = (...options: string[]): Promise<string> =>
        new Promise((resolve) => {
          const client = spawn('openssl', [
            's_client',
            '-connect',
            `127.0.0.1:${port}`,
            '-CAfile',
            file('root.pem'),
            '-x509_strict',
            '-verify_return_error',
            '-showcerts',
            ...options,
          ]);
          let said = '';
          for (const stream of [client.stdout, client.stderr])
            stream.on('data', (chunk) => {
              said += chunk;
            });
          client.stdin.end();
          client.once('close', () => resolve(said));
        });
      const good = await ask('-verify_hostname', 'backend.example.org');
      expect(good).toMatch(/New, TLSv1\.3, Cipher is TLS_/);
      expect(good).toContain('Verify return code: 0 (ok)');
      // The issuer's certificate comes along, so that a kiosk that knows no more than its pin can tell it.
      expect(good.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
      expect(await ask('-verify_hostname', 'other.example.org')).toMatch(/Hostname mismatch/i);
      expect(await ask('-tls1_2')).toMatch(/alert protocol version/i);

      const { certificates } = await authority.serverIdentity('192.0.2.7');
      writeFileSync(file('ip.pem'), certificates);
      const text = execFileSync('openssl', ['x509', '-noout', '-text', '-in', file('ip.pem')], {
        encoding: 'utf8',
      });
      expect(text).toMatch(/Subject Alternative Name: *\n\s+IP Address:192\.0\.2\.7\n/);
      expect(text).toMatch(/Extended Key Usage: *\n\s+TLS Web Server Authentication\n/);
      expect(text).toMatch(/Key Usage: critical\s+Digital Signature\n/);
      const purpose = [
        'verify',
        '-x509_strict',
        '-purpose',
        'sslserver',
        '-CAfile',
        file('root.pem'),
        file('ip.pem'),
      ];
      expect(execFileSync('openssl', purpose, { encoding: 'utf8' })).toContain('OK');
    },
  );

  test('is made anew when half of its week is over, while the server runs and who is connected stays so', async () => {
    // It ends today, so that those who ask go by the real clock.
    time = new Date(time.getTime() - 4 * DAY_MS);
    const port = await serve({ kind: 'own', name: 'backend.example.org' });
    const first = await shown(port);
    expect(first.validToDate.getTime() - time.getTime()).toBeLessThanOrEqual(7 * DAY_MS);
    const stays = connect({ host: '127.0.0.1', port, servername: 'backend.example.org', ca: authority.root });
    await new Promise((done) => stays.once('secureConnect', done));
    time = new Date(time.getTime() + 3 * DAY_MS);
    expect((await shown(port)).serialNumber).toBe(first.serialNumber);
    time = new Date(time.getTime() + DAY_MS);
    await expect
      .poll(async () => (await shown(port)).serialNumber, { timeout: 30_000 })
      .not.toBe(first.serialNumber);
    const second = await shown(port);
    expect(second.publicKey.equals(first.publicKey)).toBe(false);
    expect(second.validToDate.getTime()).toBe(Math.floor((time.getTime() + 7 * DAY_MS) / 1000) * 1000);
    const answer = new Promise((done) => stays.once('data', (chunk) => done(String(chunk))));
    stays.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    expect(await answer).toMatch(/^HTTP\/1\.1 200/);
    stays.destroy();
  });

  test('is made anew when the clock was ahead and is put right: nobody waits until it begins', async () => {
    const right = time;
    time = new Date(right.getTime() + 30 * DAY_MS);
    const port = await serve({ kind: 'own', name: 'backend.example.org' });
    time = right;
    await expect
      .poll(() => shown(port, false).then(({ validFromDate }) => validFromDate <= right), { timeout: 30_000 })
      .toBe(true);
  });

  test('is that of the files, read again when both have changed; a half-written pair changes nothing', async () => {
    const [one, two] = [
      await authority.serverIdentity('backend.example.org'),
      await authority.serverIdentity('backend.example.org'),
    ];
    const source = { kind: 'files', certificate: file('server.pem'), key: file('server.key') } as const;
    writeFileSync(source.certificate, one.certificates);
    writeFileSync(source.key, one.key);
    const port = await serve(source);
    expect(tls?.pin).toBe(authority.pin);
    const first = await shown(port);
    writeFileSync(source.certificate, two.certificates);
    await expect.poll(() => warnings, { timeout: 30_000 }).toHaveLength(1);
    expect(warnings[0]).toMatch(
      /^The server certificate could not be renewed: The key in .* is not that of /,
    );
    expect((await shown(port)).serialNumber).toBe(first.serialNumber);
    writeFileSync(source.key, two.key);
    await expect
      .poll(async () => (await shown(port)).serialNumber, { timeout: 30_000 })
      .not.toBe(first.serialNumber);
    expect(issuers).toEqual([]);
  });

  test('of files by another issuer is served, and the operator told who that is', async () => {
    const otherDb = await openStorage({ data: join(data, 'other') });
    const other = await openAuthority(otherDb, '别市社区服务', () => time);
    const [one, two] = [
      await authority.serverIdentity('backend.example.org'),
      await other.serverIdentity('backend.example.org'),
    ];
    await otherDb.destroy();
    const source = { kind: 'files', certificate: file('issuer.pem'), key: file('issuer.key') } as const;
    writeFileSync(source.certificate, one.certificates);
    writeFileSync(source.key, one.key);
    await serve(source);
    writeFileSync(source.certificate, two.certificates);
    writeFileSync(source.key, two.key);
    await expect.poll(() => issuers, { timeout: 30_000 }).toEqual([other.pin]);
    await expect
      .poll(() => warnings.at(-1), { timeout: 30_000 })
      .toContain(`another authority than before: ${other.pin}`);
    expect(tls?.pin).toBe(other.pin);
  });

  test('of files that cannot be used is refused in one sentence', async () => {
    const { certificates, key } = await authority.serverIdentity('backend.example.org');
    const other = await authority.serverIdentity('backend.example.org');
    writeFileSync(file('a.pem'), certificates);
    writeFileSync(file('a.key'), key);
    writeFileSync(file('b.key'), other.key);
    const [own] = certificates.split(/(?<=-----END CERTIFICATE-----)/);
    writeFileSync(
      file('broken.pem'),
      `${own}\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`,
    );
    writeFileSync(file('not.pem'), 'hello');
    const cases: readonly (readonly [certificate: string, key: string, sentence: RegExp])[] = [
      ['none.pem', 'a.key', /none\.pem cannot be read\.$/],
      ['not.pem', 'a.key', /not\.pem holds no certificate in PEM\.$/],
      ['broken.pem', 'a.key', /is no PEM file that can be read/],
      ['a.pem', 'not.pem', /is no PEM file that can be read/],
      ['a.pem', 'b.key', /b\.key is not that of .*a\.pem\.$/],
    ];
    for (const [certificate, keyFile, sentence] of cases) {
      const opened = serve({ kind: 'files', certificate: file(certificate), key: file(keyFile) });
      await expect(opened).rejects.toThrow(TlsUnavailable);
      await expect(opened).rejects.toThrow(sentence);
    }
    time = new Date(time.getTime() + 8 * DAY_MS);
    await expect(serve({ kind: 'files', certificate: file('a.pem'), key: file('a.key') })).rejects.toThrow(
      /a\.pem ended on /,
    );
  });
});
