import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { aesWrap } from './fixtures/aes-wrap.ts';
import { help, open, random } from './fixtures/store.ts';
import { CREDENTIAL, credentialKeyHolder, keyFileHolder, wrappedKeyHolder } from './index.ts';
import { OLD_CREDENTIAL } from './key.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'key-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const path = (): string => join(folder, 'kiosk.key');

test('a key file is made once, for its owner only, and is the same ever after', async () => {
  const holder = keyFileHolder(path(), random);
  const first = await holder.load();
  expect(await keyFileHolder(path(), random).load()).toEqual(first);
  expect(statSync(path()).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toEqual(['kiosk.key']);
});

test('a damaged key file is not replaced by another key', async () => {
  writeFileSync(path(), 'short');
  expect(await keyFileHolder(path(), random).load()).toEqual({
    ok: false,
    error: expect.stringContaining('is damaged (5 bytes)'),
  });
  expect(readFileSync(path(), 'utf8')).toBe('short');
});

test('a key is renewed beside the old one, which goes when nothing needs it any more', async () => {
  const holder = keyFileHolder(path(), random);
  const before = await holder.load();
  await holder.renew();
  const between = await holder.load();
  await holder.renew();
  expect(await holder.load()).toEqual(between);
  if (!before.ok || !between.ok) throw new Error('not loaded');
  expect(between.value.others).toEqual([before.value.current]);
  await holder.retire();
  await holder.retire();
  expect(await holder.load()).toEqual({ ok: true, value: { current: between.value.current, others: [] } });
});

test('a wrapped key is nowhere on the disk, opens with its secret only, and can be changed', async () => {
  const secret = random(32);
  const holder = wrappedKeyHolder({ name: 'keyring', path: path(), random, ...aesWrap(secret) });
  const said: string[] = [];
  const store = await open(folder, { keyHolder: holder, onNotice: (sentence) => said.push(sentence) });
  await store.commit({ events: [help] });
  expect(await store.rotateKey()).toEqual({ ok: true, value: undefined });
  await store.close();
  expect(said).toEqual([]);
  const loaded = await holder.load();
  if (!loaded.ok) throw new Error(loaded.error);
  for (const name of readdirSync(folder))
    expect(readFileSync(join(folder, name)).includes(Buffer.from(loaded.value.current))).toBe(false);
  const stolen = wrappedKeyHolder({ name: 'keyring', path: path(), random, ...aesWrap(random(32)) });
  await expect(open(folder, { keyHolder: stolen })).rejects.toThrow(/the keyring .* cannot be used/);
  const again = await open(folder, { keyHolder: holder });
  expect((await again.unsent(10)).length).toBe(1);
  await again.close();
});

test('a systemd credential is changed by the operator, with the old one beside it for one start', async () => {
  const credentials = join(folder, 'credentials');
  const data = join(folder, 'data');
  mkdirSync(credentials);
  mkdirSync(data);
  const keyHolder = credentialKeyHolder(credentials);
  await expect(open(data, { keyHolder })).rejects.toThrow(/there is no systemd credential/);
  const [one, two] = [random(32), random(32)];
  writeFileSync(join(credentials, CREDENTIAL), one);
  const first = await open(data, { keyHolder });
  await first.commit({ events: [help] });
  expect((await first.rotateKey()).ok).toBe(false);
  expect((await first.commit({ events: [help] })).ok).toBe(true);
  await first.close();
  writeFileSync(join(credentials, CREDENTIAL), two);
  await expect(open(data, { keyHolder })).rejects.toThrow(/the key does not open/);
  writeFileSync(join(credentials, OLD_CREDENTIAL), one);
  await (await open(data, { keyHolder })).close();
  rmSync(join(credentials, OLD_CREDENTIAL));
  const last = await open(data, { keyHolder });
  expect((await last.unsent(10)).length).toBe(2);
  await last.close();
});
