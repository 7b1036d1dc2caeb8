/**
 * What became of a transaction that failed: `contended` may succeed when it is tried again, `away` means that the
 * database cannot be reached or cannot write at all, and everything else is about what was to be written.
 */
export type StorageFailure = 'contended' | 'away' | 'other';

/** SQLSTATE: serialization failure, deadlock, unique violation, lock not available. */
const CONTENDED: ReadonlySet<string> = new Set(['40001', '40P01', '23505', '55P03']);
/** SQLSTATE classes: connection, resources, operator intervention, system error. */
const AWAY = /^(08|53|57|58)...$/;
/** Primary result codes of SQLite, the low byte of `errcode`. */
const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;
/** Extended: a primary key or a unique index was violated. */
const SQLITE_TAKEN: ReadonlySet<number> = new Set([1555, 2067]);
/** Read-only, I/O error, full, cannot open. */
const SQLITE_AWAY: ReadonlySet<number> = new Set([8, 10, 13, 14]);

export function storageFailure(error: unknown): StorageFailure {
  if (!(error instanceof Error)) return 'other';
  const { code, errcode } = error as { code?: unknown; errcode?: unknown };
  if (typeof errcode === 'number') {
    const primary = errcode & 0xff;
    if (SQLITE_AWAY.has(primary)) return 'away';
    const again = primary === SQLITE_BUSY || primary === SQLITE_LOCKED || SQLITE_TAKEN.has(errcode);
    return again ? 'contended' : 'other';
  }
  if (typeof code === 'string') {
    if (CONTENDED.has(code)) return 'contended';
    if (AWAY.test(code) || /^E[A-Z]+$/.test(code)) return 'away';
    return 'other';
  }
  // What `pg` says of a connection that ended or did not come about has no code.
  return /connection|timeout/i.test(error.message) ? 'away' : 'other';
}
