import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { isPostgres } from '../dialect.ts';
import { newSubjectKey, SUBJECT_KEY, subjectOf } from '../subject.ts';

/** Rows looked at in one go while old events are told whom they are about. */
const BATCH = 500;

/** The tables as they are at this version, as far as rows are filled in here. */
interface Then {
  secrets: { name: string; value: string };
  events: { kiosk: string; id: string; kind: string; body: string; subject: string | null };
  certificates: { kiosk: string; event: string; subject: string | null };
}

/** An audit that can only grow; whom an event is about, so that a person's data are found; what the backend does daily. */
export const keeping: Migration = {
  async up(any: Kysely<unknown>) {
    const db = any as Kysely<Then>;
    const text = 'text';
    await db.schema
      .createTable('secrets')
      .addColumn('name', text, (c) => c.primaryKey())
      .addColumn('value', text, (c) => c.notNull())
      .execute();
    const key = newSubjectKey();
    await db.insertInto('secrets').values({ name: SUBJECT_KEY, value: key }).execute();

    await db.schema
      .createTable('audit')
      .addColumn('sequence', 'bigint', (c) => c.primaryKey())
      .addColumn('at', text, (c) => c.notNull())
      .addColumn('actor', text, (c) => c.notNull())
      .addColumn('action', text, (c) => c.notNull())
      .addColumn('subject', text)
      .addColumn('detail', text, (c) => c.notNull())
      .addColumn('previous', text, (c) => c.notNull())
      .addColumn('hash', text, (c) => c.notNull().unique())
      .execute();
    await db.schema
      .createIndex('audit_by_subject')
      .on('audit')
      .columns(['subject', 'sequence'])
      .where(sql.ref('subject'), 'is not', null)
      .execute();
    // It counts the audit's entries, which are more than four bytes hold; SQLite's integers have eight.
    if (isPostgres(db)) await sql`alter table counters alter column value type bigint`.execute(db);
    await sql`insert into counters (name, value) values ('audit', 0)`.execute(db);
    await onlyGrows(db);

    await db.schema
      .createTable('chores')
      .addColumn('name', text, (c) => c.primaryKey())
      .addColumn('last_run', text, (c) => c.notNull())
      .execute();
    await sql`insert into chores (name, last_run) values ('retain', '')`.execute(db);

    await db.schema.alterTable('events').addColumn('subject', text).execute();
    await db.schema.alterTable('events').addColumn('redacted_at', text).execute();
    await db.schema.alterTable('certificates').addColumn('subject', text).execute();
    await nameSubjects(db, key);
    for (const table of ['events', 'forks', 'certificates'] as const) {
      await db.schema
        .createIndex(`${table}_by_subject`)
        .on(table)
        .columns(['subject', 'server_time'])
        .where(sql.ref('subject'), 'is not', null)
        .execute();
    }
    await db.schema
      .createIndex('events_to_redact')
      .on('events')
      .column('server_time')
      .where(sql.ref('subject'), 'is not', null)
      .execute();
    await db.schema.createIndex('refusals_by_age').on('refusals').column('server_time').execute();
  },
};

/** The database itself refuses to change or remove an entry of the audit. */
async function onlyGrows(db: Kysely<Then>): Promise<void> {
  if (!isPostgres(db)) {
    for (const act of ['update', 'delete']) {
      await sql`create trigger ${sql.ref(`audit_no_${act}`)} before ${sql.raw(act)} on audit
        begin select raise(abort, 'audit only grows'); end`.execute(db);
    }
    // `insert or replace` takes rows away without asking the triggers for that.
    await sql`create trigger audit_no_replace before insert on audit
      when exists (select 1 from audit where sequence = new.sequence or hash = new.hash)
      begin select raise(abort, 'audit only grows'); end`.execute(db);
    return;
  }
  await sql`create function audit_only_grows() returns trigger language plpgsql as
    $$ begin raise exception 'audit only grows'; end $$`.execute(db);
  await sql`create trigger audit_no_change before update or delete or truncate on audit
    for each statement execute function audit_only_grows()`.execute(db);
}

async function nameSubjects(db: Kysely<Then>, key: string): Promise<void> {
  let after = { kiosk: '', id: '' };
  for (;;) {
    const rows = await db
      .selectFrom('events')
      .select(['kiosk', 'id', 'body'])
      .where('kind', '=', 'certificate.issued')
      .where((where) =>
        where.or([
          where('kiosk', '>', after.kiosk),
          where.and([where('kiosk', '=', after.kiosk), where('id', '>', after.id)]),
        ]),
      )
      .orderBy('kiosk')
      .orderBy('id')
      .limit(BATCH)
      .execute();
    for (const { kiosk, id, body } of rows) {
      const subject = subjectOf(JSON.parse(body), key);
      await db
        .updateTable('events')
        .set({ subject })
        .where('kiosk', '=', kiosk)
        .where('id', '=', id)
        .execute();
    }
    const last = rows.at(-1);
    if (!last) break;
    after = last;
  }
  await sql`update certificates set subject = (
    select events.subject from events where events.kiosk = certificates.kiosk and events.id = certificates.event
  )`.execute(db);
}
