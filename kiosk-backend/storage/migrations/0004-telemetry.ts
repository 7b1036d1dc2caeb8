import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** How each kiosk is: the latest it told. */
export const telemetry: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('telemetry')
      .addColumn('kiosk', 'text', (c) => c.primaryKey().references('kiosks.id'))
      .addColumn('run', 'text', (c) => c.notNull())
      .addColumn('tick', 'integer', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addColumn('server_time', 'text', (c) => c.notNull())
      .execute();
  },
};
