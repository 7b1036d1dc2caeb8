import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EventBody, kioskPaths } from '@huimin/backend/contract';
import { type Clock, systemClock } from '@huimin/drivers';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createKioskKeys } from '../keys.ts';
import { keyFileHolder, openStore, type Store } from '../store/index.ts';
import { type Sync, startSync } from './index.ts';
import { type RealBackend, startRealBackend } from './testing/real-backend.ts';
import { type Fault, replay, startTcpProxy, type TcpProxy } from './testing/tcp-proxy.ts';

/** The real store, the real sync and the real backend, and between them a network that fails in every way. */

const PATIENCE_MS = 90_000;
/** Nothing waits as long as in the field: a tenth, and a hundredth of what is longer than any deadline. */
const hasty: Clock = {
  ...systemClock,
  after: (ms, callback) => systemClock.after(ms > 15_000 ? ms / 100 : ms / 10, callback),
};
const random = (bytes: number): Uint8Array => new Uint8Array(randomBytes(bytes));

let folder: string;
let backend: RealBackend;
let proxy: TcpProxy;
let kiosks = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'faults-'));
  backend = await startRealBackend(join(folder, 'backend'));
  proxy = await startTcpProxy({ port: backend.port, path: kioskPaths.events });
}, PATIENCE_MS);
afterAll(async () => {
  await proxy?.close();
  await backend?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A kiosk that can be stopped and started again; what it did is counted. */
class Kiosk {
  readonly name = `faulty-${++kiosks}`;
  readonly said: string[] = [];
  done = 0;
  #open: { readonly store: Store; readonly sync: Sync } | null = null;

  get store(): Store {
    return this.#now.store;
  }
  get sync(): Sync {
    return this.#now.sync;
  }
  get #now() {
    if (this.#open === null) throw new Error('the kiosk is not running');
    return this.#open;
  }

  async start(clock: Clock = hasty): Promise<void> {
    const data = join(folder, this.name);
    const opened = await openStore({
      folder: data,
      kiosk: this.name,
      keyHolder: keyFileHolder(join(data, 'key'), random),
      clock,
      random,
      createKeys: createKioskKeys,
      onDamage: () => undefined,
    });
    if (!opened.ok) throw new Error(opened.error);
    const store = opened.value;
    const sync = startSync({
      url: proxy.url,
      authority: null,
      kiosk: this.name,
      enrolmentCode: 'demo',
      createKeys: createKioskKeys,
      store,
      network: { online: true, onChange: () => undefined },
      addresses: () => '',
      present: async () => ({ version: '1', devices: [], disk: null, writable: true, keyHolder: 'key file' }),
      clock,
      random,
      log: (sentence) => this.said.push(sentence),
    });
    this.#open = { store, sync };
  }

  async stop(): Promise<void> {
    const open = this.#open;
    this.#open = null;
    await open?.sync.close();
    await open?.store.close();
  }

  /** Does so many things at once. */
  async does(count: number, body?: EventBody): Promise<void> {
    const events = Array.from(
      { length: count },
      (): EventBody => body ?? { kind: 'help.requested', visit: null, screen: `${++this.done}` },
    );
    const kept = await this.store.commit({ events });
    if (!kept.ok) throw new Error(kept.error);
    this.sync.wake();
  }

  drained(): Promise<void> {
    return expect.poll(() => this.store.counts().waiting, { timeout: PATIENCE_MS, interval: 5 }).toBe(0);
  }

  /** Every event is at the backend, once, in order, and the chain is whole. */
  expectAllOnce(): void {
    const kept = backend.events(this.name);
    expect(kept.map(({ body }) => body.screen)).toEqual(
      Array.from({ length: this.done }, (_, index) => `${index + 1}`),
    );
    expect(kept.map(({ sequence }) => sequence)).toEqual(kept.map((_, index) => index + 1));
    expect(kept.map(({ previous }) => previous)).toEqual(['', ...kept.map(({ hash }) => hash)].slice(0, -1));
    expect(kept.every(({ outcome }) => outcome === 'accepted')).toBe(true);
    expect(backend.gaps(this.name)).toEqual([]);
  }
}

let kiosk: Kiosk;
const enrolled = async (clock?: Clock): Promise<Kiosk> => {
  kiosk = new Kiosk();
  await kiosk.start(clock);
  await kiosk.does(1);
  await kiosk.drained();
  return kiosk;
};
afterEach(async () => {
  proxy.forget();
  await kiosk?.stop();
});

const offset = fc.integer({ min: 0, max: 2500 });
const anyFault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({ kind: fc.constant('cut-request' as const), at: offset }),
  fc.record({ kind: fc.constant('cut-answer' as const), at: fc.integer({ min: 0, max: 700 }) }),
  fc.record({ kind: fc.constant('trickle' as const), bytes: fc.integer({ min: 50, max: 500 }) }),
);

test(
  'cut at any byte of request or answer, slow, any of it in a row, restarted in between: all once, in order',
  async () => {
    await enrolled();
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyFault, { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 1, max: 4 }),
        fc.constantFrom('go on', 'restart at once', 'restart in the middle'),
        async (faults, count, then) => {
          proxy.forget();
          proxy.plan(...faults);
          const requests = proxy.requests.length;
          await kiosk.does(count);
          if (then === 'restart in the middle')
            await expect
              .poll(() => proxy.requests.length, { timeout: PATIENCE_MS, interval: 2 })
              .toBeGreaterThan(requests);
          if (then !== 'go on') {
            await kiosk.stop();
            await kiosk.start();
          }
          await kiosk.does(1);
          await kiosk.drained();
          kiosk.expectAllOnce();
        },
      ),
      {
        numRuns: 20,
        // Two that surely cut.
        examples: [
          [[{ kind: 'cut-request', at: 100 }], 2, 'go on'],
          [[{ kind: 'cut-answer', at: 10 }], 2, 'restart in the middle'],
        ],
      },
    );
    expect(proxy.cuts).toBeGreaterThanOrEqual(2);
  },
  PATIENCE_MS,
);

