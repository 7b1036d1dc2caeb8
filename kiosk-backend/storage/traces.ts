import { sql } from 'kysely';
import { isPostgres } from './dialect.ts';
import type { Storage } from './schema.ts';

/**
 * After something was deleted, outside of any transaction: SQLite takes it out of its log, too, unless another process
 * is reading just then. PostgreSQL lets go of it by itself, at its next vacuum and as its logs are used again.
 */
export async function dropTraces(db: Storage): Promise<void> {
  if (!isPostgres(db)) await sql`pragma wal_checkpoint(truncate)`.execute(db);
}
