import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Events of a second journal under one identity: kept whole, beside those that came first. */
export const forks: Migration = {
  async up(db: Kysely<unknown>) {
    const text = 'text';
    await db.schema
      .createTable('forks')
      .addColumn('kiosk', text, (c) => c.notNull().references('kiosks.id'))
      .addColumn('hash', text, (c) => c.notNull())
      .addColumn('id', text, (c) => c.notNull())
      .addColumn('enrolment', 'integer', (c) => c.notNull())
      .addColumn('sequence', 'bigint', (c) => c.notNull())
      .addColumn('kind', text, (c) => c.notNull())
      .addColumn('visit', text)
      .addColumn('device_time', text, (c) => c.notNull())
      .addColumn('server_time', text, (c) => c.notNull())
      .addColumn('previous', text, (c) => c.notNull())
      .addColumn('body', text, (c) => c.notNull())
      .addColumn('subject', text)
      .addColumn('redacted_at', text)
      .addPrimaryKeyConstraint('forks_key', ['kiosk', 'hash'])
      .execute();
    for (const name of ['forked_at', 'forked_sequence', 'forked_enrolment'] as const) {
      const type = name === 'forked_at' ? text : name === 'forked_sequence' ? 'bigint' : 'integer';
      await db.schema.alterTable('kiosks').addColumn(name, type).execute();
    }
  },
};
