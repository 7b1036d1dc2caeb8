import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Clock, systemClock } from '@huimin/drivers';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Authority } from '../config/index.ts';
import { createKioskKeys } from '../keys.ts';
import { keyFileHolder, openStore, type Store } from '../store/index.ts';
import { type Sync, startSync } from './index.ts';
import { type RealBackend, startRealBackend } from './testing/real-backend.ts';

const main = resolve(import.meta.dirname, '../../../kiosk-backend/main.ts');
const random = (bytes: number): Uint8Array => new Uint8Array(randomBytes(bytes));
const help = (screen: string) => ({ kind: 'help.requested' as const, visit: null, screen });

/** A kiosk's trust in its backend and the backend's in it: both as they run in the field, over TLS. */
describe('trust', { timeout: 120_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'trust-'));
  const data = join(folder, 'backend');
  let backend: RealBackend;
  let authority: Authority;
  let open: { readonly store: Store; readonly sync: Sync } | null = null;
  const said: string[] = [];

  /** What a person types at the backend. */
  const type = (...words: string[]): string =>
    execFileSync(process.execPath, [main, ...words, '--data', data], {
      encoding: 'utf8',
      env: { ...process.env, DATABASE_URL: '' },
    });
  /** A code, and the pin that is printed with it. */
  const newCode = (kiosk: string): string => {
    const lines = type('code', kiosk, '--community', '荷花社区').split('\n');
    const pin = lines.find((line) => line.startsWith('  authority: '))?.slice('  authority: '.length) ?? '';
    authority = { pin };
    expect(lines).toContain(`  url: "https://127.0.0.1:${backend.port}/"`);
    const label = '  enrolmentCode: ';
    return lines.find((line) => line.startsWith(label))?.slice(label.length) ?? '';
  };

  async function start(
    kiosk: string,
    enrolmentCode: string,
    change: { readonly authority?: Authority; readonly clock?: Clock } = {},
  ): Promise<Store> {
    const clock = change.clock ?? systemClock;
    const opened = await openStore({
      folder: join(folder, kiosk),
      kiosk,
      keyHolder: keyFileHolder(join(folder, kiosk, 'key'), random),
      clock,
      random,
      createKeys: createKioskKeys,
      onDamage: () => undefined,
    });
    if (!opened.ok) throw new Error(opened.error);
    const sync = startSync({
      url: `https://127.0.0.1:${backend.port}/`,
      authority: change.authority ?? authority,
      kiosk,
      enrolmentCode,
      createKeys: createKioskKeys,
      store: opened.value,
      network: { online: true, onChange: () => undefined },
      addresses: () => '',
      present: async () => ({ version: '1', devices: [], disk: null, writable: true, keyHolder: 'key file' }),
      clock,
      random,
      log: (sentence) => said.push(sentence),
    });
    open = { store: opened.value, sync };
    return opened.value;
  }
  const stop = async (): Promise<void> => {
    await open?.sync.close();
    await open?.store.close();
    open = null;
  };

  beforeAll(async () => {
    backend = await startRealBackend(data, '--production', '--operator', '示范市', '--tls');
  }, 90_000);
  afterEach(async () => {
    await stop();
    said.length = 0;
  });
  afterAll(async () => {
    await backend.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('is given for a code, withdrawn when the kiosk is revoked, and given again for new keys; nothing is lost', async () => {
    const first = newCode('trust-1');
    const store = await start('trust-1', first);
    await store.commit({ events: [help('a')] });
    open?.sync.wake();
    await expect.poll(() => store.counts().waiting, { timeout: 60_000 }).toBe(0);
    const { numbers } = store.endorsement ?? {};
    const identity = store.keys.identity.publicKey;

    expect(type('revoke-kiosk', 'trust-1', '--reason', 'stolen')).toMatch(
      /^trust-1 is revoked; its codes are void/,
    );
    await store.commit({ events: [help('b')] });
    open?.sync.wake();
    await expect.poll(() => store.endorsement, { timeout: 60_000 }).toBeNull();
    expect(store.numbersLeft()).toBe(0);
    const withdrawn = () =>
      said.filter((sentence) => sentence.includes('does not trust this kiosk any more'));
    await expect.poll(withdrawn, { timeout: 60_000 }).toHaveLength(1);
    // The code that it has is of no use any more, and it says so once.
    await expect.poll(() => said.at(-1), { timeout: 60_000 }).toMatch(/This code is not good for this kiosk/);
    expect(store.counts().waiting).toBe(1);
    await stop();

    const again = await start('trust-1', newCode('trust-1'));
    await expect.poll(() => again.counts().waiting, { timeout: 60_000 }).toBe(0);
    expect(again.keys.identity.publicKey).not.toBe(identity);
    expect(again.endorsement?.kioskNumber).toBe('0001');
    expect(again.endorsement?.numbers?.from).toBeGreaterThan(numbers?.to ?? 0);
    expect(backend.events('trust-1').map(({ body }) => body.screen)).toEqual(['a', 'b']);
    expect(backend.gaps('trust-1')).toEqual([]);
  });

  test('is given to a kiosk whose clock is wrong by years, either way', async () => {
    for (const [kiosk, years] of [
      ['trust-2', -30],
      ['trust-3', 30],
    ] as const) {
      const clock = { ...systemClock, now: () => systemClock.now() + years * 365 * 86_400_000 };
      const store = await start(kiosk, newCode(kiosk), { clock });
      await expect.poll(() => store.endorsement, { timeout: 60_000 }).not.toBeNull();
      await stop();
    }
  });

  test('is not asked of a stranger: another authority, told in words', async () => {
    const store = await start('trust-4', newCode('trust-4'), {
      authority: { pin: `sha256:${'0'.repeat(64)}` },
    });
    await expect
      .poll(() => open?.sync.status().lanes?.presence.reason, { timeout: 60_000 })
      .toMatch(/was not issued by the authority in kiosk\.yaml/);
    expect(store.endorsement).toBeNull();
  });
});