test(
  'an answer that is lost, at once or by never coming, costs nothing but a second question',
  async () => {
    await enrolled();
    proxy.plan({ kind: 'cut-answer', at: 0 }, { kind: 'hang' });
    await kiosk.does(120);
    await kiosk.drained();
    kiosk.expectAllOnce();
    expect(kiosk.store.counts().rejected).toBe(0);
  },
  PATIENCE_MS,
);

test(
  'a request that arrives again is told from a new one, and the events in it are known',
  async () => {
    await enrolled();
    const before = proxy.requests.length;
    await kiosk.does(3);
    await kiosk.drained();
    const request = proxy.requests[before];
    if (request === undefined) throw new Error('nothing was sent');
    const answers = await Promise.all([0, 1].map(() => replay(backend.port, request)));
    for (const answer of answers) {
      expect(answer).toMatch(/^HTTP\/1\.1 409 /);
      expect(answer).toContain('nonce-used');
    }
    await kiosk.does(1);
    await kiosk.drained();
    kiosk.expectAllOnce();
  },
  PATIENCE_MS,
);

test(
  'an older request that arrives after newer ones changes nothing',
  async () => {
    await enrolled();
    proxy.plan({ kind: 'withhold' });
    await kiosk.does(2);
    await expect.poll(() => proxy.planned, { timeout: PATIENCE_MS }).toBe(0);
    await kiosk.does(2);
    await kiosk.drained();
    const [answer] = await proxy.release();
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer).toContain('duplicate');
    await kiosk.does(1);
    await kiosk.drained();
    kiosk.expectAllOnce();
  },
  PATIENCE_MS,
);

test(
  'while nobody listens events wait, since when is told, and they go once somebody does',
  async () => {
    await enrolled();
    await proxy.refuse();
    await expect.poll(() => kiosk.sync.online, { timeout: PATIENCE_MS }).toBe(false);
    const before = Date.now();
    await kiosk.does(5);
    await expect.poll(() => kiosk.sync.status().stuckSince, { timeout: PATIENCE_MS }).not.toBeNull();
    const status = kiosk.sync.status();
    expect(Math.abs(Date.parse(status.stuckSince ?? '') - before)).toBeLessThan(10_000);
    expect(status).toMatchObject({ online: false, waiting: 5 });
    expect(status.lanes?.results).toMatchObject({
      state: 'waiting',
      reason: 'the backend cannot be reached',
    });
    expect(await kiosk.sync.resident('999901194803120243')).toMatchObject({ ok: false });
    await kiosk.stop();
    await kiosk.start();
    await proxy.accept();
    await kiosk.drained();
    expect(kiosk.sync.status()).toMatchObject({ online: true, stuckSince: null, waiting: 0 });
    kiosk.expectAllOnce();
  },
  PATIENCE_MS,
);

const YEAR_MS = 365.25 * 24 * 3600_000;

