import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { checkAudit, lastEntries } from '../audit/index.ts';
import { kioskPaths } from '../contract/index.ts';
import { holderOf } from '../shares/index.ts';
import { isPostgres, type Storage } from '../storage/index.ts';
import { type Bench, help, post, TestKiosk } from '../testing/index.ts';
import { expire, forgetPerson, personalFile, startRetention } from './index.ts';

/** The holder of the test certificates, who is in the demo's registry, too. */
const holder = { name: '王桂兰', idNumber: '999901194803120243' };
const actor = { operator: 'zhou' };
const now = new Date('2026-11-22T10:00:00.000Z');

/** Every row of every table, as text. */
async function everything(db: Storage): Promise<string> {
  const { rows: tables } = isPostgres(db)
    ? await sql<{ name: string }>`select table_name as name from information_schema.tables
        where table_schema = 'public'`.execute(db)
    : await sql<{ name: string }>`select name from sqlite_master where type = 'table'`.execute(db);
  const contents = [];
  for (const { name } of tables) {
    const { rows } = await sql`select * from ${sql.table(name)}`.execute(db);
    contents.push({ name, rows });
  }
  return JSON.stringify(contents);
}

/** What the files of a SQLite database hold, deleted rows and its log included. */
async function onDisk(db: Storage): Promise<string> {
  if (isPostgres(db)) return '';
  const { rows } = await sql<{ file: string }>`pragma database_list`.execute(db);
  const [{ file } = { file: '' }] = rows;
  return [file, `${file}-wal`].map((path) => readFileSync(path, 'latin1')).join('');
}

/** A visit that ended with a certificate; answers its events. */
async function visit(kiosk: TestKiosk, serial: number) {
  const number = kiosk.number(serial);
  const issued = kiosk.issued(number, await kiosk.statement(number, { validUntil: 4_000_000_000 }));
  if (issued.kind !== 'certificate.issued') throw new Error(issued.kind);
  const events = [
    kiosk.event(issued),
    kiosk.event({
      kind: 'print.recorded',
      visit: issued.visit,
      entry: randomUUID(),
      document: 'certificate',
      number,
      state: 'confirmed',
      detail: '',
    }),
    kiosk.event({ kind: 'visit.rated', visit: issued.visit, rating: 4 }),
    kiosk.event(help),
  ];
  const { json } = await kiosk.sendEvents(events);
  expect(json.results.map(({ outcome }: { outcome: string }) => outcome)).toEqual(Array(4).fill('accepted'));
  return { number, statement: issued.statement, events };
}

const lastActs = async (db: Storage, count: number) =>
  (await lastEntries(db, count)).map(({ actor, action, detail }) => ({ actor, action, detail }));

