import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Every key a kiosk was ever known by, kiosks that lost their trust, and where kiosks find this backend. */
export const trust: Migration = {
  async up(db: Kysely<unknown>) {
    const text = 'text';
    await db.schema
      .createTable('identity_keys')
      .addColumn('kiosk', text, (c) => c.notNull().references('kiosks.id'))
      .addColumn('enrolment', 'integer', (c) => c.notNull())
      .addColumn('key', text, (c) => c.notNull())
      .addColumn('from', text, (c) => c.notNull())
      .addColumn('until', text)
      .addPrimaryKeyConstraint('identity_keys_key', ['kiosk', 'enrolment'])
      .execute();
    // Of those before the present one only the number is known.
    await sql`insert into identity_keys (kiosk, enrolment, key, ${sql.ref('from')})
      select id, enrolment, identity_key, enrolled_at from kiosks`.execute(db);
    await db.schema
      .createTable('kiosk_revocations')
      .addColumn('kiosk', text, (c) => c.notNull().references('kiosks.id'))
      .addColumn('enrolment', 'integer', (c) => c.notNull())
      .addColumn('since', text, (c) => c.notNull())
      .addColumn('reason', text, (c) => c.notNull())
      .addColumn('revoked_at', text, (c) => c.notNull())
      .addPrimaryKeyConstraint('kiosk_revocations_key', ['kiosk', 'enrolment'])
      .execute();
    await db.schema.alterTable('kiosks').addColumn('revoked_at', text).execute();
    // Keys from before this belong to the first enrolment or a later one: the first is the stricter guess.
    await db.schema
      .alterTable('document_keys')
      .addColumn('enrolment', 'integer', (c) => c.notNull().defaultTo(1))
      .execute();
    await db.schema
      .createTable('settings')
      .addColumn('name', text, (c) => c.primaryKey())
      .addColumn('value', text, (c) => c.notNull())
      .execute();
  },
};
