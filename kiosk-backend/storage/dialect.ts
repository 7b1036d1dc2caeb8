import { type Kysely, PostgresAdapter, SqliteAdapter, SqliteDialect } from 'kysely';

/** Whether this is PostgreSQL, for the few statements in which the two databases differ. */
export const isPostgres = <T>(db: Kysely<T>): boolean => db.getExecutor().adapter instanceof PostgresAdapter;

/**
 * SQLite takes `create table` back like any other statement. Told so, Kysely runs a migration in a transaction: one
 * that is cut short leaves nothing behind, and a second process waits for the first.
 */
export class TransactionalSqliteDialect extends SqliteDialect {
  override createAdapter(): SqliteAdapter {
    return new TransactionalSqliteAdapter();
  }
}

class TransactionalSqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}
