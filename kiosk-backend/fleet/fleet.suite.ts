import { X509Certificate } from 'node:crypto';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { openAuthority, openSealingKey } from '../authority/index.ts';
import { endorsementSchema, errorResponseSchema, kioskPaths } from '../contract/index.ts';
import { isPostgres, type Storage } from '../storage/index.ts';
import { type Answer, type Bench, help, post, TestKiosk } from '../testing/index.ts';
import { recordContact } from './contact.ts';
import { endorse } from './enrolment.ts';
import { holdKiosks, newEnrolmentCode, revokeKiosk } from './index.ts';

const now = new Date('2026-11-22T09:00:00.000Z');

/** Enrolment, endorsement, and who is let in. */
export function fleetSuite(bench: Bench): void {
  describe('enrolment', () => {
    test('gives a number, a block, and a certificate of the operator for the key sent', async () => {
      const kiosk = await TestKiosk.make(bench.url, 'enrol-1');
      const { status, json } = await kiosk.enrol('demo');
      expect(status).toBe(200);
      const endorsement = endorsementSchema.parse(json);
      expect(endorsement).toMatchObject({
        kiosk: 'enrol-1',
        kioskNumber: '0001',
        numbers: { from: 1, to: 500 },
        verifyAddress: `${bench.url}verify`,
        notAfter: '2026-11-29T09:00:00.000Z',
        serverTime: now.toISOString(),
      });
      const [leaf, root] = endorsement.certificates.map((pem) => new X509Certificate(pem));
      expect(leaf?.publicKey.export({ format: 'der', type: 'spki' })).toEqual(Buffer.from(kiosk.spki));
      expect(root && leaf?.verify(root.publicKey)).toBe(true);
      expect(leaf?.subject).toBe('CN=enrol-1\nO=示范市社区服务');
    });

    test('of a known kiosk keeps its number, replaces its keys, and never gives the same block', async () => {
      const first = await TestKiosk.enrolled(bench.url, 'enrol-2');
      const second = await TestKiosk.enrolled(bench.url, 'enrol-2');
      expect(second.endorsement?.kioskNumber).toBe(first.endorsement?.kioskNumber);
      expect(second.endorsement?.numbers).toEqual({ from: 501, to: 1000 });
      expect((await first.send(kioskPaths.inbox, {})).status).toBe(401);
      expect((await second.send(kioskPaths.inbox, {})).status).toBe(200);
    });

    test('takes a one-time code for its kiosk only, while it is valid, however it is typed', async () => {
      const code = await newEnrolmentCode(bench.db, 'enrol-3', '西山社区', now);
      expect(code).toMatch(/^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$/);
      const stranger = await TestKiosk.make(bench.url, 'enrol-4');
      expect((await stranger.enrol(code)).status).toBe(401);
      const kiosk = await TestKiosk.make(bench.url, 'enrol-3');
      expect((await kiosk.enrol(code.toLowerCase().replaceAll('-', ' '))).status).toBe(200);
      const late = await newEnrolmentCode(bench.db, 'enrol-4', '西山社区', new Date('2026-11-15T08:59:59Z'));
      expect((await stranger.enrol(late)).status).toBe(401);
    });

    test('whose answer was lost is repeated with the same code and keys, and never gives the same block', async () => {
      const code = await newEnrolmentCode(bench.db, 'enrol-7', '西山社区', now);
      const kiosk = await TestKiosk.make(bench.url, 'enrol-7');
      const [first, second] = await Promise.all([kiosk.enrol(code), kiosk.enrol(code)]);
      expect([first.status, second.status]).toEqual([200, 200]);
      expect(second.json.kioskNumber).toBe(first.json.kioskNumber);
      expect([first, second].map(({ json }) => json.numbers.from).sort()).toEqual([1, 501]);
      expect((await kiosk.send(kioskPaths.inbox, {})).status).toBe(200);

      // Whoever has only seen the code has other keys.
      const thief = await TestKiosk.make(bench.url, 'enrol-7');
      const taken = await thief.enrol(code);
      expect(taken.status).toBe(401);
      expect(taken.json.error).toMatchObject({ kind: 'unauthorised', code: 'bad-code' });
      expect((await kiosk.send(kioskPaths.inbox, {})).status).toBe(200);

      bench.setNow('2026-11-29T09:00:00.000Z');
      expect((await kiosk.enrol(code)).status).toBe(401);
      bench.setNow(now.toISOString());
      // Not for ever, and not once the kiosk has been enrolled with other keys.
      for (let use = 3; use <= 10; use++) expect((await kiosk.enrol(code)).status).toBe(200);
      expect((await kiosk.enrol(code)).status).toBe(401);
    });

    test('with a used code does not bring back keys that were replaced', async () => {
      const code = await newEnrolmentCode(bench.db, 'enrol-8', '西山社区', now);
      const before = await TestKiosk.make(bench.url, 'enrol-8');
      expect((await before.enrol(code)).status).toBe(200);
      const after = await TestKiosk.make(bench.url, 'enrol-8');
      expect((await after.enrol(await newEnrolmentCode(bench.db, 'enrol-8', '西山社区', now))).status).toBe(
        200,
      );
      expect((await before.enrol(code)).status).toBe(401);
      expect((await after.send(kioskPaths.inbox, {})).status).toBe(200);
    });

    test('at the same moment never gives two kiosks one number', async () => {
      const kiosks = await Promise.all(
        ['a', 'b', 'c', 'd'].map((name) => TestKiosk.enrolled(bench.url, `same-${name}`)),
      );
      expect(new Set(kiosks.map(({ endorsement }) => endorsement?.kioskNumber)).size).toBe(4);
    });

    test('refuses keys that are none, and a document key of another kiosk', async () => {
      const kiosk = await TestKiosk.make(bench.url, 'enrol-5');
      const request = { kiosk: kiosk.id, code: 'demo', identityKey: 'A'.repeat(43) };
      const none = await post(bench.url, kioskPaths.enrol, {
        ...request,
        identityKey: `${'A'.repeat(42)}=`,
        documentKey: 'AAAA',
      });
      expect(none.status).toBe(400);
      const own = { ...request, identityKey: kiosk.identity.publicKey.export({ format: 'jwk' }).x };
      const bad = await kiosk.send(kioskPaths.enrol, { ...own, documentKey: 'AAAA' });
      expect(bad.status).toBe(400);
      expect(errorResponseSchema.parse(bad.json).error.kind).toBe('rejected');
      const other = await TestKiosk.enrolled(bench.url, 'enrol-6');
      const taken = await kiosk.send(kioskPaths.enrol, { ...own, documentKey: other.documentKey });
      expect(taken.json.error.code).toBe('document-key-taken');
    });
  });

  describe('who enrols', () => {
    test('has the key that it brings: not signed, signed by another, or sent again as it was is refused', async () => {
      const kiosk = await TestKiosk.make(bench.url, 'own-key-1');
      const other = await TestKiosk.make(bench.url, 'own-key-1');
      const request = {
        kiosk: kiosk.id,
        code: 'demo',
        identityKey: kiosk.identity.publicKey.export({ format: 'jwk' }).x,
        documentKey: kiosk.documentKey,
      };
      const codeOf = ({ status, json }: { status: number; json: { error: { code: string } } }) => [
        status,
        json.error.code,
      ];
      expect(codeOf(await post(bench.url, kioskPaths.enrol, request))).toEqual([401, 'not-signed']);
      expect(codeOf(await other.send(kioskPaths.enrol, request))).toEqual([401, 'not-own-key']);
      expect(codeOf(await kiosk.send(kioskPaths.enrol, request, { kiosk: 'own-key-2' }))).toEqual([
        401,
        'not-own-key',
      ]);
      // Its clock may be wrong by years.
      const change = { nonce: 'E'.repeat(22), time: '1999-01-01T00:00:00.000Z' };
      expect((await kiosk.send(kioskPaths.enrol, request, change)).status).toBe(200);
      expect(codeOf(await kiosk.send(kioskPaths.enrol, request, change))).toEqual([409, 'nonce-used']);
      expect((await kiosk.send(kioskPaths.inbox, {})).status).toBe(200);
    });

    test('leaves every identity key on record, with when it counted', async () => {
      const first = await TestKiosk.enrolled(bench.url, 'own-key-3');
      bench.setNow('2026-11-23T09:00:00.000Z');
      const second = await TestKiosk.enrolled(bench.url, 'own-key-3');
      bench.setNow(now.toISOString());
      const keys = bench.db.selectFrom('identity_keys').selectAll().where('kiosk', '=', 'own-key-3');
      const key = (kiosk: TestKiosk) => kiosk.identity.publicKey.export({ format: 'jwk' }).x;
      expect(await keys.orderBy('enrolment').execute()).toEqual([
        {
          kiosk: 'own-key-3',
          enrolment: 1,
          key: key(first),
          from: now.toISOString(),
          until: '2026-11-23T09:00:00.000Z',
        },
        { kiosk: 'own-key-3', enrolment: 2, key: key(second), from: '2026-11-23T09:00:00.000Z', until: null },
      ]);
    });
  });

  describe('a kiosk that is revoked', () => {
    const by = { operator: 'test' };
    const revoke = (kiosk: string, since = now) =>
      revokeKiosk(bench.db, { kiosk, reason: 'stolen', since, by }, now);
    const errorOf = async (answer: Promise<Answer>) => (await answer).json.error;

    test('is refused whatever it asks, told why, and comes back with new keys only', async () => {
      const kiosk = await TestKiosk.enrolled(bench.url, 'revoke-1');
      const unused = await newEnrolmentCode(bench.db, 'revoke-1', '西山社区', now);
      expect(await revoke('revoke-1')).toBe('revoked');
      expect(await revoke('revoke-1')).toBe('revoked-before');
      expect(await revoke('nobody-here')).toBe('unknown-kiosk');
      for (const [path, body] of [
        [kioskPaths.inbox, {}],
        [kioskPaths.events, { events: [kiosk.event(help)] }],
        [kioskPaths.endorse, { documentKey: kiosk.documentKey, needsNumbers: true }],
      ] as const)
        expect(await errorOf(kiosk.send(path, body))).toMatchObject({
          kind: 'unauthorised',
          code: 'kiosk-revoked',
        });
      // Whoever does not hold its key is told nothing of it.
      const stranger = await TestKiosk.make(bench.url, 'revoke-1');
      expect((await errorOf(stranger.send(kioskPaths.inbox, {}))).code).toBe('not-known');
      expect((await errorOf(kiosk.enrol(unused))).code).toBe('bad-code');

      const code = await newEnrolmentCode(bench.db, 'revoke-1', '西山社区', now);
      expect((await errorOf(kiosk.enrol(code))).code).toBe('keys-revoked');
      const renewed = await TestKiosk.make(bench.url, 'revoke-1');
      expect((await renewed.enrol(code)).status).toBe(200);
      expect((await renewed.send(kioskPaths.inbox, {})).status).toBe(200);
      // The keys of before stay revoked, for requests and for certificates.
      expect((await errorOf(kiosk.send(kioskPaths.inbox, {}))).code).toBe('kiosk-revoked');
      const old = { documentKey: kiosk.documentKey, needsNumbers: false };
      expect((await errorOf(renewed.send(kioskPaths.endorse, old))).code).toBe('keys-revoked');
    });

    test('loses its codes each time that is said, and before it was ever enrolled too', async () => {
      const early = await newEnrolmentCode(bench.db, 'revoke-3', '西山社区', now);
      expect(await revoke('revoke-3')).toBe('unknown-kiosk');
      const kiosk = await TestKiosk.make(bench.url, 'revoke-3');
      expect((await errorOf(kiosk.enrol(early))).code).toBe('bad-code');
      expect((await kiosk.enrol(await newEnrolmentCode(bench.db, 'revoke-3', '西山社区', now))).status).toBe(
        200,
      );
      expect(await revoke('revoke-3')).toBe('revoked');
      const leaked = await newEnrolmentCode(bench.db, 'revoke-3', '西山社区', now);
      expect(await revoke('revoke-3')).toBe('revoked-before');
      const thief = await TestKiosk.make(bench.url, 'revoke-3');
      expect((await errorOf(thief.enrol(leaked))).code).toBe('bad-code');
    });

    test('is refused what it asked for just before', async () => {
      const kiosk = await TestKiosk.enrolled(bench.url, 'revoke-4');
      const { documentKey, id, endorsement } = kiosk;
      await revoke(id);
      // Both of them come after its signature was found good.
      const at = now.toISOString();
      const contact = { kiosk: id, nonce: 'R'.repeat(22), time: at, floor: '', at };
      await expect(recordContact(bench.db, contact)).rejects.toMatchObject({ code: 'kiosk-revoked' });
      const authority = await openAuthority(bench.db, '示范市社区服务', () => now);
      const options = {
        db: bench.db,
        authority,
        now: () => now,
        verifyAddress: () => `${bench.url}verify`,
        demoCommunity: null,
        sealing: await openSealingKey(bench.db, authority, 'aes', () => now),
      };
      const row = { id, number: endorsement?.kioskNumber ?? '' };
      await expect(endorse(options, row, { documentKey, needsNumbers: true })).rejects.toMatchObject({
        code: 'kiosk-revoked',
      });
    });

    describe('while it enrols', () => {
      /** Lets go of what `hold` holds when these two wait in line, in this order. */
      const inLine = async <First, Second>(
        hold: (trx: Storage) => Promise<unknown>,
        first: () => Promise<First>,
        second: () => Promise<Second>,
      ): Promise<readonly [First, Second]> => {
        const waiting = async (): Promise<number> => {
          const { rows } = await sql<{ count: string }>`select count(*) as count from pg_stat_activity
            where datname = current_database() and wait_event_type = 'Lock'`.execute(bench.db);
          return Number(rows[0]?.count);
        };
        const under = bench.db.transaction().execute(async (trx) => {
          await hold(trx);
          const one = first();
          await expect.poll(waiting, { timeout: 30_000 }).toBe(1);
          const two = second();
          await expect.poll(waiting, { timeout: 30_000 }).toBe(2);
          return { one, two };
        });
        const { one, two } = await under;
        return Promise.all([one, two]);
      };
      const notHere = 'SQLite has one writer at a time';

      test('once more comes wholly before that', { timeout: 90_000 }, async ({ skip }) => {
        if (!isPostgres(bench.db)) skip(notHere);
        await TestKiosk.enrolled(bench.url, 'revoke-5');
        const code = await newEnrolmentCode(bench.db, 'revoke-5', '西山社区', now);
        const renewed = await TestKiosk.make(bench.url, 'revoke-5');
        const [outcome, answer] = await inLine(
          (trx) => holdKiosks(trx, ['revoke-5']),
          () => revoke('revoke-5'),
          () => renewed.enrol(code),
        );
        expect([outcome, answer.status, answer.json.error?.code]).toEqual(['revoked', 401, 'bad-code']);
      });

      test('for the first time comes wholly after that', { timeout: 90_000 }, async ({ skip }) => {
        if (!isPostgres(bench.db)) skip(notHere);
        const code = await newEnrolmentCode(bench.db, 'revoke-6', '西山社区', now);
        const kiosk = await TestKiosk.make(bench.url, 'revoke-6');
        const [answer, outcome] = await inLine(
          (trx) =>
            trx
              .updateTable('counters')
              .set((of) => ({ value: of.ref('value') }))
              .execute(),
          () => kiosk.enrol(code),
          () => revoke('revoke-6'),
        );
        expect([answer.status, outcome]).toEqual([200, 'revoked']);
        expect((await errorOf(kiosk.send(kioskPaths.inbox, {}))).code).toBe('kiosk-revoked');
      });
    });

    test('is on record', async () => {
      await TestKiosk.enrolled(bench.url, 'revoke-2');
      await revoke('revoke-2', new Date('2026-11-20T00:00:00.000Z'));
      const acts = await bench.db
        .selectFrom('audit')
        .select(['actor', 'action', 'detail'])
        .where('detail', 'like', '%revoke-2%')
        .execute();
      expect(acts).toEqual([
        {
          actor: 'operator:test',
          action: 'kiosk.revoked',
          detail: '{"kiosk":"revoke-2","since":"2026-11-20T00:00:00.000Z"}',
        },
      ]);
    });
  });

  describe('endorsement', () => {
    test('renews the certificate, and gives numbers only when asked', async () => {
      const kiosk = await TestKiosk.enrolled(bench.url, 'endorse-1');
      bench.setNow('2026-11-25T09:00:00.000Z');
      const renewed = await kiosk.send(kioskPaths.endorse, {
        documentKey: kiosk.documentKey,
        needsNumbers: false,
      });
      expect(endorsementSchema.parse(renewed.json)).toMatchObject({
        numbers: null,
        notAfter: '2026-12-02T09:00:00.000Z',
      });
      bench.setNow(now.toISOString());
      const more = await Promise.all(
        [1, 2].map(() =>
          kiosk.send(kioskPaths.endorse, { documentKey: kiosk.documentKey, needsNumbers: true }),
        ),
      );
      expect(more.map(({ json }) => json.numbers.from).sort()).toEqual([1001, 501]);
    });
  });

  describe('a signed request', () => {
    test('is refused when anything of it was changed', async () => {
      const kiosk = await TestKiosk.enrolled(bench.url, 'signed-1');
      const other = await TestKiosk.enrolled(bench.url, 'signed-2');
      const answers = await Promise.all([
        kiosk.send(kioskPaths.resident, { idNumber: '1' }, { body: '{"idNumber":"2"}' }),
        kiosk.send(kioskPaths.inbox, {}, { path: `${kioskPaths.inbox}?x` }),
        kiosk.send(kioskPaths.inbox, {}, { kiosk: other.id }),
        kiosk.send(kioskPaths.inbox, {}, { kiosk: 'nobody-here' }),
        kiosk.send(kioskPaths.inbox, {}, { headers: { 'x-kiosk-time': '2026-11-22T00:00:00.000Z' } }),
        kiosk.send(kioskPaths.inbox, {}, { headers: { 'x-kiosk-signature': 'A'.repeat(86) } }),
        kiosk.send(kioskPaths.inbox, {}, { headers: { 'x-kiosk-signature': 'short' } }),
        post(bench.url, kioskPaths.inbox, {}),
        post(bench.url, kioskPaths.events, { wrong: true }),
      ]);
      expect(answers.map(({ status }) => status)).toEqual(Array(9).fill(401));
      for (const { json } of answers) expect(errorResponseSchema.parse(json).error.kind).toBe('unauthorised');
    });

    test('is taken once: sent again as it was, it is to be signed anew', async () => {
      const kiosk = await TestKiosk.enrolled(bench.url, 'signed-3');
      const nonce = 'AAAAAAAAAAAAAAAAAAAAAA';
      expect((await kiosk.send(kioskPaths.inbox, {}, { nonce })).status).toBe(200);
      const replay = await kiosk.send(kioskPaths.inbox, {}, { nonce });
      expect(replay.status).toBe(409);
      expect(replay.json.error).toMatchObject({ kind: 'retryable', code: 'nonce-used' });
      const neighbour = await TestKiosk.enrolled(bench.url, 'signed-4');
      expect((await neighbour.send(kioskPaths.inbox, {}, { nonce })).status).toBe(200);
    });

    /** When the server saw the requests whose nonces it still knows. */
    const remembered = async (kiosk: TestKiosk) => {
      const rows = bench.db.selectFrom('nonces').select('seen_at').where('kiosk', '=', kiosk.id);
      return (await rows.orderBy('seen_at').execute()).map(({ seen_at }) => seen_at);
    };
    const nonce = 'BBBBBBBBBBBBBBBBBBBBBB';

    test('is forgotten a month later, and then refused for its age, whatever year the kiosk believes in', async () => {
      for (const [id, first, later] of [
        ['signed-5', '2026-11-22T09:00:00.000Z', '2026-12-23T09:00:01.000Z'],
        ['signed-6', '2003-01-01T00:00:00.000Z', '2003-02-01T00:00:01.000Z'],
        ['signed-7', '2041-01-01T00:00:00.000Z', '2041-02-01T00:00:01.000Z'],
      ] as const) {
        bench.setNow(now.toISOString());
        const kiosk = await TestKiosk.enrolled(bench.url, id);
        expect((await kiosk.send(kioskPaths.inbox, {}, { time: first, nonce })).status).toBe(200);
        bench.setNow('2026-12-23T09:00:00.000Z');
        expect((await kiosk.send(kioskPaths.inbox, {}, { time: later })).status).toBe(200);
        const replay = await kiosk.send(kioskPaths.inbox, {}, { time: first, nonce });
        expect(replay.status).toBe(409);
        expect(replay.json.error).toMatchObject({ kind: 'retryable', code: 'too-old' });
      }
      // An hour and more after the last pruning; what is stamped in the future is remembered until that has come.
      bench.setNow('2026-12-24T11:00:00.000Z');
      await (await TestKiosk.enrolled(bench.url, 'signed-8')).send(kioskPaths.inbox, {});
      const kiosks = ['signed-5', 'signed-6', 'signed-7'].map((id) => TestKiosk.make(bench.url, id));
      expect(await Promise.all(kiosks.map(async (kiosk) => (await remembered(await kiosk)).length))).toEqual([
        1, 1, 2,
      ]);
      bench.setNow(now.toISOString());
    });

    test('is remembered for longer while its kiosk is silent', async () => {
      const kiosk = await TestKiosk.enrolled(bench.url, 'signed-9');
      const time = now.toISOString();
      await kiosk.send(kioskPaths.inbox, {}, { time, nonce });
      bench.setNow('2027-06-01T09:00:00.000Z');
      await (await TestKiosk.enrolled(bench.url, 'signed-10')).send(kioskPaths.inbox, {});
      const replay = await kiosk.send(kioskPaths.inbox, {}, { time, nonce });
      expect(replay.json.error).toMatchObject({ code: 'nonce-used' });
      bench.setNow(now.toISOString());
    });

    test('after a clock that ran ahead was put right is let in, and what was signed before is not', async () => {
      const kiosk = await TestKiosk.enrolled(bench.url, 'signed-11');
      const right = { time: '2026-11-22T08:00:00.000Z', nonce };
      await kiosk.send(kioskPaths.inbox, {}, right);
      const ahead = { time: '2036-01-01T00:00:00.000Z', nonce: 'C'.repeat(22) };
      expect((await kiosk.send(kioskPaths.inbox, {}, ahead)).status).toBe(200);
      bench.setNow('2026-12-30T09:00:00.000Z');
      const fresh = { time: '2026-12-30T08:59:00.000Z', nonce: 'D'.repeat(22) };
      expect(
        (await kiosk.send(kioskPaths.inbox, {}, { time: '2026-12-28T08:59:00.000Z' })).json.error.code,
      ).toBe('too-old');
      expect((await kiosk.send(kioskPaths.inbox, {}, fresh)).status).toBe(200);
      const codes = [];
      for (const old of [right, ahead, fresh]) {
        codes.push((await kiosk.send(kioskPaths.inbox, {}, old)).json.error.code);
      }
      expect(codes).toEqual(['too-old', 'nonce-used', 'nonce-used']);
      bench.setNow(now.toISOString());
    });

    test('with a time that is none is refused', async () => {
      const kiosk = await TestKiosk.enrolled(bench.url, 'signed-12');
      const none = await kiosk.send(kioskPaths.inbox, {}, { time: '2026-13-45T99:00:00.000Z' });
      expect([none.status, none.json.error.kind]).toEqual([400, 'rejected']);
      const other = await kiosk.send(kioskPaths.inbox, {}, { time: 'yesterday' });
      expect(other.status).toBe(401);
    });
  });
}
