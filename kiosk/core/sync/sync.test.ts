import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EventBody, kioskPaths } from '@huimin/backend/contract';
import { type Clock, systemClock } from '@huimin/drivers';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createKioskKeys } from '../keys.ts';
import { keyFileHolder, openStore, type Store } from '../store/index.ts';
import { type Sync, startSync } from './index.ts';

const random = (bytes: number): Uint8Array => new Uint8Array(randomBytes(bytes));
const help = (screen: string): EventBody => ({ kind: 'help.requested', visit: null, screen });

/** A backend that misbehaves as told, on a real port. */
interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Record<string, string>;
}
type Handler = (
  path: string,
  body: { events?: { id: string; body: { screen: string } }[] },
) => Answer | 'drop' | 'hang';

vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

let folder: string;
let server: Server;
let store: Store;
let sync: Sync;
let handle: Handler;
let taken: string[];
let said: string[];

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
      return { status: 200, body: { state: 'unchanged', asOf: time } };
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
  said = [];
  handle = wellBehaved;
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const answer = handle(request.url ?? '', text === '' ? {} : JSON.parse(text));
    if (answer === 'hang') return;
    if (answer === 'drop') {
      response.destroy();
      return;
    }
    response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
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

function start(clock: Clock = systemClock): void {
  sync = startSync({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    authority: null,
    kiosk: 'kiosk-test',
    enrolmentCode: 'demo',
    createKeys: createKioskKeys,
    store,
    network: { online: true, onChange: () => undefined },
    addresses: () => '',
    present: async () => ({
      version: 'test',
      devices: [],
      disk: null,
      writable: true,
      keyHolder: 'key file',
    }),
    clock,
    random,
    log: (sentence) => said.push(sentence),
  });
}
const drained = () => expect.poll(() => store.counts().waiting, { timeout: 90_000 }).toBe(0);

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
      return { status: 413, body: '<html>said by a proxy</html>' };
    const answer = wellBehaved(path, body);
    if (path !== kioskPaths.events || typeof answer === 'string') return answer;
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

/** Pauses that are longer than any deadline are a thousand times shorter, except the very long ones; others ten times. */
const hasty: Clock = {
  ...systemClock,
  after: (ms, callback) => systemClock.after(ms > 600_000 ? ms : ms > 15_000 ? ms / 1000 : ms / 10, callback),
};
const results = () => sync.status().lanes?.results;

test('a backend that fails at one thing is left alone with that, probed with one event, and nothing else waits', async () => {
  let isWell = false;
  const sizes: number[] = [];
  const seen = new Set<string>();
  handle = (path, body) => {
    seen.add(path);
    if (path === kioskPaths.telemetry) return { status: 200, body: { serverTime: time } };
    if (path !== kioskPaths.events || isWell) return wellBehaved(path, body);
    sizes.push(body.events?.length ?? 0);
    return { status: 500, body: refused('retryable') };
  };
  await store.commit({ events: Array.from({ length: 30 }, (_, index) => help(`${index}`)) });
  start(hasty);
  await expect.poll(() => results()?.state, { timeout: 60_000 }).toBe('open');
  const whole = sizes.filter((size) => size > 1).length;
  const probes = () => sizes.slice(whole);
  await expect.poll(() => probes().length, { timeout: 60_000 }).toBeGreaterThanOrEqual(2);
  expect(whole).toBeLessThanOrEqual(5);
  expect(sizes[0]).toBe(30);
  expect(new Set(probes())).toEqual(new Set([1]));
  expect(results()).toMatchObject({ reason: 'said by the test', lastSuccess: null });
  expect(sync.status().waiting).toBe(30);
  await expect.poll(() => sync.online, { timeout: 60_000 }).toBe(true);
  expect(sync.status().stuckSince).not.toBeNull();
  await expect.poll(() => sync.status().lanes?.telemetry.lastSuccess, { timeout: 60_000 }).not.toBeNull();
  await expect.poll(() => sync.status().lanes?.downloads.lastSuccess, { timeout: 60_000 }).not.toBeNull();
  isWell = true;
  await expect.poll(() => store.counts().waiting, { timeout: 60_000 }).toBe(0);
  expect(taken).toEqual(Array.from({ length: 30 }, (_, index) => `${index}`));
  expect(results()).toMatchObject({ failures: 0, reason: null });
  expect(sync.status().stuckSince).toBeNull();
});

