import { createHmac, hkdfSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bundle, Resident } from '@huimin/backend/contract';
import { manualClock } from '@huimin/drivers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeTestAuthority } from '../documents/testing/authority.ts';
import { canary, deliver, endorsement, inbox, open as openIn, random, signed } from './fixtures/store.ts';
import type { Store, StoreOptions } from './index.ts';
import { KDF, openingKey, sealBundle } from './vault.ts';

const HOUR_MS = 3600_000;
const NOW = '2026-11-22T00:00:00.000Z';
const other: Resident = { ...canary, id: 'li-jianguo', idNumber: '999901195104120036', name: '李建国' };

describe('a bundle', () => {
  const half = { key: random(32), salt: random(16), kdf: KDF };
  const bundle = signed(canary, NOW);

  test('is found and opened by the card and the key together, and by nothing less', async () => {
    const sealed = await sealBundle(half, bundle, random);
    const right = await openingKey(half, canary);
    expect(right.lookup).toBe(sealed.lookup);
    expect(await right.open(sealed)).toEqual(bundle);
    for (const [card, kiosk] of [
      [{ ...canary, name: '王桂香' }, half],
      [{ ...canary, idNumber: other.idNumber }, half],
      [canary, { ...half, key: random(32) }],
      [canary, { ...half, salt: random(16) }],
    ] as const) {
      const wrong = await openingKey(kiosk, card);
      expect(wrong.lookup).not.toBe(sealed.lookup);
      expect(await wrong.open(sealed)).toBeNull();
    }
    const box = Buffer.from(sealed.box, 'base64url');
    box[20] = (box[20] ?? 0) ^ 1;
    expect(await right.open({ ...sealed, box: box.toString('base64url') })).toBeNull();
  });

  test('tells nobody whose it is, not even who has the key and knows the number', async () => {
    const sealed = await sealBundle(half, bundle, random);
    const quick = ['huimin bundle lookup', 'huimin bundle box', 'huimin bundle'].flatMap((purpose) =>
      [Buffer.alloc(0), Buffer.from(half.salt)].flatMap((salt) => {
        const key = Buffer.from(hkdfSync('sha256', half.key, salt, purpose, 32));
        return [canary.idNumber, `${canary.idNumber}\n${canary.name}`].map((words) =>
          createHmac('sha256', key).update(words).digest('base64url'),
        );
      }),
    );
    expect(quick).not.toContain(sealed.lookup);
  });

  test('is opened in the thread pool: the event loop turns meanwhile', async () => {
    let turns = 0;
    let done = false;
    const turn = (): void => {
      turns += 1;
      if (!done) setImmediate(turn);
    };
    setImmediate(turn);
    await openingKey(half, canary);
    done = true;
    expect(turns).toBeGreaterThan(3);
  });
});

