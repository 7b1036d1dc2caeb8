import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  carriedContent,
  type EventBody,
  eventsRequestSchema,
  fromBase64url,
  type KioskEvent,
  type SealingSuite,
  sealingKeyText,
  toBase64url,
} from '@huimin/backend/contract';
import {
  newSealingKeyPair,
  open as openSealed,
  type ParcelDisk,
  ParcelWriter,
  parcelDisk,
  parsedJson,
  readParcel,
  type SealingKeyPair,
  seal,
} from '@huimin/backend/contract/sealing';
import { systemClock } from '@huimin/drivers';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeTestAuthority, type TestAuthority } from '../documents/testing/authority.ts';
import { createKioskKeys } from '../keys.ts';
import { canary, endorsement, help, open, random } from '../store/fixtures/store.ts';
import type { Store } from '../store/index.ts';
import { answerKey } from './backend-keys.ts';
import { acknowledge, exportUnsent } from './index.ts';

const authority = await makeTestAuthority('kiosk-test');
const word = async (by: TestAuthority, text: string) => toBase64url(await by.rootKey.sign(Buffer.from(text)));

let folder: string;
let stick: string;
let store: Store;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'carry-'));
  stick = mkdtempSync(join(tmpdir(), 'stick-'));
  store = await open(folder, { createKeys: createKioskKeys });
});
afterEach(async () => {
  await store.close();
  for (const each of [folder, stick]) rmSync(each, { recursive: true, force: true });
});

/** Endorsed by a backend with such a key. */
async function endorse(suite: SealingSuite): Promise<SealingKeyPair> {
  const pair = await newSealingKeyPair(suite, random);
  const { privateKey: _, ...publicHalf } = pair;
  const signature = await word(authority, sealingKeyText(publicHalf));
  const { certificates } = authority;
  await store.endorse({
    ...endorsement,
    certificates: [...certificates],
    sealing: { ...publicHalf, signature },
  });
  return pair;
}

const issued = (name: string): EventBody => ({
  kind: 'certificate.issued',
  visit: '01890a5d-ac96-774b-bcce-b302099a8057',
  number: 'JZ-0001-000001',
  type: 'residence-certificate',
  holder: { name, idNumber: canary.idNumber },
  facts: { residence: canary.residence },
  issuedAt: '2026-11-22T09:00:00.000Z',
  validUntil: '2026-12-22T09:00:00.000Z',
  statement: 'A',
  verification: { by: 'none' },
  offline: true,
});

const carry = (disk: ParcelDisk = parcelDisk) =>
  exportUnsent({ store, folder: stick, clock: systemClock, random, disk });

const parcelIn = (bytes: Uint8Array) => readParcel((length, at) => bytes.subarray(at, at + length));

/** As the backend reads it: the signature first, then every piece. */
async function read(path: string, key: SealingKeyPair): Promise<readonly KioskEvent[]> {
  const parcel = parcelIn(readFileSync(path));
  if (!parcel.ok) throw new Error(parcel.error);
  const { head, tail, text, piece } = parcel.value;
  expect(isSigned(head.identityKey, text, tail.signature)).toBe(true);
  const all: KioskEvent[] = [];
  for (let index = 0; index < tail.pieces; index++) {
    const opened = await openSealed(piece(index) ?? Buffer.of(), key, { contentType: carriedContent.events });
    if (!opened.ok) throw new Error(opened.error);
    all.push(...(eventsRequestSchema.parse(parsedJson(opened.value)).events as KioskEvent[]));
  }
  expect(tail).toMatchObject({ count: all.length, first: all[0]?.sequence, last: all.at(-1)?.sequence });
  return all;
}

const isSigned = (identity: string, text: string, signature: string) => {
  const key = createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x: identity } });
  return verify(null, Buffer.from(text), key, fromBase64url(signature));
};