test('a backend that asks to be left alone is left alone, and one that hangs holds up nobody', async () => {
  let asked = 0;
  handle = (path, body) => {
    if (path === kioskPaths.resident) return 'hang';
    if (path !== kioskPaths.events) return wellBehaved(path, body);
    asked += 1;
    return { status: 429, body: refused('retryable'), headers: { 'retry-after': '3600' } };
  };
  await store.commit({ events: [help('a')] });
  // With deadlines as they are: a tenth of them is too little for a busy machine.
  start();
  await expect.poll(() => results()?.failures, { timeout: 60_000 }).toBe(1);
  // A quarter of an hour at most, of which this test sees but a moment, and new work changes nothing.
  const next = Date.parse(results()?.nextTry ?? '') - sync.now();
  expect(next).toBeGreaterThan(14 * 60_000);
  expect(next).toBeLessThan(17 * 60_000);
  await store.commit({ events: [help('b')] });
  sync.wake();
  for (let i = 0; i < 2; i++) expect(await sync.resident('1')).toMatchObject({ ok: false });
  expect(await sync.resident('1')).toEqual({ ok: false, error: 'the backend does not answer' });
  expect(asked).toBe(1);
});

test('a refusal that no event is to blame for sets none aside', async () => {
  let asked = 0;
  handle = (path, body) => {
    if (path !== kioskPaths.events || asked >= 3) return wellBehaved(path, body);
    asked += 1;
    return { status: 404, body: refused('rejected') };
  };
  await store.commit({ events: [help('a'), help('b')] });
  start(hasty);
  await drained();
  expect(taken).toEqual(['a', 'b']);
  expect(store.counts().rejected).toBe(0);
});

test('a hundred events of which none can be taken are all set aside, shown, and tried again when put back', async () => {
  let isStrict = true;
  handle = (path, body) =>
    path === kioskPaths.events && isStrict
      ? { status: 400, body: refused('rejected') }
      : wellBehaved(path, body);
  await store.commit({ events: Array.from({ length: 100 }, (_, index) => help(`${index}`)) });
  start(hasty);
  await expect.poll(() => store.counts(), { timeout: 60_000 }).toEqual({ waiting: 0, rejected: 100 });
  await expect.poll(() => sync.status().heads.length, { timeout: 60_000 }).toBe(5);
  expect(sync.status()).toMatchObject({
    refused: 100,
    heads: [
      { sequence: 1, kind: 'help.requested', reason: 'said by the test' },
      { sequence: 2 },
      { sequence: 3 },
      { sequence: 4 },
      { sequence: 5 },
    ],
  });
  isStrict = false;
  const id = sync.status().heads[2]?.id ?? '';
  expect(await store.putBack(id)).toEqual({ ok: true, value: true });
  sync.wake();
  await expect.poll(() => taken, { timeout: 60_000 }).toEqual(['2']);
  await store.commit({ events: [help('after')] });
  sync.wake();
  await expect.poll(() => taken, { timeout: 60_000 }).toEqual(['2', 'after']);
});

test('what has waited for a minute in vain is said once, and so is its end', async () => {
  let isWell = false;
  handle = (path, body) =>
    path === kioskPaths.events && !isWell
      ? { status: 503, body: refused('retryable') }
      : wellBehaved(path, body);
  await store.commit({ events: [help('a'), help('b')] });
  // The clock that never jumps runs thirty times as fast here.
  const since = systemClock.monotonic();
  start({
    now: () => systemClock.now(),
    monotonic: () => since + (systemClock.monotonic() - since) * 30,
    after: (ms, callback) => systemClock.after(ms / 30, callback),
  });
  const spoken = () => said.filter((sentence) => /^(nothing has reached|events reach)/.test(sentence));
  await expect.poll(spoken, { timeout: 60_000 }).toHaveLength(1);
  expect(spoken()[0]).toMatch(
    /^nothing has reached the backend since \d{4}-\d\d-\d\d \d\d:\d\d UTC; 2 events wait$/,
  );
  isWell = true;
  await drained();
  await expect.poll(spoken, { timeout: 60_000 }).toHaveLength(2);
  expect(spoken()[1]).toBe('events reach the backend again');
});