describe('a delivery', () => {
  let folder: string;
  let said: string[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vault-'));
    said = [];
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const open = async (more: Partial<StoreOptions> = {}) => {
    const store = await openIn(folder, { onNotice: (sentence) => said.push(sentence), ...more });
    said = [];
    return store;
  };
  const forged = (bundle: Bundle): Bundle => ({
    ...bundle,
    resident: { ...bundle.resident, residence: '荷花社区 1 幢 1 单元 101 室' },
  });

  test('keeps what the operator signed; what it did not sign is told once and never served', async () => {
    const store = await open();
    await deliver(store, { asOf: NOW, residents: [] });
    const asOf = new Date().toISOString();
    const whole = inbox({ asOf, residents: [canary, other] });
    const spoilt = {
      ...whole,
      residents: whole.residents.map((each, at) => (at === 0 ? forged(each) : each)),
    };
    await store.saveInbox(spoilt);
    expect(await store.residentFor(canary)).toBeNull();
    expect(await store.residentFor(other)).toEqual({ resident: other, asOf });
    expect(said).toEqual([expect.stringMatching(/^1 of 2 residents' records came without/)]);
    expect(said.join()).not.toMatch(/王|李|9999/);
    await store.close();
  });

  test('of which nothing is signed changes nothing: what was delivered before stays, staff included', async () => {
    const store = await open();
    const asOf = new Date().toISOString();
    const staff = [
      { id: 'li', name: '李娜', role: 'staff' as const, badge: 'B1', pinSalt: 'AA', pinHash: 'AA' },
    ];
    await deliver(store, { asOf, staff });
    const before = store.inboxDigest;
    const whole = inbox({ asOf, residents: [canary, other] });
    const spoilt = { ...whole, residents: whole.residents.map(forged) };
    for (const _ of ['first', 'again']) await store.saveInbox(spoilt);
    expect(said).toEqual([expect.stringMatching(/^2 of 2 .*; what was delivered before stays$/)]);
    expect(store.inboxDigest).toBe(before);
    expect(store.staff).toEqual(staff);
    expect((await store.residentFor(canary))?.resident).toEqual(canary);
    await store.close();
  });

  test('is sealed anew where it has changed, after a restart too; all of it once nothing is as it was', async () => {
    let nonces = 0;
    const counting = (bytes: number): Uint8Array => {
      if (bytes === 12) nonces += 1;
      return random(bytes);
    };
    const asOf = new Date().toISOString();
    const first = inbox({ asOf, residents: [canary, other] });
    /** How many bundles that seals: the journal's own nonces are told by a delivery in which nothing is new. */
    const sealedBy = async (store: Store, whole: typeof first): Promise<number> => {
      const before = nonces;
      expect(await store.saveInbox(whole)).toEqual({ ok: true, value: undefined });
      return nonces - before;
    };
    let store = await open({ random: counting });
    await deliver(store, { asOf, residents: [] });
    const none = await sealedBy(store, { ...first, residents: [], digest: 'none' });
    expect(await sealedBy(store, first)).toBe(none + 2);
    const moved = { ...other, residence: '荷花社区 1 幢 1 单元 101 室' };
    const [kept] = first.residents;
    if (kept === undefined) throw new Error('nobody');
    const second = { ...first, residents: [kept, signed(moved, asOf)], digest: 'second' };
    await store.close();
    store = await open({ random: counting });
    expect(await sealedBy(store, second)).toBe(none + 1);
    expect((await store.residentFor(canary))?.resident).toEqual(canary);
    expect((await store.residentFor(other))?.resident).toEqual(moved);
    expect(await sealedBy(store, { ...second, digest: 'same' })).toBe(none);
    const third = [canary, moved].map((resident) => signed(resident, asOf));
    expect(await sealedBy(store, { ...first, residents: third, digest: 'third' })).toBe(none + 2);
    expect((await store.residentFor(other))?.resident).toEqual(moved);
    await store.close();
  });

  test('of which the sealing is ended early changes nothing', async () => {
    const store = await open();
    const asOf = new Date().toISOString();
    await deliver(store, { asOf });
    const before = store.inboxDigest;
    const whole = inbox({ asOf, residents: [canary, other] });
    expect(await store.saveInbox(whole, AbortSignal.abort())).toMatchObject({ ok: false });
    expect(store.inboxDigest).toBe(before);
    expect((await store.residentFor(canary))?.resident).toEqual(canary);
    await store.close();
  });

  test('is asked for by its digest, and whole when there is none or it was dropped', async () => {
    const clock = manualClock(Date.parse(NOW));
    const store = await open({ clock, maxAgeHours: 48 });
    expect(store.inboxDigest).toBeNull();
    expect(await store.saveInbox({ state: 'unchanged', asOf: NOW })).toEqual({ ok: true, value: undefined });
    await deliver(store, { asOf: NOW });
    expect(store.inboxDigest).toBe(inbox({ asOf: NOW }).digest);
    await store.close();
    const again = await open({ clock, maxAgeHours: 48 });
    expect(again.inboxDigest).toBe(inbox({ asOf: NOW }).digest);
    await clock.advance(49 * HOUR_MS);
    expect(await again.residentFor(canary)).toBeNull();
    expect(again.inboxDigest).toBeNull();
    await again.close();
  });

  test('is no younger than its signatures say: an old one sent as new grows old all the same', async () => {
    const clock = manualClock(Date.parse(NOW));
    const store = await open({ clock, maxAgeHours: 48 });
    await deliver(store, { asOf: NOW });
    const replay = async () => {
      const asOf = new Date(clock.now()).toISOString();
      await store.saveInbox({ state: 'unchanged', asOf });
      await store.saveInbox({ ...inbox({ asOf: NOW }), asOf });
    };
    await clock.advance(40 * HOUR_MS);
    await replay();
    expect(await store.residentFor(canary)).toEqual({ resident: canary, asOf: '2026-11-23T00:00:00.000Z' });
    await clock.advance(31 * HOUR_MS);
    await replay();
    expect((await store.residentFor(canary))?.resident).toEqual(canary);
    await clock.advance(2 * HOUR_MS);
    await replay();
    expect(await store.residentFor(canary)).toBeNull();
    expect(store.inboxDigest).toBeNull();
    await replay();
    expect(await store.residentFor(canary)).toBeNull();
    expect(said).toEqual([expect.stringMatching(/^1 of 1 /)]);
    await store.close();
  });

  test('is judged again when a card is laid down: another operator does not serve it', async () => {
    const store = await open();
    await deliver(store, { asOf: new Date().toISOString() });
    expect((await store.residentFor(canary))?.resident).toEqual(canary);
    const { certificates } = await makeTestAuthority('kiosk-test');
    await store.endorse({ ...endorsement, numbers: null, certificates: [...certificates] });
    expect(await store.residentFor(canary)).toBeNull();
    expect(said).toEqual([expect.stringContaining("does not bear the operator's signature")]);
    await store.close();
  });

  test('comes from nobody before the kiosk is enrolled', async () => {
    const store = await open();
    await store.saveInbox(inbox({ asOf: new Date().toISOString() }));
    expect(await store.residentFor(canary)).toBeNull();
    expect(said).toEqual([expect.stringMatching(/^1 of 1 /)]);
    await store.close();
  });
});