describe('everything unsent goes on a stick', () => {
  test.each(['aes', 'sm'] as const)('in its order, refused events too, sealed with %s', async (suite) => {
    const key = await endorse(suite);
    await store.commit({ events: Array.from({ length: 250 }, () => help) });
    const events = await store.unsent(250);
    await store.answered([
      { id: events[0]?.id ?? '', outcome: 'accepted' },
      { id: events[3]?.id ?? '', outcome: 'rejected', reason: 'test' },
    ]);
    const before = store.counts();
    const exported = await carry();
    expect(exported).toMatchObject({ ok: true, value: { count: 249, first: 2, last: 250 } });
    expect(readdirSync(stick)).toEqual(['huimin-kiosk-test-2-250.hmx']);
    expect(await read(join(stick, 'huimin-kiosk-test-2-250.hmx'), key)).toEqual(events.slice(1));
    // A stick that is lost loses nothing.
    expect(store.counts()).toEqual(before);
    expect(await store.unsent(1)).toEqual([events[1]]);
  });

  test('and names nobody to who finds it', async () => {
    await endorse('aes');
    await store.commit({ events: [issued(canary.name), issued('欧阳修远')] });
    await carry();
    const bytes = readFileSync(join(stick, 'huimin-kiosk-test-1-2.hmx'));
    for (const words of [canary.name, '欧阳修远', canary.idNumber, canary.residence, 'holder']) {
      for (const encoded of [Buffer.from(words), Buffer.from(words, 'utf16le')])
        expect(bytes.includes(encoded)).toBe(false);
      // Whatever stands before it, three shifts of base64 have one that shows its middle.
      for (const shift of [0, 1, 2]) {
        const middle = Buffer.from('  '.slice(0, shift) + words)
          .toString('base64url')
          .slice(4, -4);
        if (middle.length >= 12) expect(bytes.includes(middle)).toBe(false);
      }
    }
  });

  test('in pieces that stay small, however much an event holds', async () => {
    const key = await endorse('aes');
    const facts = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`fact-${i}`, '字'.repeat(500)]));
    const large = { ...issued(canary.name), facts } as EventBody;
    for (let i = 0; i < 24; i++) await store.commit({ events: [large] });
    await carry();
    const path = join(stick, 'huimin-kiosk-test-1-24.hmx');
    const parcel = parcelIn(readFileSync(path));
    if (!parcel.ok) throw new Error(parcel.error);
    const { piece, tail } = parcel.value;
    const lengths = Array.from({ length: tail.pieces }, (_, index) => piece(index)?.length ?? 0);
    expect(lengths.length).toBeGreaterThan(3);
    expect(Math.max(...lengths)).toBeLessThan(1.5 * 1024 * 1024);
    expect((await read(path, key)).map(({ sequence }) => sequence)).toEqual(
      Array.from({ length: 24 }, (_, i) => i + 1),
    );
  });

  test('or says in one sentence why not', async () => {
    const why = async () => {
      const exported = await carry();
      return exported.ok ? exported.value : exported.error;
    };
    expect(await why()).toMatch(/^this kiosk is not enrolled/);
    await store.endorse(endorsement);
    expect(await why()).toMatch(/^the backend has not told this kiosk yet what to seal for/);
    const { privateKey: _, ...publicHalf } = await newSealingKeyPair('aes', random);
    const signature = await word(await makeTestAuthority(), sealingKeyText(publicHalf));
    await store.endorse({ ...endorsement, sealing: { ...publicHalf, signature } });
    expect(await why()).toMatch(/^the key to seal for is not signed by the authority/);
    await endorse('aes');
    expect(await why()).toBeNull();
    expect(readdirSync(stick)).toEqual([]);
    await store.commit({ events: [help] });
    rmSync(stick, { recursive: true });
    expect(await why()).toBe(`there is no folder ${stick}`);
  });
});