/** Telling a person what is held about them, deleting it, and not keeping it. */
export function privacySuite(bench: Bench): void {
  test('a person is told everything that is held about them, and nothing of others', async () => {
    const kiosk = await TestKiosk.enrolled(bench.url, 'access-1');
    await kiosk.send(kioskPaths.resident, { idNumber: holder.idNumber });
    const { number } = await visit(kiosk, 1);
    const file = await personalFile(bench.db, { idNumber: ' 999901194803120243', actor }, now);
    expect(file).toMatchObject({
      idNumber: holder.idNumber,
      registry: [{ name: holder.name }],
      certificates: [{ number, revocation: null }],
      prints: [{ number, state: 'confirmed' }],
    });
    expect(file.events.map(({ kind }) => kind)).toEqual([
      'certificate.issued',
      'print.recorded',
      'visit.rated',
    ]);
    expect(file.events[0]?.body).toMatchObject({ body: { holder } });
    const again = await personalFile(bench.db, { idNumber: holder.idNumber, actor }, now);
    expect(again.audit.map(({ actor, action }) => [actor, action])).toEqual([
      ['kiosk:access-1', 'resident.looked-up'],
      ['operator:zhou', 'person.accessed'],
    ]);
    const stranger = await personalFile(bench.db, { idNumber: '999901199301050663', actor }, now);
    expect(stranger).toMatchObject({ registry: [], certificates: [], events: [], prints: [] });
  });

  test('a person is told what they have claimed and voted on', async () => {
    const { db } = bench;
    const key = 'k'.repeat(43);
    await db.insertInto('share_communities').values({ community: '荷花社区', key, changes: 0 }).execute();
    const closes_at = '2026-12-31T00:00:00.000Z';
    for (const id of ['meals', 'garden']) {
      const thing = { id, community: '荷花社区', closes_at, definition: '{}', added_at: closes_at };
      await db
        .insertInto('share_resources')
        .values({ ...thing, kind: id === 'meals' ? 'quota' : 'vote' })
        .execute();
    }
    const holder = holderOf(key, 'meals', '999901199301050663');
    const claim = { resource: 'meals', pot: 'a', amount: 2, lease: null, cancelled_at: null };
    await db
      .insertInto('share_claims')
      .values({ ...claim, claim: randomUUID(), holder, made_at: closes_at })
      .execute();
    const told = await personalFile(db, { idNumber: '999901199301050663', actor }, now);
    expect(told.claims).toEqual([
      { resource: 'meals', pot: 'a', amount: 2, made_at: closes_at, cancelled_at: null },
    ]);
    expect(told.votes).toEqual([]);
    const other = await personalFile(db, { idNumber: '999901194803120243', actor }, now);
    expect(other.claims).toEqual([]);
  });

  test('who was given which data is on record', async () => {
    const kiosk = await TestKiosk.enrolled(bench.url, 'inbox-acts');
    const { json } = await kiosk.send(kioskPaths.inbox, { have: null });
    const detail = { community: '荷花社区', digest: json.digest, residents: json.residents.length };
    const actor = 'kiosk:inbox-acts';
    const delivered = { actor, action: 'inbox.delivered', detail: JSON.stringify(detail) };
    expect(await lastActs(bench.db, 1)).toEqual([delivered]);
    await kiosk.send(kioskPaths.inbox, { have: json.digest });
    expect(await lastActs(bench.db, 1)).toEqual([delivered]); // nothing was told
    await kiosk.send(kioskPaths.resident, { idNumber: '999901199301050663' });
    expect(await lastActs(bench.db, 1)).toMatchObject([{ actor, action: 'resident.looked-up' }]);
  });

  test('after forgetting, name and number are in no table, and all that is not personal stays', async () => {
    const kiosk = await TestKiosk.enrolled(bench.url, 'forget-1');
    const { statement, events } = await visit(kiosk, 1);
    expect(await everything(bench.db)).toContain(holder.idNumber);
    const request = { idNumber: holder.idNumber, reason: 'asked for it in writing', registry: true, actor };
    expect(await forgetPerson(bench.db, request, now)).toEqual({ events: 2, certificates: 2, registry: 1 });
    expect(await onDisk(bench.db)).not.toContain(holder.idNumber);
    const left = await everything(bench.db);
    expect(left).not.toContain(holder.idNumber);
    expect(left).not.toContain(holder.name);
    const subjects = await bench.db
      .selectFrom('certificates')
      .select('subject')
      .where('subject', 'is not', null)
      .execute();
    expect(subjects).toEqual([]);

    const rows = await bench.db
      .selectFrom('events')
      .select(['hash', 'redacted_at', 'body', 'kind'])
      .where('kiosk', '=', kiosk.id)
      .orderBy('sequence')
      .execute();
    expect(rows.map(({ hash }) => hash)).toEqual(events.map(({ hash }) => hash));
    expect(rows.map(({ redacted_at }) => redacted_at)).toEqual([now.toISOString(), null, null, null]);
    expect(JSON.parse(rows[0]?.body ?? '')).toMatchObject({ body: { number: kiosk.number(1) } });
    const repeated = await kiosk.sendEvents(events);
    expect(repeated.json.results[0].outcome).toBe('duplicate');
    expect(await everything(bench.db)).not.toContain(holder.idNumber);
    expect((await post(bench.url, '/api/verify', { statement })).json.answer).toBe('genuine');
    expect(await forgetPerson(bench.db, request, now)).toEqual({ events: 0, certificates: 0, registry: 0 });
    expect((await checkAudit(bench.db)).broken).toBeNull();
  });

  test('what is old loses its personal data, once, however many look after it', async () => {
    const kiosk = await TestKiosk.enrolled(bench.url, 'retain-1');
    bench.setNow('2023-11-01T09:00:00.000Z');
    for (const serial of [1, 2, 3]) await visit(kiosk, serial);
    await kiosk.sendEvents([{ ...kiosk.event(help), hash: '0'.repeat(64) }]);
    bench.setNow('2026-11-22T09:00:00.000Z');
    await visit(kiosk, 4);
    const both = await Promise.all([
      expire(bench.db, { keepDays: 365, actor: 'system', now }),
      expire(bench.db, { keepDays: 365, actor: 'system', now }),
    ]);
    const sum = (field: 'events' | 'certificates' | 'refusals') => both[0][field] + both[1][field];
    expect([sum('events'), sum('certificates'), sum('refusals')]).toEqual([3, 3, 1]);
    const none = { events: 0, certificates: 0, refusals: 0 };
    expect(await expire(bench.db, { keepDays: 365, actor: 'system', now })).toEqual(none);
    // Whoever asks for it is on record, even where there is nothing to do.
    expect(await expire(bench.db, { keepDays: 365, actor, now })).toEqual(none);
    expect(await lastActs(bench.db, 1)).toMatchObject([{ actor: 'operator:zhou', action: 'data.expired' }]);
    const rows = await bench.db
      .selectFrom('events')
      .select(['redacted_at', 'body'])
      .where('kiosk', '=', kiosk.id)
      .where('kind', '=', 'certificate.issued')
      .orderBy('sequence')
      .execute();
    expect(rows.map(({ redacted_at }) => redacted_at !== null)).toEqual([true, true, true, false]);
    expect(rows.map(({ body }) => body.includes(holder.name))).toEqual([false, false, false, true]);
    expect((await checkAudit(bench.db)).broken).toBeNull();
  });

  test('it happens by itself once a day, by one of several backends', async () => {
    const { db } = bench;
    const kiosk = await TestKiosk.enrolled(bench.url, 'retain-2');
    bench.setNow('2022-11-01T09:00:00.000Z');
    await visit(kiosk, 1);
    bench.setNow('2026-11-22T09:00:00.000Z');
    await db.updateTable('chores').set({ last_run: '' }).execute();
    const failures: unknown[] = [];
    const options = { keepDays: 900, now: () => now, failed: (error: unknown) => failures.push(error) };
    const several = [1, 2, 3].map(() => startRetention(db, options));
    const row = () =>
      db
        .selectFrom('events')
        .select('redacted_at')
        .where('kiosk', '=', kiosk.id)
        .where('kind', '=', 'certificate.issued')
        .executeTakeFirst();
    await expect.poll(async () => (await row())?.redacted_at, { timeout: 60_000 }).toBe(now.toISOString());
    await Promise.all(several.map(({ stop }) => stop()));
    expect(failures).toEqual([]);
    const [chore] = await db.selectFrom('chores').selectAll().execute();
    expect(chore).toEqual({ name: 'retain', last_run: now.toISOString() });
    // One that fails is tried again: dates of such days cannot be reckoned with.
    await db.updateTable('chores').set({ last_run: '' }).execute();
    const failing = startRetention(db, { ...options, keepDays: Number.NaN });
    await expect.poll(() => failures, { timeout: 60_000 }).toHaveLength(1);
    await failing.stop();
    expect(await db.selectFrom('chores').select('last_run').execute()).toEqual([{ last_run: '' }]);
    const acts = await db.selectFrom('audit').select('detail').where('action', '=', 'data.expired').execute();
    expect(acts.filter(({ detail }) => detail.includes('"before":"2024-06'))).toHaveLength(1);
  });
}
