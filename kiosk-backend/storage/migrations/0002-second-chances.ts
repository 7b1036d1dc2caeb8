import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** A code whose answer was lost is good again for the same kiosk; old requests are told by the kiosk's own clock. */
export const secondChances: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('enrolment_codes').addColumn('identity_key', 'text').execute();
    await db.schema
      .alterTable('enrolment_codes')
      .addColumn('uses', 'integer', (c) => c.notNull().defaultTo(0))
      .execute();
    // Codes used before this: by whom was not kept, so they stay used up.
    await sql`update enrolment_codes set uses = 1 where used_at is not null`.execute(db);
    await db.schema
      .alterTable('kiosks')
      .addColumn('kiosk_time_floor', 'text', (c) => c.notNull().defaultTo(''))
      .execute();
    await db.schema
      .alterTable('nonces')
      .addColumn('kiosk_time', 'text', (c) => c.notNull().defaultTo(''))
      .execute();
  },
};
