import { createHash, createPrivateKey, createPublicKey, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { checkAudit } from '../audit/index.ts';
import { kioskPaths } from '../contract/index.ts';
import { startBackend } from '../server.ts';
import { help, type Places, post, TestKiosk } from '../testing/index.ts';
import { isPostgres, openStorage, type Storage, subjectFor, subjectKey } from './index.ts';
import { migrations } from './migrations/index.ts';
import { connect } from './open.ts';

const folder = new URL('./fixtures/', import.meta.url);
const jwk = z.looseObject({ kty: z.string() });
const value = z.union([z.string(), z.number(), z.null()]);

/** A database as the program of that version left it, and the keys of the kiosk that it served. */
const fixtureSchema = z.object({
  kiosk: z.object({
    id: z.string(),
    identity: jwk,
    documentKey: jwk,
    spki: z.string(),
    sequence: z.number(),
    previous: z.string(),
    certificates: z.array(z.object({ number: z.string(), statement: z.string() })),
  }),
  rows: z.record(z.string(), z.array(z.record(z.string(), value))),
});
type Fixture = z.infer<typeof fixtureSchema>;

const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
const fixtures = readdirSync(folder)
  .filter((name) => /^\d{4}-.*\.json$/.test(name))
  .map((name) => name.replace('.json', ''));
const schemas = z
  .record(z.string(), z.object({ sqlite: z.string(), postgres: z.string() }))
  .parse(read('schemas.json'));

async function migrateTo(db: Storage, version: string): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...migrations }) } });
  const { error } = await migrator.migrateTo(version);
  if (error) throw error;
}

/** The tables, columns, indexes and triggers, as one hash. */
async function schemaOf(db: Storage): Promise<string> {
  const { rows } = isPostgres(db)
    ? await sql<{ text: string }>`
        select concat_ws(' ', table_name, column_name, data_type, is_nullable, column_default) as text
          from information_schema.columns where table_schema = 'public'
        union all select indexdef from pg_indexes where schemaname = 'public'
        union all select concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid))
          from pg_constraint where connamespace = 'public'::regnamespace
        union all select pg_get_triggerdef(oid) from pg_trigger where not tgisinternal`.execute(db)
    : await sql<{ text: string }>`select sql as text from sqlite_master where sql is not null`.execute(db);
  const lines = rows.map(({ text }) => text).filter((text) => !text.includes('kysely_'));
  return createHash('sha256').update(lines.sort().join('\n')).digest('hex');
}

/** Rows of other tables refer to rows of these. */
const parents = ['kiosks', 'residents', 'share_communities', 'share_resources', 'share_books'];
/** What a change of tables puts into its new tables. */
const begun = ['counters', 'secrets', 'chores'];

async function fill(db: Storage, rows: Fixture['rows']): Promise<void> {
  const names = [...parents.filter((name) => name in rows), ...Object.keys(rows)];
  await db.transaction().execute(async (trx) => {
    for (const name of begun.filter((name) => name in rows))
      await sql`delete from ${sql.table(name)}`.execute(trx);
    for (const name of new Set(names)) {
      for (const row of rows[name] ?? []) {
        const columns = sql.join(Object.keys(row).map((column) => sql.ref(column)));
        await sql`insert into ${sql.table(name)} (${columns}) values (${sql.join(Object.values(row))})`.execute(
          trx,
        );
      }
    }
  });
}

async function kioskOf({ kiosk }: Fixture, url: string): Promise<TestKiosk> {
  const made = await TestKiosk.make(url, kiosk.id);
  const privateKey = createPrivateKey({ key: kiosk.identity, format: 'jwk' });
  return Object.assign(made, {
    identity: { privateKey, publicKey: createPublicKey(privateKey) },
    sequence: kiosk.sequence,
    previous: kiosk.previous,
  });
}