/** A stick that fails with `code` at its `n`th operation, and at all that follow where it is gone. */
function failing(n: number, code: string, isGone: boolean): { disk: ParcelDisk; done: () => number } {
  let done = 0;
  const step = <T>(operation: () => T): T => {
    done += 1;
    if (isGone ? done >= n : done === n) throw Object.assign(new Error(code), { code, syscall: 'test' });
    return operation();
  };
  const disk: ParcelDisk = {
    create: (path) => {
      const file = step(() => parcelDisk.create(path));
      return {
        write: (bytes) => step(() => file.write(bytes)),
        sync: () => step(file.sync),
        close: file.close,
      };
    },
    open: (path) => {
      const file = step(() => parcelDisk.open(path));
      return { read: (length, at) => step(() => file.read(length, at)), close: file.close };
    },
    rename: (from, to) => step(() => parcelDisk.rename(from, to)),
    remove: (path) => step(() => parcelDisk.remove(path)),
    syncFolder: (path) => step(() => parcelDisk.syncFolder(path)),
  };
  return { disk, done: () => done };
}

describe('a stick that fails', () => {
  test('at whatever step loses nothing, and no half file is mistaken for a whole one', async () => {
    const key = await endorse('aes');
    await store.commit({ events: Array.from({ length: 120 }, () => help) });
    const events = await store.unsent(200);
    const whole = failing(Number.POSITIVE_INFINITY, '', true);
    await carry(whole.disk);
    const steps = whole.done();
    expect(steps).toBeGreaterThan(15);
    for (const name of readdirSync(stick)) rmSync(join(stick, name));
    for (const [code, isGone, sentence, upTo] of [
      ['EIO', true, /as when a stick is pulled out$/, steps],
      ['ENOSPC', false, /^there is not enough room in/, 5],
      ['EROFS', false, /write-protected$/, 2],
    ] as const) {
      for (let n = 1; n <= upTo; n++) {
        const exported = await carry(failing(n, code, isGone).disk);
        expect(!exported.ok && exported.error).toMatch(sentence);
        expect(!exported.ok && exported.error).not.toContain('\n');
        for (const name of readdirSync(stick)) {
          // Whatever has the name of a whole file is one: the last steps come after it was read back.
          if (name.endsWith('.hmx')) expect(await read(join(stick, name), key)).toEqual(events);
          else expect(name).toBe('huimin-kiosk-test.unfinished');
          rmSync(join(stick, name));
        }
        expect(store.counts()).toEqual({ waiting: 120, rejected: 0 });
      }
    }
    // What an earlier attempt left behind is in nobody's way.
    await carry(failing(5, 'EIO', true).disk);
    expect(readdirSync(stick)).toEqual(['huimin-kiosk-test.unfinished']);
    expect(await carry()).toMatchObject({ ok: true, value: { count: 120 } });
    expect(readdirSync(stick)).toEqual(['huimin-kiosk-test-1-120.hmx']);
  });

  test('is not blamed for what fails elsewhere', async () => {
    await endorse('aes');
    await store.commit({ events: Array.from({ length: 120 }, () => help) });
    let pages = 0;
    const untaken: Store['untaken'] = async (after, limit) => {
      pages += 1;
      if (pages > 1) throw Object.assign(new Error('the disk of the kiosk'), { code: 'EIO' });
      return store.untaken(after, limit);
    };
    const { keys, tip } = store;
    await expect(
      exportUnsent({
        store: { endorsement: store.endorsement, keys, tip, untaken },
        folder: stick,
        clock: systemClock,
        random,
      }),
    ).rejects.toThrow('the disk of the kiosk');
    expect(readdirSync(stick)).toEqual([]);
  });

  test('and reads back something else is not trusted', async () => {
    await endorse('aes');
    await store.commit({ events: [help] });
    const forgetful: ParcelDisk = {
      ...parcelDisk,
      create: (path) => {
        const file = parcelDisk.create(path);
        let written = 0;
        return {
          ...file,
          write: (bytes) => {
            written += 1;
            file.write(written === 2 ? bytes.map((byte) => byte & 0x7f & ~1) : bytes);
          },
        };
      },
    };
    const exported = await carry(forgetful);
    expect(!exported.ok && exported.error).toMatch(/reads back wrong: it is damaged$|reads back wrong/);
    expect(readdirSync(stick)).toEqual([]);
  });

  test('a file that was cut or changed anywhere is refused, or its signature does not fit', async () => {
    await endorse('aes');
    await store.commit({ events: [help] });
    await carry();
    const bytes = readFileSync(join(stick, 'huimin-kiosk-test-1-1.hmx'));
    for (let length = 0; length < bytes.length; length++)
      expect(parcelIn(bytes.subarray(0, length)).ok).toBe(false);
    const { publicKey } = store.keys.identity;
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const changed = bytes.map((byte, i) => (i === at ? byte ^ by : byte));
        const parcel = parcelIn(changed);
        if (!parcel.ok) return;
        const { tail, text } = parcel.value;
        expect(isSigned(publicKey, text, tail.signature)).toBe(false);
      }),
      { numRuns: 800 },
    );
  });
});

