import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const first: Migration = {
  async up(db: Kysely<unknown>) {
    const text = 'text';
    await db.schema
      .createTable('counters')
      .addColumn('name', text, (c) => c.primaryKey())
      .addColumn('value', 'integer', (c) => c.notNull())
      .execute();
    await sql`insert into counters (name, value) values ('kiosk-number', 0)`.execute(db);
    await db.schema
      .createTable('authority')
      .addColumn('id', 'integer', (c) => c.primaryKey())
      .addColumn('private_key', text, (c) => c.notNull())
      .addColumn('certificate', text, (c) => c.notNull())
      .addColumn('created_at', text, (c) => c.notNull())
      .execute();
    await db.schema
      .createTable('kiosks')
      .addColumn('id', text, (c) => c.primaryKey())
      .addColumn('number', text, (c) => c.notNull().unique())
      .addColumn('community', text, (c) => c.notNull())
      .addColumn('identity_key', text, (c) => c.notNull())
      .addColumn('enrolment', 'integer', (c) => c.notNull())
      .addColumn('enrolled_at', text, (c) => c.notNull())
      .addColumn('last_contact', text, (c) => c.notNull())
      .addColumn('last_kiosk_time', text)
      .execute();
    await db.schema
      .createTable('document_keys')
      .addColumn('key_id', text, (c) => c.primaryKey())
      .addColumn('kiosk', text, (c) => c.notNull().references('kiosks.id'))
      .addColumn('spki', text, (c) => c.notNull())
      .addColumn('added_at', text, (c) => c.notNull())
      .execute();
    await db.schema
      .createTable('number_blocks')
      .addColumn('kiosk', text, (c) => c.notNull().references('kiosks.id'))
      .addColumn('kiosk_number', text, (c) => c.notNull())
      .addColumn('first', 'integer', (c) => c.notNull())
      .addColumn('last', 'integer', (c) => c.notNull())
      .addColumn('given_at', text, (c) => c.notNull())
      .addPrimaryKeyConstraint('number_blocks_key', ['kiosk_number', 'first'])
      .execute();
    await db.schema
      .createTable('enrolment_codes')
      .addColumn('code_hash', text, (c) => c.primaryKey())
      .addColumn('kiosk', text, (c) => c.notNull())
      .addColumn('community', text, (c) => c.notNull())
      .addColumn('expires_at', text, (c) => c.notNull())
      .addColumn('used_at', text)
      .execute();
    await db.schema
      .createTable('nonces')
      .addColumn('kiosk', text, (c) => c.notNull())
      .addColumn('nonce', text, (c) => c.notNull())
      .addColumn('seen_at', text, (c) => c.notNull())
      .addPrimaryKeyConstraint('nonces_key', ['kiosk', 'nonce'])
      .execute();
    await db.schema.createIndex('nonces_by_age').on('nonces').column('seen_at').execute();
    await db.schema
      .createTable('residents')
      .addColumn('id', text, (c) => c.primaryKey())
      .addColumn('id_number', text, (c) => c.notNull().unique())
      .addColumn('name', text, (c) => c.notNull())
      .addColumn('residence', text, (c) => c.notNull())
      .addColumn('community', text, (c) => c.notNull())
      .addColumn('resident_since', text, (c) => c.notNull())
      .addColumn('status', text, (c) => c.notNull())
      .execute();
    await db.schema.createIndex('residents_by_community').on('residents').column('community').execute();
    await db.schema
      .createTable('staff')
      .addColumn('id', text, (c) => c.primaryKey())
      .addColumn('name', text, (c) => c.notNull())
      .addColumn('role', text, (c) => c.notNull())
      .addColumn('badge', text, (c) => c.notNull().unique())
      .addColumn('pin_salt', text, (c) => c.notNull())
      .addColumn('pin_hash', text, (c) => c.notNull())
      .execute();
    await db.schema
      .createTable('events')
      .addColumn('kiosk', text, (c) => c.notNull().references('kiosks.id'))
      .addColumn('id', text, (c) => c.notNull())
      .addColumn('enrolment', 'integer', (c) => c.notNull())
      .addColumn('sequence', 'bigint', (c) => c.notNull())
      .addColumn('kind', text, (c) => c.notNull())
      .addColumn('visit', text)
      .addColumn('device_time', text, (c) => c.notNull())
      .addColumn('server_time', text, (c) => c.notNull())
      .addColumn('previous', text, (c) => c.notNull())
      .addColumn('hash', text, (c) => c.notNull())
      .addColumn('body', text, (c) => c.notNull())
      .addColumn('outcome', text, (c) => c.notNull())
      .addColumn('reason', text)
      .addPrimaryKeyConstraint('events_key', ['kiosk', 'id'])
      .addUniqueConstraint('events_in_sequence', ['kiosk', 'enrolment', 'sequence'])
      .execute();
    await db.schema.createIndex('events_by_kind').on('events').columns(['kind', 'server_time']).execute();
    await db.schema
      .createTable('chain_gaps')
      .addColumn('kiosk', text, (c) => c.notNull())
      .addColumn('enrolment', 'integer', (c) => c.notNull())
      .addColumn('sequence', 'bigint', (c) => c.notNull())
      .addColumn('problem', text, (c) => c.notNull())
      .addColumn('server_time', text, (c) => c.notNull())
      .addPrimaryKeyConstraint('chain_gaps_key', ['kiosk', 'enrolment', 'sequence'])
      .execute();
    await db.schema
      .createTable('refusals')
      .addColumn('kiosk', text, (c) => c.notNull())
      .addColumn('event', text, (c) => c.notNull())
      .addColumn('reason', text, (c) => c.notNull())
      .addColumn('server_time', text, (c) => c.notNull())
      .execute();
    await db.schema
      .createTable('certificates')
      .addColumn('number_key', text, (c) => c.primaryKey())
      .addColumn('number', text, (c) => c.notNull())
      .addColumn('type', text, (c) => c.notNull())
      .addColumn('kiosk', text, (c) => c.notNull().references('kiosks.id'))
      .addColumn('event', text, (c) => c.notNull())
      .addColumn('statement', text, (c) => c.notNull())
      .addColumn('offline', 'integer', (c) => c.notNull())
      .addColumn('server_time', text, (c) => c.notNull())
      .execute();
    await db.schema
      .createTable('revocations')
      .addColumn('number_key', text, (c) => c.primaryKey())
      .addColumn('number', text, (c) => c.notNull())
      .addColumn('reason', text, (c) => c.notNull())
      .addColumn('revoked_at', text, (c) => c.notNull())
      .execute();
    await db.schema
      .createTable('print_ledger')
      .addColumn('kiosk', text, (c) => c.notNull().references('kiosks.id'))
      .addColumn('event', text, (c) => c.notNull())
      .addColumn('enrolment', 'integer', (c) => c.notNull())
      .addColumn('sequence', 'bigint', (c) => c.notNull())
      .addColumn('entry', text, (c) => c.notNull())
      .addColumn('visit', text, (c) => c.notNull())
      .addColumn('document', text, (c) => c.notNull())
      .addColumn('number', text)
      .addColumn('state', text, (c) => c.notNull())
      .addColumn('detail', text, (c) => c.notNull())
      .addColumn('server_time', text, (c) => c.notNull())
      .addPrimaryKeyConstraint('print_ledger_key', ['kiosk', 'event'])
      .execute();
    await db.schema
      .createIndex('print_ledger_by_entry')
      .on('print_ledger')
      .columns(['kiosk', 'entry'])
      .execute();
  },
};
