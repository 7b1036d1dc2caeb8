import { execFileSync, spawnSync } from 'node:child_process';
import {
  createDecipheriv,
  createECDH,
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  randomBytes,
} from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { sm2, sm3 } from 'sm-crypto-v2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newSealingKeyPair, open, type SealingKeyPair, seal } from './index.ts';
import { sm2Encrypt, sm4Seal } from './sm.ts';

const random = (bytes: number): Uint8Array => new Uint8Array(randomBytes(bytes));
/** The same bytes at each run. */
const seeded = (seed: string) => {
  let drawn = 0;
  return (bytes: number) => {
    drawn += 1;
    return new Uint8Array(createHash('sha512').update(`${seed} ${drawn}`).digest().subarray(0, bytes));
  };
};
const contentType = 'application/json';
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8');
const suites = ['aes', 'sm'] as const;

describe.each(suites)('the suite %s', (suite) => {
  let pair: SealingKeyPair;
  beforeAll(async () => {
    pair = await newSealingKeyPair(suite, random);
  });

  test('opens what it sealed, and shows nothing of it', { timeout: 90_000 }, async () => {
    const { privateKey: _, ...recipient } = pair;
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 3000 }), async (plaintext) => {
        const sealed = await seal(plaintext, recipient, { contentType, random });
        expect(await open(sealed, pair, { contentType })).toEqual({ ok: true, value: plaintext });
        if (plaintext.length > 8) expect(Buffer.from(sealed).includes(Buffer.from(plaintext))).toBe(false);
      }),
      { numRuns: 20 },
    );
  });

  test('seals the same differently each time, and the same way with the same random bytes', async () => {
    const words = Buffer.from('王桂兰');
    const sealed = await Promise.all(
      ['a', 'a', 'b'].map((seed) => seal(words, pair, { contentType, random: seeded(seed) })),
    );
    expect(sealed[0]).toEqual(sealed[1]);
    expect(sealed[0]).not.toEqual(sealed[2]);
    const pairs = await Promise.all(['a', 'a', 'b'].map((seed) => newSealingKeyPair(suite, seeded(seed))));
    expect(pairs[0]).toEqual(pairs[1]);
    expect(pairs[0]?.publicKey).not.toBe(pairs[2]?.publicKey);
  });

  test('of which any byte was changed, added or taken away, is refused in words', {
    timeout: 90_000,
  }, async () => {
    const sealed = await seal(Buffer.from('{"events":[]}'), pair, { contentType, random });
    const change = fc.oneof(
      fc
        .tuple(fc.nat(sealed.length - 1), fc.integer({ min: 1, max: 255 }))
        .map(([at, by]) => sealed.map((byte, i) => (i === at ? byte ^ by : byte))),
      fc
        .tuple(fc.nat(sealed.length), fc.uint8Array({ minLength: 1, maxLength: 4 }))
        .map(([at, added]) => new Uint8Array([...sealed.slice(0, at), ...added, ...sealed.slice(at)])),
      fc.nat(sealed.length - 1).map((at) => sealed.filter((_, i) => i !== at)),
      fc.nat(sealed.length - 1).map((length) => sealed.slice(0, length)),
    );
    await fc.assert(
      fc.asyncProperty(change, async (changed) => {
        const opened = await open(changed, pair, { contentType });
        expect(!opened.ok && opened.error).toMatch(/^it (is|was) [a-z ]+/);
      }),
      { numRuns: suite === 'aes' ? 2000 : 150 },
    );
    // The last characters of each part, where a lenient reader ignores bits.
    for (const [at, byte] of sealed.entries()) {
      if (sealed[at + 1] !== 0x2e && at !== sealed.length - 1) continue;
      for (const other of Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_')) {
        if (other === byte) continue;
        const changed = sealed.map((old, i) => (i === at ? other : old));
        expect((await open(changed, pair, { contentType })).ok).toBe(false);
      }
    }
  });

  test('is not opened by another key, in another suite, or as something else', async () => {
    const sealed = await seal(Buffer.from('x'), pair, { contentType, random });
    const other = await newSealingKeyPair(suite, random);
    const said = async (key: SealingKeyPair, type = contentType) => {
      const opened = await open(sealed, key, { contentType: type });
      return opened.ok ? 'opened' : opened.error;
    };
    expect(await said(other)).toBe(`it is sealed for the key ${pair.keyId}`);
    expect(await said({ ...other, keyId: pair.keyId })).toBe('it was changed after it was sealed');
    expect(await said({ ...pair, suite: suite === 'aes' ? 'sm' : 'aes' })).toMatch(
      /^it is sealed for the key/,
    );
    expect(await said(pair, 'text/plain')).toBe('it is sealed as something else');
  });
});

