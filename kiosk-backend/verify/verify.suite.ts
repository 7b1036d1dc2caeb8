import { describe, expect, test } from 'vitest';
import {
  statementAddress,
  type VerifyResponse,
  verificationCode,
  verifyResponseSchema,
} from '../contract/index.ts';
import { revokeKiosk } from '../fleet/index.ts';
import { type Bench, post, TestKiosk } from '../testing/index.ts';
import { revoke } from './index.ts';

const now = new Date('2026-11-22T09:00:00.000Z');

/** What anyone may ask about a certificate, over HTTP. Every answer's rules are in `judge.test.ts`. */
export function verifySuite(bench: Bench): void {
  const ask = async (body: unknown): Promise<VerifyResponse> =>
    verifyResponseSchema.parse((await post(bench.url, '/api/verify', body)).json);

  async function issue(id: string, serial = 1) {
    const kiosk = await TestKiosk.enrolled(bench.url, id);
    const number = kiosk.number(serial);
    const statement = await kiosk.statement(number);
    const report = () => kiosk.sendEvents([kiosk.event(kiosk.issued(number, statement))]);
    return { kiosk, number, statement, code: await verificationCode(statement), report };
  }

  describe('a certificate', () => {
    test('is genuine before its kiosk has reported it, and after', async () => {
      const { number, statement, report } = await issue('verify-1');
      expect(await ask({ statement })).toMatchObject({ answer: 'genuine-not-reported' });
      await report();
      const certificate = {
        type: 'residence-certificate',
        number,
        holder: '王**',
        issuer: '荷花社区',
        issuedAt: '2026-11-22T08:00:00.000Z',
        validUntil: '2026-12-22T08:00:00.000Z',
      };
      expect(await ask({ statement })).toEqual({ answer: 'genuine', certificate });
      const scanned = statementAddress(`${bench.url}verify`, statement);
      expect(await ask({ statement: scanned })).toEqual({ answer: 'genuine', certificate });
    });

    test('is found by number and code as people type them; a wrong code shows nothing', async () => {
      const { number, code, report } = await issue('verify-2');
      expect(await ask({ number, code })).toEqual({ answer: 'unknown', certificate: null });
      await report();
      expect(await ask({ number, code })).toMatchObject({ answer: 'genuine' });
      const wide = [...number].map((c) => String.fromCodePoint((c.codePointAt(0) ?? 0) + 0xfee0)).join('');
      const typed = {
        number: ` ${wide.toLowerCase()} `,
        code: `${code.slice(0, 4)}－${code.slice(4).toLowerCase()}`,
      };
      expect(await ask(typed)).toMatchObject({ answer: 'genuine' });
      const wrong = code.startsWith('0') ? `1${code.slice(1)}` : `0${code.slice(1)}`;
      expect(await ask({ number, code: wrong })).toEqual({ answer: 'altered', certificate: null });
    });

    test('is revoked from then on, reported or not, also once it would have expired', async () => {
      const { number, statement, report } = await issue('verify-3');
      expect(await revoke(bench.db, number.toLowerCase(), 'issued to the wrong person', now)).toEqual({
        known: false,
      });
      expect(await ask({ statement })).toMatchObject({ answer: 'revoked', certificate: { number } });
      await report();
      expect(await revoke(bench.db, number, 'again', now)).toEqual({ known: true });
      bench.setNow('2027-01-01T00:00:00.000Z');
      expect(await ask({ statement })).toMatchObject({ answer: 'revoked' });
      bench.setNow(now.toISOString());
    });

    test('expires', async () => {
      const { statement, report } = await issue('verify-4');
      await report();
      bench.setNow('2026-12-22T08:00:00.000Z');
      expect(await ask({ statement })).toMatchObject({ answer: 'genuine' });
      bench.setNow('2026-12-22T08:00:01.000Z');
      expect(await ask({ statement })).toMatchObject({ answer: 'expired' });
      bench.setNow(now.toISOString());
    });

    test('signed before its kiosk enrolled again stays genuine', async () => {
      const { statement } = await issue('verify-5');
      await TestKiosk.enrolled(bench.url, 'verify-5');
      expect(await ask({ statement })).toMatchObject({ answer: 'genuine-not-reported' });
    });
  });

  describe('of a kiosk that was stolen', () => {
    test('only what it had reported by then counts, whatever time the thief writes', async () => {
      const before = await issue('stolen-1', 1);
      bench.setNow('2026-11-20T09:00:00.000Z');
      await before.report();
      bench.setNow(now.toISOString());
      // Two by the thief: one reported before the theft is noticed, one never; both claim an hour of long ago.
      const { kiosk } = before;
      const number = kiosk.number(2);
      const reported = await kiosk.statement(number);
      await kiosk.sendEvents([kiosk.event(kiosk.issued(number, reported))]);
      const kept = await kiosk.statement(kiosk.number(3));
      expect(await ask({ statement: kept })).toMatchObject({ answer: 'genuine-not-reported' });
      const since = new Date('2026-11-21T00:00:00.000Z');
      await revokeKiosk(
        bench.db,
        { kiosk: kiosk.id, reason: 'stolen', since, by: { operator: 'test' } },
        now,
      );
      expect(await ask({ statement: before.statement })).toMatchObject({ answer: 'genuine' });
      for (const statement of [reported, kept])
        expect(await ask({ statement })).toMatchObject({ answer: 'revoked' });
      const code = await verificationCode(reported);
      expect(await ask({ number, code })).toMatchObject({ answer: 'revoked' });
      // Enrolled again, with new keys, it is as good as any other.
      const renewed = await issue('stolen-1', 4);
      expect(
        await ask({ statement: await renewed.kiosk.statement(renewed.kiosk.number(501)) }),
      ).toMatchObject({
        answer: 'genuine-not-reported',
      });
      expect(await ask({ statement: kept })).toMatchObject({ answer: 'revoked' });
    });
  });

  describe('what is not ours', () => {
    test('is told apart from what is altered or never given out', async () => {
      const { kiosk, number, statement, report } = await issue('verify-6');
      await report();
      const stranger = await TestKiosk.make(bench.url, 'verify-7');
      expect(await ask({ statement: 'https://example.org/pay?x=1' })).toMatchObject({ answer: 'not-ours' });
      expect(await ask({ statement: 'A'.repeat(200) })).toMatchObject({ answer: 'not-ours' });
      expect(await ask({ statement: await stranger.statement('JZ-9999-000001') })).toMatchObject({
        answer: 'unknown',
      });
      expect(await ask({ statement: await stranger.statement(number) })).toMatchObject({ answer: 'altered' });
      expect(await ask({ statement: await kiosk.statement(kiosk.number(600)) })).toMatchObject({
        answer: 'unknown',
      });
      const other = await kiosk.statement(number, { validUntil: 4_000_000_000 });
      expect(await ask({ statement: other })).toMatchObject({ answer: 'altered' });
      const spoilt = `${statement.slice(0, -10)}${statement.at(-10) === 'A' ? 'B' : 'A'}${statement.slice(-9)}`;
      expect(await ask({ statement: spoilt })).toEqual({ answer: 'altered', certificate: null });
    });

    test('never answers with an error, whatever is typed', async () => {
      for (const number of ['\0', "' or 1=1", '—', '𬀩', 'x'.repeat(60)]) {
        expect(await ask({ number, code: '\0' })).toEqual({ answer: 'unknown', certificate: null });
      }
    });
  });
}
