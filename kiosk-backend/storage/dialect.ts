import { type Kysely, PostgresAdapter, SqliteAdapter, type SqliteDatabase, SqliteDialect } from 'kysely';

/** Whether this is PostgreSQL, for the few statements in which the two databases differ. */
export const isPostgres = <T>(db: Kysely<T>): boolean => db.getExecutor().adapter instanceof PostgresAdapter;

/** The database itself, where it is SQLite: for statements in a transaction that are not worth a promise each. */
export function sqliteOf<T>(db: Kysely<T>): SqliteDatabase | null {
  const { adapter } = db.getExecutor();
  return adapter instanceof TransactionalSqliteAdapter ? adapter.database : null;
}

/**
 * SQLite takes `create table` back like any other statement. Told so, Kysely runs a migration in a transaction: one
 * that is cut short leaves nothing behind, and a second process waits for the first.
 */
export class TransactionalSqliteDialect extends SqliteDialect {
  readonly #database: SqliteDatabase;

  constructor(database: SqliteDatabase) {
    super({ database });
    this.#database = database;
  }

  override createAdapter(): SqliteAdapter {
    return new TransactionalSqliteAdapter(this.#database);
  }
}

class TransactionalSqliteAdapter extends SqliteAdapter {
  readonly database: SqliteDatabase;

  constructor(database: SqliteDatabase) {
    super();
    this.database = database;
  }

  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}
