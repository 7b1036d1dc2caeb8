import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Kysely, PostgresDialect, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import pg from 'pg';
import { isPostgres, TransactionalSqliteDialect } from './dialect.ts';
import { removeLeftovers } from './leftovers.ts';
import { migrations } from './migrations/index.ts';
import { openNodeSqlite } from './node-sqlite.ts';
import type { Storage, Tables } from './schema.ts';

/** Object identifier of PostgreSQL's `int8`, which `pg` answers as text lest it lose digits; ours are all safe. */
const INT8 = 20;

/** The SQLite file's name in the data folder. */
export const SQLITE_FILE = 'backend.sqlite';

/** Why the storage could not be opened, as one sentence for the person at the terminal. */
export class StorageUnavailable extends Error {
  override readonly name = 'StorageUnavailable';
}

export interface StorageOptions {
  /** Where the SQLite file lives; made if absent, for this user alone. Unused with `databaseUrl`. */
  readonly data: string;
  /** `postgres://…`; PostgreSQL instead of SQLite. */
  readonly databaseUrl?: string | undefined;
}

/** Opens the database and brings its tables up to date. Throws {@link StorageUnavailable}. */
export async function openStorage(options: StorageOptions): Promise<Storage> {
  return ready(connect(options), options);
}

/** Like {@link openStorage}, where a backend has kept something before: nothing is made, which a typo would ask for. */
export async function openKept(options: StorageOptions): Promise<Storage> {
  if (options.databaseUrl || existsSync(join(options.data, SQLITE_FILE))) {
    const storage = connect(options);
    if ((await hasTable(storage, 'kysely_migration')) !== false) return ready(storage, options);
    await storage.destroy();
  }
  throw new StorageUnavailable(`There is no backend's database in ${placeOf(options)}.`);
}

/** Like {@link openStorage}, for the restore that goes on there. */
export const openRestoring = (options: StorageOptions): Promise<Storage> =>
  upToDate(connect(options), options);

/** The table that stands beside the others while a PostgreSQL database is being restored. */
export const RESTORING_TABLE = 'restoring';

/** Which database this is, for the person at the terminal; without passwords. */
export function placeOf({ data, databaseUrl }: StorageOptions): string {
  if (!databaseUrl) return data;
  if (!URL.canParse(databaseUrl)) return 'DATABASE_URL';
  const { host, pathname } = new URL(databaseUrl);
  return `DATABASE_URL (${[host, pathname.slice(1)].filter(Boolean).join(', ')})`;
}

async function ready(storage: Storage, options: StorageOptions): Promise<Storage> {
  const isRestoring = isPostgres(storage) && (await hasTable(storage, RESTORING_TABLE));
  if (!isRestoring) return upToDate(storage, options);
  await storage.destroy();
  throw new StorageUnavailable(
    `A restore into ${placeOf(options)} was not finished: empty it, and restore again.`,
  );
}

/** Null where the database cannot be asked, of which whoever goes on is told. */
async function hasTable(storage: Storage, name: string): Promise<boolean | null> {
  const question = isPostgres(storage)
    ? sql`select 1 where to_regclass(${name}) is not null`
    : sql`select 1 from sqlite_master where name = ${name}`;
  return question.execute(storage).then(
    ({ rows }) => rows.length > 0,
    () => null,
  );
}

async function upToDate(storage: Storage, options: StorageOptions): Promise<Storage> {
  const migrator = new Migrator({
    db: storage,
    provider: { getMigrations: async () => ({ ...migrations }) },
  });
  const { error } = await migrator.migrateToLatest();
  if (!error) return storage;
  const newer = await newerThanUs(storage);
  await storage.destroy();
  const place = options.databaseUrl ? 'The database in DATABASE_URL' : `The database in ${options.data}`;
  throw new StorageUnavailable(
    newer === null
      ? `${place} cannot be used: ${reasonOf(error)}.`
      : `${place} was last used by a newer version of this program (${newer}): update this one.`,
  );
}

/** The newest change of tables that this program does not know; null when it knows all. */
async function newerThanUs(storage: Storage): Promise<string | null> {
  try {
    const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(
      storage,
    );
    return rows.findLast(({ name }) => !(name in migrations))?.name ?? null;
  } catch {
    return null; // it could not even be asked, which the first error tells better
  }
}

/** Opens the database as it is. Throws {@link StorageUnavailable} where the data folder cannot be used. */
export const connect = (options: StorageOptions): Storage =>
  options.databaseUrl ? openPostgres(options.databaseUrl) : openSqlite(options.data);

function openSqlite(data: string): Storage {
  const path = join(data, SQLITE_FILE);
  try {
    makeFolder(resolve(data));
    removeLeftovers(data);
    const database = openNodeSqlite(path);
    chmodSync(path, 0o600); // it holds the authority's key and residents' records
    return new Kysely<Tables>({ dialect: new TransactionalSqliteDialect(database) });
  } catch (error) {
    throw new StorageUnavailable(`The data folder ${data} cannot be used: ${reasonOf(error)}.`);
  }
}

/** Node's own recursive mkdir never returns where a folder cannot be made in an existing one, as in /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path, { mode: 0o700 });
}

function openPostgres(connectionString: string): Storage {
  const pool = new pg.Pool({
    connectionString,
    max: 8, // measured: beyond eight connections single inserts gain nothing
    connectionTimeoutMillis: 5000,
    types: {
      getTypeParser: (oid, format) => (oid === INT8 ? Number : pg.types.getTypeParser(oid, format)),
    },
  });
  // An idle connection that breaks is dropped by the pool; without a listener it would end the process.
  pool.on('error', () => undefined);
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
}

/** An error in a few words: its code where it has one, since messages may quote what should not be shown. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown reason';
  const inner = error instanceof AggregateError ? error.errors[0] : error;
  const code = (inner as { code?: unknown }).code;
  const words: Record<string, string> = {
    ENOENT: 'it cannot be made',
    EACCES: 'this user may not write there',
    EROFS: 'it is on a read-only disk',
    EEXIST: 'a file is in the way',
    ENOTDIR: 'a file is in the way',
    ECONNREFUSED: 'nothing answers at its address',
    ENOTFOUND: 'its host is not known',
    ERR_SQLITE_ERROR: inner instanceof Error ? inner.message : 'SQLite refused',
    '28P01': 'the password is wrong',
    '3D000': 'there is no database of that name',
  };
  return typeof code === 'string' ? (words[code] ?? code) : error.message;
}
