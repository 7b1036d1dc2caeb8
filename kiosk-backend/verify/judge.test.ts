import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { keyIdOf, makeStatement, toBase64url, verificationCode } from '../contract/index.ts';
import { judgeScan, judgeTyped, type Ledger } from './judge.ts';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const now = new Date('2026-11-22T09:00:00Z');
const later = now.getTime() / 1000 + 86_400;

interface Signer {
  readonly spki: string;
  readonly keyId: string;
  sign(number: string, validUntil?: number): Promise<string>;
}

async function makeSigner(): Promise<Signer> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const spki = new Uint8Array(await crypto.subtle.exportKey('spki', keys.publicKey));
  const keyId = await keyIdOf(spki);
  return {
    spki: toBase64url(spki),
    keyId,
    sign: (number, validUntil = later) =>
      makeStatement(
        {
          type: 'residence-certificate',
          number,
          holder: '王**',
          issuer: '荷花社区',
          issuedAt: now.getTime() / 1000 - 60,
          validUntil,
          factsHash: new Uint8Array(16),
        },
        keyId,
        async (data) =>
          new Uint8Array(await crypto.subtle.sign(algorithm, keys.privateKey, new Uint8Array(data))),
      ),
  };
}

/** Kiosk `a` was given the numbers that begin with `A-`, kiosk `b` those with `B-`. */
const ledgerOf = (
  keys: Readonly<Record<string, Signer>>,
  reported: Readonly<Record<string, string>> = {},
  revoked: readonly string[] = [],
  distrustedSince: string | null = null,
): Ledger => ({
  certificate: async (number) => {
    const statement = reported[number];
    return statement === undefined ? null : { statement, reportedAt: '2026-11-22T08:30:00.000Z' };
  },
  documentKey: async (keyId) => {
    const found = Object.entries(keys).find(([, key]) => key.keyId === keyId);
    return found ? { kiosk: found[0], spki: found[1].spki, distrustedSince } : null;
  },
  wasGiven: async (number, kiosk) => number.startsWith(`${kiosk.toUpperCase()}-`),
  isRevoked: async (number) => revoked.includes(number),
});

