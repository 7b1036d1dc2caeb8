import { scryptSync, verify, X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  type Bundle,
  bundleSigningText,
  errorResponseSchema,
  inboxResponseSchema,
  kioskPaths,
  residentResponseSchema,
} from '../contract/index.ts';
import { newEnrolmentCode } from '../fleet/index.ts';
import { type Bench, TestKiosk } from '../testing/index.ts';

/** The whole of what a kiosk is told. */
async function inboxOf(kiosk: TestKiosk) {
  const { status, json } = await kiosk.send(kioskPaths.inbox, { have: null });
  expect(status).toBe(200);
  const inbox = inboxResponseSchema.parse(json);
  if (inbox.state !== 'whole') throw new Error('the whole was asked for');
  return inbox;
}

/** As a kiosk checks it: against the operator's certificate that it was given when it was enrolled. */
function isSigned({ signature, ...signed }: Bundle, kiosk: TestKiosk): boolean {
  const { publicKey } = new X509Certificate(kiosk.endorsement?.certificates.at(-1) ?? '');
  const key = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const;
  return verify('sha256', Buffer.from(bundleSigningText(signed)), key, Buffer.from(signature, 'base64url'));
}

/** What kiosks are told of residents and staff. */
export function registrySuite(bench: Bench): void {
  test("the inbox holds the residents of the kiosk's community, and badges with hashed PINs", async () => {
    const kiosk = await TestKiosk.enrolled(bench.url, 'inbox-1');
    const inbox = await inboxOf(kiosk);
    expect(inbox.asOf).toBe('2026-11-22T09:00:00.000Z');
    expect(inbox.residents.map(({ resident }) => resident.id)).toEqual([
      'aisha',
      'chen-xiaoyu',
      'lam-siuming',
      'li-jianguo',
      'marie-dupont',
      'wang-guilan',
    ]);
    expect(inbox.residents[1]?.resident.name).toBe('陈晓𬀩');
    expect(inbox.staff.map(({ badge, role }) => [badge, role])).toEqual([
      ['B-1001-7', 'staff'],
      ['B-3001-1', 'technician'],
      ['B-2001-4', 'volunteer'],
    ]);
    const [zhou] = inbox.staff;
    const hash = scryptSync('2580', Buffer.from(zhou?.pinSalt ?? '', 'base64url'), 32, {
      N: 16384,
      r: 8,
      p: 1,
    });
    expect(zhou?.pinHash).toBe(hash.toString('base64url'));
    expect(JSON.stringify(inbox)).not.toContain('2580"');
  });

  test('a kiosk of another community has that one in its inbox', async () => {
    const code = await newEnrolmentCode(bench.db, 'inbox-2', '西山社区', new Date('2026-11-22T08:00:00Z'));
    const kiosk = await TestKiosk.make(bench.url, 'inbox-2');
    await kiosk.enrol(code);
    const { residents } = await inboxOf(kiosk);
    expect(residents.map(({ resident }) => resident.id)).toEqual(['zhao-moved']);
  });

  test('a kiosk of the first version is told in the form that it knows', async () => {
    const kiosk = await TestKiosk.enrolled(bench.url, 'inbox-3');
    const { residents, staff, asOf } = await inboxOf(kiosk);
    const { json } = await kiosk.send(kioskPaths.inbox, {});
    expect(json).toEqual({ residents: residents.map(({ resident }) => resident), staff, asOf });
  });

  test('each record is signed by the operator, once a day, and whenever it changes', async () => {
    const kiosk = await TestKiosk.enrolled(bench.url, 'signed-1');
    const first = await inboxOf(kiosk);
    for (const bundle of first.residents) {
      expect(isSigned(bundle, kiosk)).toBe(true);
      expect(isSigned({ ...bundle, signedAt: '2036-01-01T00:00:00.000Z' }, kiosk)).toBe(false);
      const elsewhere = { ...bundle.resident, residence: '别处' };
      expect(isSigned({ ...bundle, resident: elsewhere }, kiosk)).toBe(false);
    }
    const ask = async (have: string) =>
      inboxResponseSchema.parse((await kiosk.send(kioskPaths.inbox, { have })).json);
    expect(await ask(first.digest)).toEqual({ state: 'unchanged', asOf: first.asOf });
    expect((await ask('A'.repeat(43))).state).toBe('whole');

    // Another kiosk is told the same signatures: nothing was signed again.
    const other = await TestKiosk.enrolled(bench.url, 'signed-2');
    expect(await inboxOf(other)).toEqual(first);

    bench.setNow('2026-11-22T20:00:00.000Z');
    await bench.db
      .updateTable('residents')
      .set({ residence: '荷花社区 1 幢' })
      .where('id', '=', 'aisha')
      .execute();
    const second = await inboxOf(kiosk);
    expect(second.residents.slice(1)).toEqual(first.residents.slice(1));
    expect(second.residents[0]).toMatchObject({
      resident: { id: 'aisha', residence: '荷花社区 1 幢' },
      signedAt: '2026-11-22T20:00:00.000Z',
    });

    bench.setNow('2026-11-23T10:00:00.000Z');
    const third = await inboxOf(kiosk);
    expect(third.residents.map(({ signedAt }) => signedAt.slice(0, 13))).toEqual([
      '2026-11-22T20',
      ...first.residents.slice(1).map(() => '2026-11-23T10'),
    ]);
    for (const bundle of third.residents) expect(isSigned(bundle, kiosk)).toBe(true);

    // A clock that ran ahead and was put right leaves no signature from the future.
    bench.setNow('2026-11-22T09:00:00.000Z');
    const times = (await inboxOf(kiosk)).residents.map(({ signedAt }) => signedAt);
    expect(new Set(times)).toEqual(new Set(['2026-11-22T20:00:00.000Z', '2026-11-22T09:00:00.000Z']));

    // Two that ask at once when all has to be signed again are told the same.
    bench.setNow('2026-11-24T11:00:00.000Z');
    const [one, another] = await Promise.all([inboxOf(kiosk), inboxOf(other)]);
    expect(one).toEqual(another);
    expect(new Set(one.residents.map(({ signedAt }) => signedAt))).toEqual(
      new Set(['2026-11-24T11:00:00.000Z']),
    );
    bench.setNow('2026-11-22T09:00:00.000Z');
  });

  test('a row that does not fit is left out and told without a name, and keeps nobody from travelling', async () => {
    const kiosk = await TestKiosk.enrolled(bench.url, 'unfit-1');
    const { residents, staff } = await inboxOf(kiosk);
    await bench.db
      .insertInto('residents')
      .values(
        [
          { id: 'long-1', id_number: '999901194803129990', name: '长'.repeat(61) },
          { id: 'long-2', id_number: '999901194803129991', name: '长'.repeat(70) },
          { id: 'never', id_number: '999901194803129992', name: '何', resident_since: 'long ago' },
        ].map((row) => ({
          residence: '荷花社区',
          community: '荷花社区',
          resident_since: '2020-01-01',
          status: 'registered' as const,
          ...row,
        })),
      )
      .execute();
    const worker = { id: 'w', role: 'staff', badge: 'B-9', pin_salt: 'AA', pin_hash: 'AA' } as const;
    await bench.db
      .insertInto('staff')
      .values({ ...worker, name: '名'.repeat(61) })
      .execute();
    for (const _ of ['first', 'again']) {
      const told = await inboxOf(kiosk);
      expect(told.residents).toEqual(residents);
      expect(told.staff).toEqual(staff);
    }
    const { status, json } = await kiosk.send(kioskPaths.resident, { idNumber: '999901194803129990' });
    expect([status, errorResponseSchema.parse(json).error.code]).toEqual([409, 'unfit-record']);

    const text = await (await fetch(`${bench.url}api/console/summary`)).text();
    expect(JSON.parse(text).leftOut).toEqual([
      { table: 'residents', community: '荷花社区', fields: 'name', rows: 2 },
      { table: 'residents', community: '荷花社区', fields: 'residentSince', rows: 1 },
      { table: 'staff', community: null, fields: '', rows: 1 },
    ]);
    expect(await (await fetch(`${bench.url}console`)).text()).toContain('residentSince');
    expect(text).not.toMatch(/长|long-1|9999011948/);

    // Mended, it travels; deleted, it takes its signature along.
    await bench.db.updateTable('residents').set({ name: '长' }).where('id', '=', 'long-1').execute();
    await bench.db.deleteFrom('residents').where('id', 'in', ['long-2', 'never']).execute();
    await bench.db.deleteFrom('staff').where('id', '=', 'w').execute();
    expect((await inboxOf(kiosk)).residents.map(({ resident }) => resident.id)).toContain('long-1');
    const summary = await (await fetch(`${bench.url}api/console/summary`)).json();
    expect(summary.leftOut).toEqual([]);
    await bench.db.deleteFrom('residents').where('id', '=', 'long-1').execute();
    expect((await inboxOf(kiosk)).residents).toEqual(residents);
  });

  test('one resident is found in any community; whoever is not registered is not', async () => {
    const kiosk = await TestKiosk.enrolled(bench.url, 'resident-1');
    const ask = async (idNumber: string) =>
      residentResponseSchema.parse((await kiosk.send(kioskPaths.resident, { idNumber })).json).resident;
    expect(await ask('999901198804222119')).toMatchObject({ id: 'zhao-moved', status: 'moved-away' });
    expect(await ask('999901199301050663')).toBeNull();
    expect(await ask('\0')).toBeNull();
    expect(await ask('')).toBeNull();
  });
}
