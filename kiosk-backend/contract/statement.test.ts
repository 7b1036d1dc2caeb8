import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  fromBase64url,
  keyIdOf,
  makeStatement,
  maskName,
  normaliseCode,
  readStatement,
  type StatementClaims,
  statementAddress,
  statementFromScan,
  toBase64url,
  verificationCode,
  verifyStatement,
} from './index.ts';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const claimsArbitrary: fc.Arbitrary<StatementClaims> = fc.record({
  type: fc.string({ maxLength: 64 }),
  number: fc.string({ maxLength: 40 }),
  holder: fc.string({ unit: 'grapheme', maxLength: 20 }),
  issuer: fc.string({ unit: 'grapheme', maxLength: 20 }),
  issuedAt: fc.integer({ min: 0, max: 4_102_444_800 }),
  validUntil: fc.integer({ min: 0, max: 4_102_444_800 }),
  factsHash: fc.uint8Array({ minLength: 16, maxLength: 16 }),
});

describe('a statement', () => {
  let spki: Uint8Array;
  let make: (claims: StatementClaims) => Promise<string>;
  beforeAll(async () => {
    const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
    spki = new Uint8Array(await crypto.subtle.exportKey('spki', keys.publicKey));
    const keyId = await keyIdOf(spki);
    make = (claims) =>
      makeStatement(
        claims,
        keyId,
        async (data) =>
          new Uint8Array(await crypto.subtle.sign(algorithm, keys.privateKey, new Uint8Array(data))),
      );
  });

  test('says what was signed, and verifies', async () => {
    await fc.assert(
      fc.asyncProperty(claimsArbitrary, async (claims) => {
        const token = await make(claims);
        const statement = readStatement(token);
        expect(statement?.claims).toEqual(claims);
        expect(statement?.keyId).toBe(await keyIdOf(spki));
        expect(statement && (await verifyStatement(statement, spki))).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  test('with any byte changed, added or left out never verifies as something else, and never throws', async () => {
    const token = await make({
      type: 'residence-certificate',
      number: 'JZ-0001-000123',
      holder: '王**',
      issuer: '荷花社区',
      issuedAt: 1_795_334_400,
      validUntil: 1_797_926_400,
      factsHash: new Uint8Array(16).fill(7),
    });
    const good = readStatement(token);
    const bytes = fromBase64url(token);
    const mutated = fc.oneof(
      fc
        .tuple(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }))
        .map(([at, change]) => bytes.map((byte, i) => (i === at ? byte ^ change : byte))),
      fc
        .tuple(fc.nat(bytes.length), fc.uint8Array({ minLength: 1, maxLength: 8 }))
        .map(([at, added]) => new Uint8Array([...bytes.slice(0, at), ...added, ...bytes.slice(at)])),
      fc.nat(bytes.length - 1).map((at) => bytes.filter((_, i) => i !== at)),
      fc.nat(bytes.length - 1).map((length) => bytes.slice(0, length)),
    );
    await fc.assert(
      fc.asyncProperty(mutated, async (data) => {
        const statement = readStatement(toBase64url(data));
        if (statement === null || !(await verifyStatement(statement, spki))) return;
        expect(statement.claims).toEqual(good?.claims);
        expect(statement.signed).toEqual(good?.signed);
      }),
      { numRuns: 2000 },
    );
  });

  test('is not read from anything else', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.uint8Array().map(toBase64url)), (text) => {
        expect(readStatement(text)).toBeNull();
      }),
    );
  });

  test('has one spelling: no other last character reads the same', async () => {
    const claims = {
      type: 't',
      number: 'JZ-0001-000001',
      holder: '王*',
      issuer: 'i',
      issuedAt: 0,
      validUntil: 0,
    };
    const alphabet = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'];
    for (let length = 14; length <= 16; length++) {
      const token = await make({ ...claims, factsHash: new Uint8Array(length) });
      const good = readStatement(token);
      for (const last of alphabet) {
        const other = readStatement(token.slice(0, -1) + last);
        if (`${token.slice(0, -1)}${last}` === token) expect(other).toEqual(good);
        else expect(other).not.toEqual(good);
      }
    }
  });

  test('is found in a scanned address, or bare, and in nothing else', async () => {
    const token = await make({
      type: 't',
      number: 'JZ-0001-000001',
      holder: '王*',
      issuer: 'i',
      issuedAt: 0,
      validUntil: 0,
      factsHash: new Uint8Array(16),
    });
    expect(statementFromScan(statementAddress('http://127.0.0.1:8700/verify', token))).toBe(token);
    expect(statementFromScan(` ${token}\n`)).toBe(token);
    expect(statementFromScan(`https://example.org/other#${token}`)).toBeNull();
    expect(statementFromScan('https://example.org/verify#')).toBeNull();
  });
});

describe('the code beneath it', () => {
  test('is eight characters that survive being typed carelessly', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), async (token) => {
        const code = await verificationCode(token);
        expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{8}$/);
        const careless = ` ${code.slice(0, 4)}-${code.slice(4)} `
          .toLowerCase()
          .replaceAll('0', 'o')
          .replaceAll('1', 'l');
        expect(normaliseCode(careless)).toBe(code);
      }),
    );
  });
});

test('a masked name keeps its first character, however it is encoded', () => {
  expect(maskName('王桂兰')).toBe('王**');
  expect(maskName('𬀩一')).toBe('𬀩*');
  expect(maskName('')).toBe('');
});
