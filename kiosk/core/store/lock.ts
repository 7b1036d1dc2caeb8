import { DatabaseSync } from 'node:sqlite';
import { err, ok, type Result } from '@huimin/drivers';

/**
 * Keeps a second core out of the same data folder. Node has no file lock of its own; SQLite's is the operating
 * system's, on every platform, and ends with its process: a power cut leaves nothing behind to trip over.
 */
export function lockFolder(path: string): Result<{ release(): void }, string> {
  let database: DatabaseSync | null = null;
  try {
    database = new DatabaseSync(path);
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
    const held = database;
    return ok({ release: () => held.close() });
  } catch (cause) {
    database?.close();
    const reason = cause instanceof Error ? cause.message : String(cause);
    return err(
      reason.includes('locked')
        ? 'the data folder is in use by another kiosk'
        : `the data folder cannot be used: ${reason}`,
    );
  }
}
