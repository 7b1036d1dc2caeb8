import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bestKeyHolder, type Keyring } from './best-key.ts';
import { aesWrap } from './fixtures/aes-wrap.ts';
import { canary, deliver, help, open as openIn, random } from './fixtures/store.ts';
import { CREDENTIAL, type KeyHolder } from './index.ts';

let folder: string;
let credentials: string;
let said: string[];
beforeEach(() => {
  const base = mkdtempSync(join(tmpdir(), 'best-key-'));
  folder = join(base, 'data');
  credentials = join(base, 'credentials');
  mkdirSync(credentials);
  said = [];
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true, force: true }));

const keyringWith = (secret: Uint8Array): Keyring => ({ name: 'keyring test', ...aesWrap(secret) });
const holder = (keyring: Keyring | null = null): KeyHolder =>
  bestKeyHolder({ folder, random, credentials, keyring: async () => keyring });
const open = (keyHolder: KeyHolder) =>
  openIn(folder, { keyHolder, onNotice: (sentence) => said.push(sentence) });
const keyFiles = (): string[] => readdirSync(folder).filter((name) => name.startsWith('kiosk.key'));

/** A kiosk that has been at work with this holder. */
async function begun(keyHolder: KeyHolder): Promise<void> {
  const store = await open(keyHolder);
  await deliver(store, { asOf: new Date().toISOString() });
  await store.commit({ events: [help] });
  await store.close();
  said = [];
}
async function isAllThere(keyHolder: KeyHolder): Promise<void> {
  const store = await open(keyHolder);
  expect((await store.unsent(10)).length).toBe(1);
  expect((await store.residentFor(canary))?.resident).toEqual(canary);
  await store.close();
}

test('without anything better there is a key file, and one sentence that warns of it', async () => {
  const store = await open(holder());
  await store.close();
  expect(keyFiles()).toEqual(['kiosk.key']);
  expect(said).toEqual([
    expect.stringMatching(/^the master key lies in the file .*kiosk\.key: whoever can read/),
  ]);
});

test('a key file gives way to a keyring: all is sealed anew, then the key that lay open is destroyed', async () => {
  await begun(holder());
  const plain = readFileSync(join(folder, 'kiosk.key'));
  const keyring = keyringWith(random(32));
  await isAllThere(holder(keyring));
  expect(said).toEqual([]);
  expect(keyFiles()).toEqual(['kiosk.key.wrapped']);
  for (const name of readdirSync(folder))
    expect(readFileSync(join(folder, name)).includes(plain), name).toBe(false);
  await isAllThere(holder(keyring));
  // The old key, kept by somebody, opens nothing any more.
  rmSync(join(folder, 'kiosk.key.wrapped'));
  writeFileSync(join(folder, 'kiosk.key'), plain);
  await expect(open(holder())).rejects.toThrow(/the key does not open/);
});

test('and to a systemd credential; so does a keyring', async () => {
  await begun(holder());
  const keyring = keyringWith(random(32));
  await isAllThere(holder(keyring));
  const key = random(32);
  writeFileSync(join(credentials, CREDENTIAL), key, { mode: 0o400 });
  await isAllThere(holder(keyring));
  expect([said, keyFiles()]).toEqual([[], []]);
  await isAllThere(holder());
  // The folder itself holds nothing that opens it.
  rmSync(join(credentials, CREDENTIAL));
  await expect(open(holder())).rejects.toThrow(/there is a journal in .* and no master key/);
  await expect(open(holder(keyring))).rejects.toThrow(/none is made over what is there/);
  expect(keyFiles()).toEqual([]);
});

test('a move that is interrupted before the journal is sealed anew loses nothing', async () => {
  await begun(holder());
  const keyring = keyringWith(random(32));
  expect((await holder(keyring).load()).ok).toBe(true);
  expect(keyFiles()).toEqual(['kiosk.key', 'kiosk.key.wrapped']);
  // Whether the keyring is there the next time, or is not.
  await isAllThere(holder());
  expect(said).toEqual([
    expect.stringMatching(/the keyring that hides it is not here.*; the master key lies in/),
  ]);
  expect(keyFiles()).toEqual(['kiosk.key', 'kiosk.key.wrapped']);
  await isAllThere(holder(keyring));
  expect(keyFiles()).toEqual(['kiosk.key.wrapped']);
});

test('a keyring that refuses keeps a kiosk with its key file, and says why', async () => {
  await begun(holder());
  const refusing: Keyring = {
    name: 'keyring test',
    wrap: async () => {
      throw new Error('locked');
    },
    unwrap: async () => {
      throw new Error('locked');
    },
  };
  await isAllThere(holder(refusing));
  expect(said).toEqual([
    expect.stringMatching(/^the keyring test .* cannot be used: locked; the master key lies in/),
  ]);
  expect(keyFiles()).toEqual(['kiosk.key']);
});

test('a keyring that is gone, or is another one, is said in one line, and no key is made', async () => {
  await begun(holder(keyringWith(random(32))));
  const before = keyFiles().map((name) => [
    name,
    readFileSync(join(folder, name)),
    statSync(join(folder, name)).ino,
  ]);
  await expect(open(holder())).rejects.toThrow(
    /^the keyring .*kiosk\.key\.wrapped cannot be used: the keyring that hides it is not here; start the kiosk/,
  );
  await expect(open(holder(keyringWith(random(32))))).rejects.toThrow(
    /^the keyring test .* cannot be used: [^\n]+$/,
  );
  expect(
    keyFiles().map((name) => [name, readFileSync(join(folder, name)), statSync(join(folder, name)).ino]),
  ).toEqual(before);
});

test('a damaged key file is neither replaced by a keyring nor by another file', async () => {
  await begun(holder());
  writeFileSync(join(folder, 'kiosk.key'), 'short');
  await expect(open(holder())).rejects.toThrow(/is damaged \(5 bytes\)/);
  await expect(open(holder(keyringWith(random(32))))).rejects.toThrow(/is damaged \(5 bytes\)/);
  expect(keyFiles()).toEqual(['kiosk.key']);
});
