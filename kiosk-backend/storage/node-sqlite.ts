import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import type { SqliteDatabase, SqliteStatement } from 'kysely';

/** Statements kept prepared; those of the backend are far fewer, but for lists of changing length. */
const MOST_KEPT = 200;

/**
 * Node's own SQLite in the shape Kysely's dialect asks for (that of better-sqlite3). Write-ahead log, and every commit
 * is on the disk before it is acknowledged; what is deleted is overwritten.
 */
export function openNodeSqlite(path: string): SqliteDatabase {
  const database = new DatabaseSync(path);
  database.exec(
    'PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON',
  );
  const kept = new Map<string, SqliteStatement>();
  const values = (parameters: readonly unknown[]) => parameters as SQLInputValue[];
  const prepared = (sql: string): SqliteStatement => {
    // A transaction that begins by reading and then writes fails at once, without waiting, when another process
    // wrote in between; taking the write lock at the beginning waits instead.
    const text = sql === 'begin' ? 'begin immediate' : sql;
    const statement = database.prepare(text);
    return {
      reader: statement.columns().length > 0,
      all: (parameters) => statement.all(...values(parameters)),
      // On a full or failing disk SQLite has rolled back by itself, and another rollback would hide why.
      run: (parameters) =>
        sql === 'rollback' && !database.isTransaction
          ? { changes: 0, lastInsertRowid: 0 }
          : statement.run(...values(parameters)),
      // One of its own: the kept one may be used again while this one is still being read.
      iterate: (parameters) => database.prepare(text).iterate(...values(parameters)),
    };
  };
  return {
    close: () => database.close(),
    prepare(sql) {
      const known = kept.get(sql);
      if (known) return known;
      const statement = prepared(sql);
      const [oldest] = kept.size >= MOST_KEPT ? kept.keys() : [];
      if (oldest !== undefined) kept.delete(oldest);
      kept.set(sql, statement);
      return statement;
    },
  };
}
