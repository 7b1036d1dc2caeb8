import { type RawBuilder, sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { isPostgres, type Storage } from '../storage/index.ts';
import type { Bench } from '../testing/index.ts';
import { type Act, checkAudit, lastEntries, recordAct, startRecorder } from './index.ts';

const at = new Date('2026-11-22T09:00:00.000Z');
const idNumber = '999901194803120243';

const act = (change: Partial<Act> = {}): Act => ({
  at,
  actor: { operator: 'zhou' },
  action: 'certificate.revoked',
  detail: { number: 'JZ-0001-000001' },
  ...change,
});

/** Does to the audit what the database refuses, as somebody who owns the database could. */
async function tampered(db: Storage, change: RawBuilder<unknown>): Promise<void> {
  await db.transaction().execute(async (trx) => {
    if (isPostgres(db)) {
      await sql`alter table audit disable trigger user`.execute(trx);
      await change.execute(trx);
      await sql`alter table audit enable trigger user`.execute(trx);
      return;
    }
    const { rows } = await sql<{ name: string; sql: string }>`
      select name, sql from sqlite_master where type = 'trigger' and tbl_name = 'audit'`.execute(trx);
    for (const { name } of rows) await sql`drop trigger ${sql.ref(name)}`.execute(trx);
    await change.execute(trx);
    for (const { sql: text } of rows) await sql.raw(text).execute(trx);
  });
}

/** Who did what, as a chain. */
export function auditSuite(bench: Bench): void {
  const record = (change: Partial<Act> = {}) =>
    bench.db.transaction().execute((trx) => recordAct(trx, act(change)));

  test('names who, what, when, and a person only by a pseudonym', async () => {
    await record({ action: 'person.accessed', idNumber });
    const [entry] = await lastEntries(bench.db, 1);
    expect(entry).toMatchObject({
      at: at.toISOString(),
      actor: 'operator:zhou',
      action: 'person.accessed',
      subject: expect.stringMatching(/^[A-Za-z0-9_-]{22}$/),
      detail: '{"number":"JZ-0001-000001"}',
    });
    expect(JSON.stringify(entry)).not.toContain(idNumber);
    await record({ idNumber: ` ${idNumber.toLowerCase()} ` });
    expect((await lastEntries(bench.db, 1))[0]?.subject).toBe(entry?.subject);
  });

  test('an act that is taken back leaves no entry, and no hole', async () => {
    const before = await checkAudit(bench.db);
    const failing = bench.db.transaction().execute(async (trx) => {
      await recordAct(trx, act());
      throw new Error('taken back');
    });
    await expect(failing).rejects.toThrow('taken back');
    await record();
    expect(await checkAudit(bench.db)).toMatchObject({ entries: before.entries + 1, broken: null });
  });

  test('stays one chain when many record at once', async () => {
    const before = await checkAudit(bench.db);
    const recorder = startRecorder(bench.db);
    await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        index % 2 ? record() : recorder.record(act({ action: 'resident.looked-up', idNumber })),
      ),
    );
    expect(await checkAudit(bench.db, before.head)).toMatchObject({
      entries: before.entries + 60,
      broken: null,
      contained: true,
    });
  });

  test('a recorder that cannot write says so to each that waits, and goes on', async () => {
    const recorder = startRecorder(bench.db);
    const bad = { detail: { text: '\0', lone: Number.NaN } };
    const answers = await Promise.allSettled([
      recorder.record(act({ at: new Date(Number.NaN) })),
      recorder.record(act(bad)),
    ]);
    expect(answers[0].status).toBe('rejected');
    await recorder.record(act());
    expect(await checkAudit(bench.db)).toMatchObject({ broken: null });
  });

  test('cannot be changed, shortened or emptied', async () => {
    const { entries } = await checkAudit(bench.db);
    const { db } = bench;
    await expect(db.updateTable('audit').set({ actor: 'system' }).execute()).rejects.toThrow('only grows');
    await expect(db.deleteFrom('audit').execute()).rejects.toThrow('only grows');
    if (!isPostgres(db)) {
      const replacing = sql`insert or replace into audit select sequence, at, 'operator:nobody', action, subject,
        detail, previous, hash from audit where sequence = 1`;
      await expect(replacing.execute(db)).rejects.toThrow('only grows');
    }
    if (isPostgres(db)) await expect(sql`truncate audit`.execute(db)).rejects.toThrow('only grows');
    expect((await checkAudit(db)).entries).toBe(entries);
  });

  describe('when the owner of the database tampers', () => {
    test('a change, a removal and a cut are told, each with its place', async () => {
      const { db } = bench;
      for (let i = 0; i < 5; i++) await record();
      const whole = await checkAudit(db);
      const last = whole.entries;
      const [kept] = await lastEntries(db, 1);
      if (!kept) throw new Error('no entry');

      await tampered(db, sql`update audit set actor = 'system' where sequence = ${last - 2}`);
      expect(await checkAudit(db)).toMatchObject({
        entries: last - 3,
        broken: `Entry ${last - 2} of ${at.toISOString()} was changed.`,
      });
      await tampered(db, sql`update audit set actor = 'operator:zhou' where sequence = ${last - 2}`);
      expect(await checkAudit(db)).toEqual(whole);

      await tampered(db, sql`delete from audit where sequence = ${last}`);
      expect((await checkAudit(db)).broken).toBe(`After entry ${last - 1} 1 are missing.`);
      // Whoever sets the counter back, too, is told by the head that somebody noted.
      await db
        .updateTable('counters')
        .set({ value: last - 1 })
        .where('name', '=', 'audit')
        .execute();
      expect(await checkAudit(db, whole.head)).toMatchObject({ broken: null, contained: false });
      await db.insertInto('audit').values(kept).execute();
      await db.updateTable('counters').set({ value: last }).where('name', '=', 'audit').execute();

      await tampered(db, sql`delete from audit where sequence = 2`);
      expect((await checkAudit(db)).broken).toMatch(/^Entry 3 of .* comes after one that is missing\.$/);
    });
  });
}
