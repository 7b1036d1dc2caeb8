import { scryptSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { inboxResponseSchema, kioskPaths, residentResponseSchema } from '../contract/index.ts';
import { newEnrolmentCode } from '../fleet/index.ts';
import { type Bench, TestKiosk } from '../testing/index.ts';

/** What kiosks are told of residents and staff. */
export function registrySuite(bench: Bench): void {
  test("the inbox holds the residents of the kiosk's community, and badges with hashed PINs", async () => {
    const kiosk = await TestKiosk.enrolled(bench.url, 'inbox-1');
    const { status, json } = await kiosk.send(kioskPaths.inbox, {});
    expect(status).toBe(200);
    const inbox = inboxResponseSchema.parse(json);
    expect(inbox.asOf).toBe('2026-11-22T09:00:00.000Z');
    expect(inbox.residents.map(({ id }) => id)).toEqual([
      'aisha',
      'chen-xiaoyu',
      'lam-siuming',
      'li-jianguo',
      'marie-dupont',
      'wang-guilan',
    ]);
    expect(inbox.residents[1]?.name).toBe('陈晓𬀩');
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
    expect(JSON.stringify(json)).not.toContain('2580"');
  });

  test('a kiosk of another community has that one in its inbox', async () => {
    const code = await newEnrolmentCode(bench.db, 'inbox-2', '西山社区', new Date('2026-11-22T08:00:00Z'));
    const kiosk = await TestKiosk.make(bench.url, 'inbox-2');
    await kiosk.enrol(code);
    const { json } = await kiosk.send(kioskPaths.inbox, {});
    expect(inboxResponseSchema.parse(json).residents.map(({ id }) => id)).toEqual(['zhao-moved']);
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