test('what is sealed with aes opens by RFC 7516 and RFC 7518 without any library', async () => {
  const pair = await newSealingKeyPair('aes', random);
  const plaintext = Buffer.from('沁园春');
  const [header = '', , iv = '', ciphertext = '', tag = ''] = text(
    await seal(plaintext, pair, { contentType, random }),
  ).split('.');
  const { alg, enc, kid, cty, epk } = JSON.parse(Buffer.from(header, 'base64url').toString());
  expect({ alg, enc, kid, cty }).toEqual({
    alg: 'ECDH-ES',
    enc: 'A256GCM',
    kid: pair.keyId,
    cty: contentType,
  });
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(pair.privateKey, 'base64url');
  const shared = ecdh.computeSecret(
    Buffer.concat([Buffer.of(4), Buffer.from(epk.x, 'base64url'), Buffer.from(epk.y, 'base64url')]),
  );
  // Concat KDF: round 1, Z, AlgorithmID with its length, two empty parties, 256 bits.
  const number = (value: number) => Buffer.of(0, 0, value >> 8, value & 255);
  const name = Buffer.from('A256GCM');
  const info = [number(1), shared, number(name.length), name, number(0), number(0), number(256)];
  const key = createHash('sha256').update(Buffer.concat(info)).digest();
  const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(iv, 'base64url'));
  decipher.setAAD(Buffer.from(header)).setAuthTag(Buffer.from(tag, 'base64url'));
  const opened = Buffer.concat([decipher.update(ciphertext, 'base64url'), decipher.final()]);
  expect(opened).toEqual(plaintext);
  // And the key pair is one that Node knows: two ways to the same secret.
  const jwk = { kty: 'EC', crv: 'P-256', ...coordinates(Buffer.from(pair.publicKey, 'base64url')) };
  const own = createPrivateKey({ format: 'jwk', key: { ...jwk, d: pair.privateKey } });
  const theirs = createPublicKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', x: epk.x, y: epk.y } });
  expect(diffieHellman({ privateKey: own, publicKey: theirs })).toEqual(shared);
});

const coordinates = (point: Buffer) => ({
  x: point.subarray(1, 33).toString('base64url'),
  y: point.subarray(33).toString('base64url'),
});

test('SM4-GCM gives what RFC 8998 A.1 gives', () => {
  const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));
  const plaintext = ['aa', 'bb', 'cc', 'dd', 'ee', 'ff', 'ee', 'aa'].map((pair) => pair.repeat(8)).join('');
  const { output, tag } = sm4Seal(
    bytes(plaintext),
    bytes('0123456789abcdeffedcba9876543210'),
    bytes('00001234567800000000abcd'),
    bytes('feedfacedeadbeeffeedfacedeadbeefabaddad2'),
  );
  expect(Buffer.from(output).toString('hex')).toBe(
    '17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735' +
      'd82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d',
  );
  expect(Buffer.from(tag).toString('hex')).toBe('83de3541e4c2b58177e065a9bf7b62ec');
});

const ciphers = spawnSync('openssl', ['list', '-cipher-algorithms'], { encoding: 'utf8' });
const absent =
  ciphers.status !== 0 ? 'no openssl' : /SM4-CTR/i.test(ciphers.stdout) ? null : 'openssl has no SM';
describe.skipIf(absent !== null)(`beside openssl${absent ? ` (left out here: ${absent})` : ''}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'huimin-sm-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const openssl = (args: string[], input: Uint8Array) => execFileSync('openssl', args, { input });

  test('SM3 is SM3, and SM4-GCM counts as SM4-CTR does, from 2 on (NIST SP 800-38D §7.1)', () => {
    const data = random(1000);
    expect(openssl(['dgst', '-sm3', '-binary'], data).toString('hex')).toBe(sm3(data));
    const [key, iv] = [random(16), random(12)];
    const { output } = sm4Seal(data, key, iv, new Uint8Array());
    const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
    const counted = openssl(['enc', '-sm4-ctr', '-K', hex(key), '-iv', `${hex(iv)}00000002`], data);
    expect(hex(output)).toBe(hex(counted));
  });

  test('SM2: each opens what the other sealed', { timeout: 90_000 }, async () => {
    const pair = await newSealingKeyPair('sm', random);
    const point = Buffer.from(pair.publicKey, 'base64url');
    const scalar = Buffer.from(pair.privateKey, 'base64url');
    // SEC 1 C.4 with the curve of GB/T 32918.5, 1.2.156.10197.1.301; the public key as openssl derives it.
    const curve = Buffer.from('06082a811ccf5501822d', 'hex');
    const sec1 = der(
      0x30,
      der(2, Buffer.of(1)),
      der(4, scalar),
      der(0xa0, curve),
      der(0xa1, der(3, Buffer.of(0), point)),
    );
    const pem = join(folder, 'sm2.pem');
    const lines = sec1.toString('base64').replace(/(.{64})/g, '$1\n');
    writeFileSync(pem, `-----BEGIN EC PRIVATE KEY-----\n${lines}\n-----END EC PRIVATE KEY-----\n`);
    const derived = execFileSync('openssl', ['pkey', '-in', pem, '-pubout', '-outform', 'DER']);
    expect(derived.subarray(-65)).toEqual(point);

    for (const secret of Array.from({ length: 8 }, () => random(16))) {
      const raw = Buffer.from(sm2Encrypt(secret, point, random));
      const sealed = der(
        0x30,
        integer(raw.subarray(0, 32)),
        integer(raw.subarray(32, 64)),
        der(4, raw.subarray(64, 96)),
        der(4, raw.subarray(96)),
      );
      expect(openssl(['pkeyutl', '-decrypt', '-inkey', pem], sealed)).toEqual(Buffer.from(secret));
    }
    const theirs = openssl(['pkeyutl', '-encrypt', '-inkey', pem], Buffer.from('SM4 key material'));
    const opened = sm2.doDecrypt(theirs.toString('hex'), scalar.toString('hex'), 1, {
      asn1: true,
      output: 'array',
    });
    expect(text(opened)).toBe('SM4 key material');
  });
});

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const length = content.length < 128 ? [content.length] : [0x81, content.length];
  return Buffer.concat([Buffer.of(tag, ...length), content]);
}

/** A positive INTEGER: no zeros in front but the one that keeps it positive. */
function integer(bytes: Buffer): Buffer {
  const short = bytes.subarray(
    Math.max(
      0,
      bytes.findIndex((byte) => byte !== 0),
    ),
  );
  return der(2, (short[0] ?? 0) >= 128 ? Buffer.of(0) : Buffer.of(), short);
}
