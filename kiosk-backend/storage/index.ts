/** Where the backend keeps what it knows: SQLite in the process, or PostgreSQL. */
export { given, insertRows } from './bulk.ts';
export { isPostgres } from './dialect.ts';
export { type StorageFailure, storageFailure } from './failure.ts';
export { passingName } from './leftovers.ts';
export {
  openKept,
  openRestoring,
  openStorage,
  placeOf,
  RESTORING_TABLE,
  SQLITE_FILE,
  type StorageOptions,
  StorageUnavailable,
} from './open.ts';
export type { Storage, Tables } from './schema.ts';
export { subjectFor, subjectKey, subjectOf } from './subject.ts';
export { dropTraces } from './traces.ts';
