import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** The database itself refuses what would be more than there is. */
const isNotNegative = (expression: string) => sql`${sql.raw(expression)} >= 0`;

/** What kiosks of one community share, who holds which part, what was claimed, and how many chose what in a vote. */
export const shares: Migration = {
  async up(db: Kysely<unknown>) {
    const text = 'text';
    await db.schema
      .createTable('share_communities')
      .addColumn('community', text, (c) => c.primaryKey())
      .addColumn('key', text, (c) => c.notNull())
      .addColumn('changes', 'bigint', (c) => c.notNull())
      .addColumn('restored_at', text)
      .execute();
    await db.schema
      .createTable('share_resources')
      .addColumn('id', text, (c) => c.primaryKey())
      .addColumn('community', text, (c) => c.notNull().references('share_communities.community'))
      .addColumn('kind', text, (c) => c.notNull())
      .addColumn('closes_at', text, (c) => c.notNull())
      .addColumn('definition', text, (c) => c.notNull())
      .addColumn('added_at', text, (c) => c.notNull())
      .execute();
    await db.schema
      .createIndex('share_resources_by_community')
      .on('share_resources')
      .columns(['community', 'closes_at'])
      .execute();
    await db.schema
      .createTable('share_pots')
      .addColumn('resource', text, (c) => c.notNull().references('share_resources.id'))
      .addColumn('pot', text, (c) => c.notNull())
      .addColumn('capacity', 'integer', (c) => c.notNull())
      .addColumn('pool', 'integer', (c) => c.notNull().check(isNotNegative('pool')))
      .addPrimaryKeyConstraint('share_pots_key', ['resource', 'pot'])
      .execute();
    await db.schema
      .createTable('share_books')
      .addColumn('id', text, (c) => c.primaryKey())
      .addColumn('kiosk', text, (c) => c.notNull().references('kiosks.id'))
      .addColumn('opened_at', text, (c) => c.notNull())
      .addColumn('heard_at', text)
      .addColumn('written_off_at', text)
      .addColumn('reason', text)
      .execute();
    await db.schema.createIndex('share_books_by_kiosk').on('share_books').column('kiosk').execute();
    await db.schema
      .createTable('share_leases')
      .addColumn('id', text, (c) => c.primaryKey())
      .addColumn('book', text, (c) => c.notNull().references('share_books.id'))
      .addColumn('resource', text, (c) => c.notNull())
      .addColumn('pot', text, (c) => c.notNull())
      .addColumn('granted', 'integer', (c) => c.notNull())
      .addColumn('used', 'integer', (c) => c.notNull())
      .addColumn('returned', 'integer', (c) => c.notNull())
      .addColumn('recalled', 'integer', (c) => c.notNull())
      .addUniqueConstraint('share_leases_of_book', ['book', 'resource', 'pot'])
      .addForeignKeyConstraint('share_leases_pot', ['resource', 'pot'], 'share_pots', ['resource', 'pot'])
      .addCheckConstraint('share_leases_not_overdrawn', isNotNegative('granted - used - returned'))
      .execute();
    await db.schema
      .createIndex('share_leases_by_pot')
      .on('share_leases')
      .columns(['resource', 'pot'])
      .execute();
    await db.schema
      .createTable('share_claims')
      .addColumn('claim', text, (c) => c.primaryKey())
      .addColumn('resource', text, (c) => c.notNull().references('share_resources.id'))
      .addColumn('holder', text, (c) => c.notNull())
      .addColumn('pot', text)
      .addColumn('amount', 'integer', (c) => c.notNull())
      .addColumn('lease', text)
      .addColumn('made_at', text)
      .addColumn('cancelled_at', text)
      .execute();
    await db.schema
      .createIndex('share_claims_by_holder')
      .on('share_claims')
      .columns(['resource', 'holder'])
      .execute();
    await db.schema
      .createTable('share_voters')
      .addColumn('resource', text, (c) => c.notNull().references('share_resources.id'))
      .addColumn('holder', text, (c) => c.notNull())
      .addColumn('claim', text, (c) => c.notNull().unique())
      .addColumn('lease', text, (c) => c.notNull().references('share_leases.id'))
      .addPrimaryKeyConstraint('share_voters_key', ['resource', 'holder'])
      .execute();
    await db.schema
      .createTable('share_ballots')
      .addColumn('resource', text, (c) => c.notNull().references('share_resources.id'))
      .addColumn('choice', text, (c) => c.notNull())
      .addColumn('votes', 'integer', (c) => c.notNull())
      .addPrimaryKeyConstraint('share_ballots_key', ['resource', 'choice'])
      .execute();
    await db.schema
      .createTable('share_boxes')
      .addColumn('book', text, (c) => c.notNull().references('share_books.id'))
      .addColumn('resource', text, (c) => c.notNull().references('share_resources.id'))
      .addColumn('ballots', 'integer', (c) => c.notNull())
      .addPrimaryKeyConstraint('share_boxes_key', ['book', 'resource'])
      .execute();
    await db.schema
      .createTable('share_notes')
      .addColumn('kiosk', text, (c) => c.notNull())
      .addColumn('event', text, (c) => c.notNull())
      .addColumn('resource', text, (c) => c.notNull())
      .addColumn('note', text, (c) => c.notNull())
      .addColumn('server_time', text, (c) => c.notNull())
      .addPrimaryKeyConstraint('share_notes_key', ['kiosk', 'event'])
      .execute();
  },
};
