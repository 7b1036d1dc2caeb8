/** Where the backend keeps what it knows: SQLite in the process, or PostgreSQL. */
export { openStorage, type StorageOptions, StorageUnavailable } from './open.ts';
export type { Storage, Tables } from './schema.ts';