/** Every earlier version's database, opened by this one. */
export function versionsSuite(places: Places): void {
  const released = Object.keys(schemas);

  test.each(released)('what was released stays: %s makes the tables that it made', async (version) => {
    const db = connect(await places.fresh());
    await migrateTo(db, version);
    expect({ version, schema: await schemaOf(db) }).toEqual({
      version,
      schema: schemas[version]?.[places.kind],
    });
    await db.destroy();
  });

  describe.each(fixtures)('a database of %s', (version) => {
    test('keeps every row, and goes on serving its kiosk', { timeout: 90_000 }, async () => {
      const fixture = fixtureSchema.parse(read(`${version}.json`));
      const place = await places.fresh();
      const old = connect(place);
      await migrateTo(old, version);
      await fill(old, fixture.rows);
      await old.destroy();

      const db = await openStorage(place);
      for (const [name, rows] of Object.entries(fixture.rows)) {
        const { rows: kept } = await sql`select * from ${sql.table(name)}`.execute(db);
        if (!begun.includes(name)) expect(kept).toHaveLength(rows.length);
        expect(kept).toEqual(expect.arrayContaining(rows.map((row) => expect.objectContaining(row))));
      }
      const subject = subjectFor('999901194803120243', await subjectKey(db));
      const named = await db
        .selectFrom('events')
        .select(['kind', 'subject'])
        .where('subject', 'is not', null)
        .execute();
      const issued = fixture.rows.events?.filter(({ kind }) => kind === 'certificate.issued') ?? [];
      expect(named).toEqual(issued.map(({ kind }) => ({ kind, subject })));
      const held = await db.selectFrom('certificates').select('subject').execute();
      expect(held).toEqual(fixture.rows.certificates?.map(() => ({ subject })));

      const now = () => new Date('2026-11-22T09:00:00.000Z');
      const options = { host: '127.0.0.1', port: 0, demo: true, operator: '某市', now };
      const backend = await startBackend({ ...place, ...options });
      const kiosk = await kioskOf(fixture, backend.url);
      const events = [kiosk.event(help)];
      // Not by this machine's clock, which may stand before the times in the fixture.
      const { json } = await kiosk.send(kioskPaths.events, { events }, { time: now().toISOString() });
      expect(json.results).toEqual([{ id: expect.any(String), outcome: 'accepted' }]);
      const gaps = await db.selectFrom('chain_gaps').select('sequence').execute();
      expect(gaps).toHaveLength(fixture.rows.chain_gaps?.length ?? 0);
      const answers = [];
      for (const { statement } of fixture.kiosk.certificates) {
        answers.push((await post(backend.url, '/api/verify', { statement })).json.answer);
      }
      expect(answers).toEqual(['genuine', 'revoked']);
      expect((await checkAudit(db)).broken).toBeNull();
      await backend.close();
      await db.destroy();
    });
  });

  test('a database of a newer program is refused in one sentence, and left as it is', async () => {
    const place = await places.fresh();
    const db = await openStorage(place);
    await sql`insert into kysely_migration (name, timestamp) values ('9999-later', ${new Date().toISOString()})`.execute(
      db,
    );
    const before = await schemaOf(db);
    await expect(openStorage(place)).rejects.toThrow(
      /was last used by a newer version of this program \(9999-later\): update this one\.$/,
    );
    expect(await schemaOf(db)).toBe(before);
    await db.destroy();
  });

  test('a change of tables that is cut short leaves nothing behind', async () => {
    const place = await places.fresh();
    const db = connect(place);
    await migrateTo(db, '0001-first');
    const before = await schemaOf(db);
    const mark = randomBytes(4).toString('hex');
    const failing = new Migrator({
      db,
      provider: {
        getMigrations: async () => ({
          '0001-first': migrations['0001-first'] ?? { up: async () => undefined },
          '0002-cut': {
            up: async (trx) => {
              await trx.schema.createTable(`half_${mark}`).addColumn('id', 'text').execute();
              throw new Error('power failed');
            },
          },
        }),
      },
    });
    expect((await failing.migrateToLatest()).error).toMatchObject({ message: 'power failed' });
    expect(await schemaOf(db)).toBe(before);
    await db.destroy();
    await (await openStorage(place)).destroy();
  });
}
