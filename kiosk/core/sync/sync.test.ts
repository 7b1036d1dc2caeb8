import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EventBody, kioskPaths } from '@huimin/backend/contract';
import { systemClock } from '@huimin/drivers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createKioskKeys } from '../keys.ts';
import { keyFileHolder, openStore, type Store } from '../store/index.ts';
import { type Sync, startSync } from './index.ts';

const random = (bytes: number): Uint8Array => new Uint8Array(randomBytes(bytes));
const help = (screen: string): EventBody => ({ kind: 'help.requested', visit: null, screen });

/** A backend that misbehaves as told, on a real port. */
interface Answer {
  readonly status: number;
  readonly body: unknown;
}
type Handler = (
  path: string,
  body: { events?: { id: string; body: { screen: string } }[] },
) => Answer | 'drop';

let folder: string;
let server: Server;
let store: Store;
let sync: Sync;
let handle: Handler;
let taken: string[];

const time = '2026-11-22T00:00:00.000Z';
const endorsement = {
  kiosk: 'kiosk-test',
  kioskNumber: '0001',
  certificates: ['leaf', 'root'],
  notBefore: time,
  notAfter: '2999-01-01T00:00:00.000Z',
  numbers: { from: 1, to: 500 },
  verifyAddress: 'http://127.0.0.1/verify',
  serverTime: time,
};
const wellBehaved: Handler = (path, body) => {
  switch (path) {
    case kioskPaths.enrol:
    case kioskPaths.endorse:
      return { status: 200, body: endorsement };
    case kioskPaths.inbox:
      return { status: 200, body: { residents: [], staff: [], asOf: time } };
    case kioskPaths.events: {
      const events = body.events ?? [];
      taken.push(...events.map((event) => event.body.screen));
      const results = events.map(({ id }) => ({ id, outcome: 'accepted' }));
      return { status: 200, body: { results, serverTime: time } };
    }
    default:
      return { status: 200, body: { status: 'ok' } };
  }
};
const refused = (kind: string): Answer['body'] => ({
  error: { kind, code: 'test', message: 'said by the test' },
});

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sync-'));
  taken = [];
  handle = wellBehaved;
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const answer = handle(request.url ?? '', text === '' ? {} : JSON.parse(text));
    if (answer === 'drop') {
      response.destroy();
      return;
    }
    response.writeHead(answer.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer.body));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const opened = await openStore({
    folder,
    kiosk: 'kiosk-test',
    keyHolder: keyFileHolder(join(folder, 'key'), random),
    clock: systemClock,
    random,
    createKeys: createKioskKeys,
    onDamage: () => undefined,
  });
  if (!opened.ok) throw new Error(opened.error);
  store = opened.value;
});
afterEach(async () => {
  await sync.close();
  await store.close();
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  rmSync(folder, { recursive: true, force: true });
});

function start(): void {
  sync = startSync({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    kiosk: 'kiosk-test',
    enrolmentCode: 'demo',
    store,
    network: { online: true, onChange: () => undefined },
    clock: systemClock,
    random,
    log: () => undefined,
  });
}
const drained = () => expect.poll(() => store.counts().waiting, { timeout: 15_000 }).toBe(0);

test('what is done is reported once, in order, after enrolment', async () => {
  await store.commit({ events: ['a', 'b', 'c'].map(help) });
  start();
  await drained();
  expect(taken).toEqual(['a', 'b', 'c']);
  expect(store.endorsement?.kioskNumber).toBe('0001');
});

test('answers that are lost or that fail for a while are asked for again', async () => {
  let failures = 0;
  handle = (path, body) => {
    if (path !== kioskPaths.events || failures >= 3) return wellBehaved(path, body);
    failures += 1;
    return failures === 1 ? 'drop' : { status: 503, body: refused('retryable') };
  };
  await store.commit({ events: [help('a')] });
  start();
  await drained();
  expect(taken).toEqual(['a']);
});

test('a bad event is set aside alone, by its own answer or by halving, and never blocks the rest', async () => {
  handle = (path, body) => {
    const events = body.events ?? [];
    if (events.some((event) => event.body.screen === 'unbearable'))
      return { status: 413, body: refused('rejected') };
    const answer = wellBehaved(path, body);
    if (path !== kioskPaths.events || answer === 'drop') return answer;
    const results = events.map(({ id, body: { screen } }) =>
      screen === 'wrong' ? { id: '', outcome: 'rejected', reason: 'test' } : { id, outcome: 'accepted' },
    );
    return { status: 200, body: { results, serverTime: time } };
  };
  await store.commit({ events: ['a', 'b', 'unbearable', 'c', 'wrong', 'd'].map(help) });
  start();
  await drained();
  expect(taken).toEqual(['a', 'b', 'c', 'wrong', 'd']);
  expect(store.counts()).toEqual({ waiting: 0, rejected: 2 });
});

test('a backend that does not know the kiosk any more is enrolled at again', async () => {
  let known = false;
  handle = (path, body) => {
    if (path === kioskPaths.enrol) known = true;
    if (!known && path.startsWith('/api/')) return { status: 401, body: refused('unauthorised') };
    return wellBehaved(path, body);
  };
  await store.endorse(endorsement);
  await store.commit({ events: [help('a')] });
  start();
  await drained();
  expect(known).toBe(true);
  expect(taken).toEqual(['a']);
});