describe('answers that are carried back', () => {
  const answersFile = async (
    change: {
      by?: TestAuthority;
      identityKey?: string;
      export?: string;
      kind?: 'answers';
      key?: SealingKeyPair;
    } = {},
  ): Promise<string> => {
    const events = await store.unsent(10);
    const id = change.export ?? toBase64url(random(16));
    const key = change.key ?? (await answerKey(store.keys.identity.pkcs8, id, 'sm'));
    const chunks: Uint8Array[] = [];
    const parcel = await ParcelWriter.begin(
      {
        kind: 'answers',
        kiosk: 'kiosk-test',
        export: id,
        time: '2026-11-22T10:00:00.000Z',
        suite: 'sm',
        keyId: key.keyId,
        identityKey: change.identityKey ?? store.keys.identity.publicKey,
      },
      async (bytes) => void chunks.push(bytes),
    );
    const results = events.map(({ id }, i) => ({
      id,
      outcome: i === 1 ? 'rejected' : 'accepted',
      reason: 'test',
    }));
    const body = Buffer.from(JSON.stringify({ results, serverTime: '2026-11-22T10:00:00.000Z' }));
    await parcel.piece(await seal(body, key, { contentType: carriedContent.answers, random }));
    await parcel.end({ count: events.length, first: 1, last: 3 }, (text) =>
      word(change.by ?? authority, text),
    );
    const path = join(stick, 'x.ack.hmx');
    writeFileSync(path, Buffer.concat(chunks));
    return path;
  };

  test('count as those from the network do, once', async () => {
    await endorse('sm');
    await store.commit({ events: [help, help, help] });
    const path = await answersFile();
    expect(await acknowledge({ store, path })).toEqual({ ok: true, value: { taken: 2, rejected: 1 } });
    expect(store.counts()).toEqual({ waiting: 0, rejected: 1 });
    expect(await acknowledge({ store, path })).toEqual({ ok: true, value: { taken: 2, rejected: 1 } });
    expect(store.counts()).toEqual({ waiting: 0, rejected: 1 });
  });

  test('change nothing when they are of somebody else', async () => {
    await endorse('sm');
    await store.commit({ events: [help, help] });
    const why = async (path: string) => {
      const taken = await acknowledge({ store, path });
      return taken.ok ? 'taken' : taken.error.replace(`${path} cannot be taken: `, '');
    };
    expect(await why(await answersFile({ by: await makeTestAuthority() }))).toBe(
      'it is not signed by the authority of this kiosk',
    );
    const other = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }).x;
    expect(await why(await answersFile({ identityKey: String(other) }))).toBe('it answers another kiosk');
    const key = await newSealingKeyPair('sm', random);
    expect(await why(await answersFile({ key }))).toBe(`it is sealed for the key ${key.keyId}`);
    const path = await answersFile();
    writeFileSync(path, readFileSync(path).subarray(0, -1));
    expect(await why(path)).toBe('it was not finished');
    await carry();
    expect(await why(join(stick, 'huimin-kiosk-test-1-2.hmx'))).toBe(
      'it holds events for the backend, and no answers',
    );
    expect(await why(join(stick, 'none'))).toBe(`${join(stick, 'none')} cannot be read (ENOENT)`);
    expect(await why(stick)).toBe(`${stick} cannot be read (EISDIR)`);
    expect(store.counts()).toEqual({ waiting: 2, rejected: 0 });
  });
});
