import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Residents' records travel signed; a signature is made once and kept, so that it costs nothing to be asked again. */
export const signedBundles: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('resident_bundles')
      .addColumn('resident', 'text', (c) => c.primaryKey().references('residents.id').onDelete('cascade'))
      .addColumn('content', 'text', (c) => c.notNull())
      .addColumn('signed_at', 'text', (c) => c.notNull())
      .addColumn('signature', 'text')
      .addColumn('fault', 'text')
      .execute();
  },
};