describe('what a verdict says', () => {
  let a: Signer;
  let b: Signer;
  let stranger: Signer;
  beforeAll(async () => {
    [a, b, stranger] = await Promise.all([makeSigner(), makeSigner(), makeSigner()]);
  });
  const scan = async (token: string, ledger: Ledger) => (await judgeScan(token, ledger, now)).answer;

  test('of a scanned statement, case by case', async () => {
    const token = await a.sign('A-1');
    const reported = { 'A-1': token };
    const signers = { a, b };
    expect(await scan(token, ledgerOf(signers, reported))).toBe('genuine');
    expect(await scan(token, ledgerOf(signers))).toBe('genuine-not-reported');
    expect(await scan(token, ledgerOf(signers, reported, ['A-1']))).toBe('revoked');
    expect(await scan(token, ledgerOf(signers, {}, ['A-1']))).toBe('revoked');
    expect(await scan(await a.sign('A-2', 1), ledgerOf(signers))).toBe('expired');
    expect(await scan(await a.sign('A-2', 1), ledgerOf(signers, {}, ['A-2']))).toBe('revoked');
    // Another statement of the same number, by the same key, by another kiosk's, by a stranger's.
    expect(await scan(await a.sign('A-1', later + 1), ledgerOf(signers, reported))).toBe('altered');
    expect(await scan(await b.sign('A-1'), ledgerOf(signers, reported))).toBe('altered');
    expect(await scan(await stranger.sign('A-1'), ledgerOf(signers, reported))).toBe('altered');
    expect(await scan(await b.sign('A-1'), ledgerOf(signers))).toBe('unknown');
    expect(await scan(await stranger.sign('A-1'), ledgerOf(signers))).toBe('unknown');
    expect(await scan('hello', ledgerOf(signers))).toBe('not-ours');
    expect(await scan(await a.sign('A-2', 1e15), ledgerOf(signers))).toBe('not-ours');
  });

  test('of what a kiosk signed that is not trusted any more: only what was reported until then counts', async () => {
    const token = await a.sign('A-1');
    const since = (time: string, reported = {}) => ledgerOf({ a }, reported, [], time);
    const reported = { 'A-1': token };
    // Reported at half past eight, whatever time it claims to have been signed at.
    expect(await scan(token, since('2026-11-22T08:31:00.000Z', reported))).toBe('genuine');
    expect(await scan(token, since('2026-11-22T08:30:00.000Z', reported))).toBe('revoked');
    expect(await scan(token, since('2030-01-01T00:00:00.000Z'))).toBe('revoked');
    expect(await scan(await a.sign('B-1'), since('2026-11-22T08:31:00.000Z'))).toBe('unknown');
    const typed = (ledger: Ledger) =>
      verificationCode(token).then((code) => judgeTyped('A-1', code, ledger, now));
    expect((await typed(since('2026-11-22T08:31:00.000Z', reported))).answer).toBe('genuine');
    expect((await typed(since('2026-11-22T08:30:00.000Z', reported))).answer).toBe('revoked');
  });

  test('of the same words signed twice is one thing', async () => {
    const [first, second] = [await a.sign('A-1'), await a.sign('A-1')];
    expect(first).not.toBe(second);
    expect(await scan(second, ledgerOf({ a }, { 'A-1': first }))).toBe('genuine');
  });

  test('of a typed code, case by case', async () => {
    const token = await a.sign('A-1');
    const code = await verificationCode(token);
    const ledger = ledgerOf({ a }, { 'A-1': token });
    const typed = async (text: string, of = ledger) => (await judgeTyped('A-1', text, of, now)).answer;
    expect(await typed(code)).toBe('genuine');
    expect(await typed(`${code.slice(0, 4)} – ${code.slice(4).toLowerCase()}`)).toBe('genuine');
    expect(await typed('')).toBe('altered');
    expect(await typed(code.slice(1))).toBe('altered');
    expect(await typed(code, ledgerOf({ a }))).toBe('unknown');
    expect(await typed(code, ledgerOf({ a }, { 'A-1': token }, ['A-1']))).toBe('revoked');
    expect(await typed('00000000', ledgerOf({ a }, { 'A-1': token }, ['A-1']))).toBe('altered');
  });

  test('of a statement with any character changed is never good, unless it still says the same', async () => {
    const token = await a.sign('A-1');
    const ledgers = [ledgerOf({ a }), ledgerOf({ a }, { 'A-1': token })];
    const alphabet = [...'ABCXYZabcxyz0189-_'];
    await fc.assert(
      fc.asyncProperty(
        fc.nat(token.length - 1),
        fc.constantFrom(...alphabet),
        fc.constantFrom(...ledgers),
        async (at, character, ledger) => {
          fc.pre(token[at] !== character);
          const { answer, certificate } = await judgeScan(
            token.slice(0, at) + character + token.slice(at + 1),
            ledger,
            now,
          );
          if (certificate) expect(certificate).toMatchObject({ number: 'A-1', holder: '王**' });
          else expect(['altered', 'unknown', 'not-ours']).toContain(answer);
          // Only the unused bits of the last character may change without changing a byte.
          if (at < token.length - 1) expect(certificate).toBeNull();
        },
      ),
      { numRuns: 400 },
    );
  });

  test('of anything at all is an answer', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary' }),
        fc.base64String({ minLength: 80 }),
        async (text, base64) => {
          for (const scanned of [text, base64, base64.replace(/[+/=]/g, '_')]) {
            expect((await judgeScan(scanned, ledgerOf({ a }), now)).answer).toBe('not-ours');
          }
          expect((await judgeTyped(text, text, ledgerOf({ a }), now)).answer).toBe('unknown');
        },
      ),
    );
  });
});