test(
  'a clock that is wrong by years, and jumps: all once, in order, at the right time, and it is told',
  async () => {
    let error = 0;
    const clock: Clock = { ...hasty, now: () => Date.now() + error };
    const isRight = () => expect(Math.abs(kiosk.sync.now() - Date.now())).toBeLessThan(20_000);
    error = -56 * YEAR_MS;
    await enrolled(clock);
    isRight();
    for (const next of [12 * YEAR_MS, -1.5 * YEAR_MS, -40 * YEAR_MS]) {
      error = next;
      await kiosk.does(2);
      await kiosk.drained();
      isRight();
      const told = kiosk.sync.status().clock;
      expect(Math.abs((told?.errorMs ?? 0) - next)).toBeLessThan(20_000);
      await expect
        .poll(() => backend.telemetry(kiosk.name)?.clock, { timeout: PATIENCE_MS })
        .toSatisfy((clock: { errorMs: number } | null) => Math.abs((clock?.errorMs ?? 0) - next) < 20_000);
      // At the next start it is wrong in the other direction.
      await kiosk.stop();
      error = -next;
      await kiosk.start(clock);
      await kiosk.does(1);
      await kiosk.drained();
      isRight();
    }
    await kiosk.does(1);
    await kiosk.drained();
    kiosk.expectAllOnce();
    expect(kiosk.said).toContain(
      "the kiosk's clock is 14610 days ahead of the backend's; the backend's is used until it is set right",
    );
    // Once for each of the ways in which it was wrong.
    expect(kiosk.said.filter((sentence) => sentence.includes('clock'))).toHaveLength(7);
  },
  PATIENCE_MS,
);

test(
  'events that the backend cannot take, for their length or for what they say, are set aside alone',
  async () => {
    await enrolled();
    const visit = '6f1f2c1e-7a0e-4f7e-9b5e-0c1d2e3f4a5b';
    const issued = (facts: Record<string, string>): EventBody => ({
      kind: 'certificate.issued',
      visit,
      number: 'JZ-9999-000001',
      type: 'residence-certificate',
      holder: { name: '王桂兰', idNumber: '999901194803120243' },
      facts,
      issuedAt: '2026-11-22T08:00:00.000Z',
      validUntil: '2026-12-22T08:00:00.000Z',
      statement: 'none',
      verification: { by: 'none' },
      offline: true,
    });
    const endless = Array.from({ length: 6000 }, (_, index) => [`fact ${index}`, 'x'.repeat(400)]);
    await kiosk.does(57);
    await kiosk.does(1, issued(Object.fromEntries(endless)));
    await kiosk.does(23);
    await kiosk.does(1, issued({ purpose: 'none' }));
    await kiosk.does(18);
    await kiosk.drained();
    expect(kiosk.store.counts()).toEqual({ waiting: 0, rejected: 2 });
    await expect
      .poll(() => kiosk.sync.status().heads, { timeout: PATIENCE_MS })
      .toMatchObject([
        { sequence: 59, kind: 'certificate.issued', reason: 'longer than the backend takes' },
        { sequence: 83, kind: 'certificate.issued', reason: 'number-not-given' },
      ]);
    const kept = backend.events(kiosk.name);
    expect(kept.filter(({ outcome }) => outcome === 'accepted').map(({ body }) => body.screen)).toEqual(
      Array.from({ length: kiosk.done }, (_, index) => `${index + 1}`),
    );
    // The backend never saw what was too long, and notes that it is missing.
    expect(backend.gaps(kiosk.name)).toEqual([60]);
    // A technician may have it tried again; the backend says the same.
    const [first] = kiosk.sync.status().heads;
    expect(await kiosk.store.putBack(first?.id ?? '')).toEqual({ ok: true, value: true });
    kiosk.sync.wake();
    await expect
      .poll(() => kiosk.store.counts(), { timeout: PATIENCE_MS })
      .toEqual({ waiting: 0, rejected: 2 });
  },
  PATIENCE_MS,
);

test.each([
  ['as soon as it tells how it is', false],
  ['with the first event that it reports', true],
])(
  'a data folder that is put back from an older copy gives no number of its own again: noticed %s',
  async (_, reports) => {
    await enrolled();
    const data = join(folder, kiosk.name);
    await expect.poll(() => kiosk.store.endorsement, { timeout: PATIENCE_MS }).not.toBeNull();
    await kiosk.stop();
    cpSync(data, `${data}-copy`, { recursive: true });
    await kiosk.start();
    const given = await kiosk.store.takeNumber();
    await kiosk.does(2);
    await kiosk.drained();
    await kiosk.stop();
    rmSync(data, { recursive: true });
    cpSync(`${data}-copy`, data, { recursive: true });
    await kiosk.start();
    if (reports) await kiosk.does(4);
    await expect
      .poll(() => kiosk.said, { timeout: PATIENCE_MS })
      .toContainEqual(expect.stringMatching(/^the backend knows another journal of this kiosk/));
    // The code is still good here: the block of the new enrolment is another one.
    await expect.poll(() => kiosk.store.numbersLeft(), { timeout: PATIENCE_MS }).toBe(500);
    expect([given, await kiosk.store.takeNumber()]).toEqual([
      { ok: true, value: 1 },
      { ok: true, value: 501 },
    ]);
  },
  PATIENCE_MS,
);
