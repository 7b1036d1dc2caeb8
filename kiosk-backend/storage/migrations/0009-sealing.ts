import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** What is carried to the backend by hand is sealed for one of these keys. Old ones stay, to open what is on its way. */
export const sealing: Migration = {
  async up(db: Kysely<unknown>) {
    const text = 'text';
    await db.schema
      .createTable('sealing_keys')
      .addColumn('suite', text, (c) => c.notNull())
      .addColumn('generation', 'integer', (c) => c.notNull())
      .addColumn('key_id', text, (c) => c.notNull().unique())
      .addColumn('public_key', text, (c) => c.notNull())
      .addColumn('private_key', text, (c) => c.notNull())
      .addColumn('created_at', text, (c) => c.notNull())
      .addPrimaryKeyConstraint('sealing_keys_key', ['suite', 'generation'])
      .execute();
  },
};
