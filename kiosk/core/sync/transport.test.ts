import { hash, X509Certificate } from 'node:crypto';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type ServerOptions } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Authority } from '../config/index.ts';
import { issue, type Party } from './testing/certificates.ts';
import { createTransport, reasonOf, type Transport } from './transport.ts';

const DAY_MS = 86_400_000;

const pinOf = ({ certificate }: Party): string =>
  `sha256:${hash('sha256', new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' }), 'hex')}`;

describe('the way to the backend', { timeout: 90_000 }, () => {
  let root: Party & { readonly name: string };
  let stranger: Party & { readonly name: string };
  let good: Party;
  let open: (() => unknown)[] = [];

  beforeAll(async () => {
    root = await issue({ name: 'root', isAuthority: true });
    stranger = await issue({ name: 'stranger', isAuthority: true });
    good = await issue({ name: 'server', issuer: root, host: 'localhost' });
  });
  afterEach(async () => {
    await Promise.all(open.map((close) => close()));
    open = [];
  });

  const listening = async (server: Server & { closeAllConnections(): void }): Promise<number> => {
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    open.push(() => {
      server.closeAllConnections();
      return new Promise((done) => server.close(done));
    });
    return (server.address() as AddressInfo).port;
  };
  /** A server that shows these certificates; it counts the requests and the connections it takes. */
  const serve = async (own: Party, options: ServerOptions = {}, headers: { date?: string } = {}) => {
    const seen = { requests: 0, connections: 0 };
    const certificates = `${own.certificate}${root.certificate}`;
    const server = createServer({ key: own.key, cert: certificates, ...options }, (_request, response) => {
      seen.requests += 1;
      response.writeHead(200, headers);
      response.end('hello');
    });
    server.on('secureConnection', () => {
      seen.connections += 1;
    });
    return { seen, url: `https://localhost:${await listening(server)}/` };
  };
  const transport = (
    url: string,
    authority: Authority | null,
    earliest = Number.NEGATIVE_INFINITY,
    ownClock = () => Date.now(),
  ): Transport => {
    const made = createTransport({ url, authority, earliest, ownClock });
    open.unshift(() => made.close());
    return made;
  };
  const ask = async (to: Transport): Promise<string> => {
    try {
      return (await to.send('/healthz', { method: 'GET', signal: AbortSignal.timeout(60_000) })).text;
    } catch (cause) {
      return reasonOf(cause);
    }
  };
  const pinned = () => ({ pin: pinOf(root) });

  test('is TLS to a server for which the authority vouches, by pin or by its certificate, and connections are used again', async () => {
    const { url, seen } = await serve(good, { minVersion: 'TLSv1.3' });
    const byPin = transport(url, pinned());
    for (let i = 0; i < 8; i++) expect(await ask(byPin)).toBe('hello');
    expect(seen.requests).toBe(8);
    expect(seen.connections).toBeLessThan(4);
    // Nothing of the authority is sent: its certificate is known already, and so is the one that will follow it.
    const alone = await serve(good, { cert: good.certificate });
    const certificates = [stranger.certificate, root.certificate];
    expect(await ask(transport(alone.url, { certificates }))).toBe('hello');
    expect(await ask(transport(alone.url, pinned()))).toMatch(/but by one that it does not show$/);
  });

  test('is taken to nobody else, and not a byte of a request gets there', async () => {
    const cases: readonly (readonly [own: Party, why: RegExp])[] = [
      [
        await issue({ name: 'server', issuer: stranger, host: 'localhost' }),
        /^its certificate was not issued by the authority in kiosk\.yaml/,
      ],
      // The issuer's name is easily written: the signature counts.
      [
        await issue({ name: 'server', issuer: { ...stranger, name: 'root' }, host: 'localhost' }),
        /^its certificate was not issued by the authority in kiosk\.yaml/,
      ],
      [
        await issue({ name: 'server', issuer: root, host: 'other.example' }),
        /^its certificate is not for localhost, but for DNS:other\.example$/,
      ],
      [
        await issue({ name: 'localhost', issuer: root }),
        /^its certificate is not for localhost, but for no name$/,
      ],
      // A kiosk's own certificate, which the same authority vouches for.
      [
        await issue({ name: 'localhost', issuer: root, host: 'localhost', forServers: false }),
        /^its certificate is not that of a server/,
      ],
      [
        await issue({ name: 'authority', issuer: root, host: 'localhost', isAuthority: true }),
        /^its certificate is not that of a server/,
      ],
    ];
    for (const [own, why] of cases) {
      const { url, seen } = await serve(own);
      expect(await ask(transport(url, pinned()))).toMatch(why);
      expect(await ask(transport(url, { certificates: [root.certificate] }))).toMatch(why);
      expect(seen.requests).toBe(0);
    }
  });

  test('is never less than TLS 1.3', async () => {
    const old = await serve(good, { maxVersion: 'TLSv1.2' });
    expect(await ask(transport(old.url, pinned()))).toBe('it does not speak TLS 1.3');
    const plain = createHttpServer((_request, response) => response.end('hello'));
    const port = await listening(plain);
    expect(await ask(transport(`https://localhost:${port}/`, pinned()))).toBe('it answers without TLS');
    expect(await ask(transport(`http://localhost:${port}/`, pinned()))).toMatch(/does not begin with https:/);
    expect(await ask(transport(`http://localhost:${port}/`, null))).toBe('hello');
    expect(await ask(transport(old.url, null))).toMatch(
      /^(no authority is known|it does not speak TLS 1\.3)/,
    );
  });

  test('ends with the certificate, by the time that the server tells', async () => {
    const ended = await issue({ name: 'server', issuer: root, host: 'localhost', from: -20, until: -10 });
    const day = new X509Certificate(ended.certificate).validToDate.toISOString().slice(0, 10);
    const forgotten = await serve(ended);
    expect(await ask(transport(forgotten.url, pinned()))).toBe(`its certificate ended on ${day}`);
    const early = await serve(await issue({ name: 'server', issuer: root, host: 'localhost', from: 5 }));
    expect(await ask(transport(early.url, pinned()))).toMatch(/^its certificate begins on /);
  });

  test('is closed to a stolen key whose certificate ended before the last time that is known', async () => {
    const ended = await issue({ name: 'server', issuer: root, host: 'localhost', from: -20, until: -10 });
    const then = new Date(Date.now() - 15 * DAY_MS).toUTCString();
    const thief = await serve(ended, {}, { date: then });
    expect(await ask(transport(thief.url, pinned(), Date.now() - 5 * DAY_MS))).toMatch(
      /^its certificate ended on /,
    );
    expect(thief.seen.requests).toBe(0);
    // A kiosk that has heard no time since cannot tell, and its own clock may be wrong by years.
    expect(await ask(transport(thief.url, pinned(), Date.now() - 16 * DAY_MS))).toBe('hello');
    expect(await ask(transport(thief.url, pinned()))).toBe('hello');
  });

  test('outlives a backend whose clock ran ahead: what it told then locks nobody out once it is right', async () => {
    const headers: { date?: string } = {};
    const right = await serve(good, {}, headers);
    const to = transport(right.url, pinned());
    expect(await ask(to)).toBe('hello');
    // On a connection that was good before: the time is one for which no certificate stands, and does not count.
    headers.date = new Date(Date.now() + 60 * DAY_MS).toUTCString();
    expect(await ask(to)).toMatch(/^its certificate ended on /);
    delete headers.date;
    expect(await ask(to)).toBe('hello');
    // It had a certificate of that time as well, and that time was kept: server and own clock together know better.
    const earliest = Date.now() + 60 * DAY_MS;
    const behind = () => Date.now() - 365 * DAY_MS;
    expect(await ask(transport(right.url, pinned(), earliest, behind))).toMatch(/^its certificate ended on /);
    const again = transport(right.url, pinned(), earliest);
    for (let i = 0; i < 2; i++) expect(await ask(again)).toBe('hello');
    const ended = await issue({ name: 'server', issuer: root, host: 'localhost', from: -20, until: -10 });
    const then = new Date(Date.now() - 15 * DAY_MS).toUTCString();
    const thief = await serve(ended, {}, { date: then });
    expect(await ask(transport(thief.url, pinned(), earliest))).toMatch(/^its certificate ended on /);
    expect(thief.seen.requests).toBe(0);
  });

  test('refuses to be sent elsewhere, and says in words why nothing answers', async () => {
    const moved = createHttpServer((_request, response) => {
      response.writeHead(301, { location: 'http://127.0.0.1/elsewhere' });
      response.end();
    });
    const port = await listening(moved);
    expect(await ask(transport(`http://127.0.0.1:${port}/`, null))).toMatch(/^it sends requests elsewhere/);
    await open.pop()?.();
    expect(await ask(transport(`http://127.0.0.1:${port}/`, null))).toBe('nothing answers at its address');
    expect(await ask(transport('https://no-such-name.invalid/', pinned()))).toMatch(
      /^its name is not known to the network$/,
    );
  });
});
