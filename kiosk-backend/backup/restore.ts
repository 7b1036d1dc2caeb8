import { createReadStream, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { sql } from 'kysely';
import pg from 'pg';
import { type Actor, checkAudit, recordAct } from '../audit/index.ts';
import { awaitAll } from '../shares/index.ts';
import { openRestoring, passingName, RESTORING_TABLE, SQLITE_FILE, type Storage } from '../storage/index.ts';
import { type Ahead, skipAhead } from './ahead.ts';
import { settled } from './folder.ts';
import { checkArchive, undump } from './programs.ts';
import { BackupRefused } from './refused.ts';
import { type BackupNote, isSealed, NotOpened, openSealed } from './sealed-file.ts';

export interface RestoreOptions {
  readonly file: string;
  readonly passphrase: string | null;
  /** The folder or database to restore into; nothing may be there yet. */
  readonly data: string;
  readonly databaseUrl: string | undefined;
  /** How many kiosks were enrolled for the first time since the backup, at most. */
  readonly newKiosks: number;
  readonly actor: Actor;
  readonly now: () => Date;
}

export interface Restored {
  /** When the backup was made; null where it does not say. */
  readonly madeAt: string | null;
  readonly ahead: Ahead;
  /** What is wrong with the audit that came with it; null when nothing is. */
  readonly auditFlaw: string | null;
}

interface Source {
  readonly kind: BackupNote['kind'];
  /** Null for one that is not sealed. */
  readonly note: BackupNote | null;
  content(): AsyncIterable<Buffer>;
}

/**
 * Puts a backup into an empty place, brings its tables up to date, skips numbers that may have been given since, and
 * puts that on record. The place is empty still when it fails. Throws {@link BackupRefused} and `StorageUnavailable`.
 */
export async function restoreBackup(options: RestoreOptions): Promise<Restored> {
  const { file, databaseUrl } = options;
  const source = await sourceIn(options);
  const wanted = databaseUrl ? 'postgres' : 'sqlite';
  if (source.kind !== wanted) {
    throw new BackupRefused(
      source.kind === 'postgres'
        ? `${file} is a backup of PostgreSQL; name an empty database in DATABASE_URL.`
        : `${file} is a backup of SQLite; restore it without DATABASE_URL.`,
    );
  }
  return databaseUrl ? intoPostgres(source, options, databaseUrl) : intoFolder(source, options);
}

async function intoPostgres(source: Source, options: RestoreOptions, databaseUrl: string): Promise<Restored> {
  await atEmpty(databaseUrl, null);
  // Once through to the end, so that a file that was changed puts nothing into the database.
  await opened(options.file, () => checkArchive(source.content()));
  // From here on no backend starts on it until all is done, should this be cut short.
  await atEmpty(databaseUrl, `create table if not exists ${RESTORING_TABLE} ()`);
  await opened(options.file, () => undump(source.content(), databaseUrl)).catch(async (error: unknown) => {
    await atEmpty(databaseUrl, `drop table ${RESTORING_TABLE}`);
    throw error;
  });
  const db = await openRestoring({ data: options.data, databaseUrl });
  try {
    return await settle(db, source, options);
  } finally {
    await db.destroy();
  }
}

async function intoFolder(source: Source, options: RestoreOptions): Promise<Restored> {
  const { data } = options;
  const place = join(data, SQLITE_FILE);
  // A log without its database would be taken for that of the database that is restored, and undo it.
  if (['', '-wal', '-shm', '-journal'].some((end) => existsSync(place + end))) {
    throw new BackupRefused(`There is a database in ${data} already; a restore overwrites nothing.`);
  }
  mkdirSync(data, { recursive: true, mode: 0o700 });
  // All is done in a folder of its own, and the finished file moved: the backend sees all of it or nothing.
  const workshop = passingName(data, 'restoring');
  mkdirSync(workshop, { mode: 0o700 });
  const clear = (): void => rmSync(workshop, { recursive: true, force: true });
  process.once('exit', clear);
  try {
    const draft = join(workshop, SQLITE_FILE);
    await opened(options.file, () => writeAll(draft, source.content()));
    requireWhole(draft, options.file);
    const db = await openRestoring({ data: workshop });
    const restored = await settle(db, source, options).finally(() => db.destroy());
    const handle = await open(draft, 'r+'); // Windows wants it writable to be synced
    await handle.sync().finally(() => handle.close());
    renameSync(draft, place);
    await settled(data);
    return restored;
  } finally {
    process.off('exit', clear);
    clear();
  }
}

async function settle(db: Storage, source: Source, options: RestoreOptions): Promise<Restored> {
  const verdict = await checkAudit(db, source.note?.auditHead ?? null);
  const auditFlaw =
    verdict.broken ?? (verdict.contained === false ? 'It lacks the entry that was its last then.' : null);
  const now = options.now();
  const madeAt = source.note?.madeAt ?? null;
  const ahead = await db.transaction().execute(async (trx) => {
    const skipped = await skipAhead(trx, options.newKiosks, now);
    await awaitAll(trx, now);
    const detail = { madeAt, ...skipped, auditWhole: auditFlaw === null };
    await sql`drop table if exists ${sql.table(RESTORING_TABLE)}`.execute(trx);
    await recordAct(trx, { at: now, actor: options.actor, action: 'backup.restored', detail });
    return skipped;
  });
  return { madeAt, ahead, auditFlaw };
}

async function sourceIn({ file, passphrase }: RestoreOptions): Promise<Source> {
  if (!existsSync(file)) throw new BackupRefused(`There is no file ${file}.`);
  if (await isSealed(file)) {
    if (passphrase === null) throw new BackupRefused(`${file} is sealed; name its --passphrase-file.`);
    const { note, content } = await opened(file, () => openSealed(file, passphrase));
    return { kind: note.kind, note, content };
  }
  return { kind: await kindOf(file), note: null, content: () => createReadStream(file) };
}

/** What an unsealed backup is, by how it begins. */
async function kindOf(path: string): Promise<BackupNote['kind']> {
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(16), 0, 16, 0);
    if (buffer.toString('latin1') === 'SQLite format 3\0') return 'sqlite';
    if (buffer.subarray(0, 5).toString('latin1') === 'PGDMP') return 'postgres';
  } finally {
    await file.close();
  }
  throw new BackupRefused(`${path} is no backup.`);
}

/** Says of which file it is true that it does not open. */
async function opened<T>(file: string, use: () => Promise<T>): Promise<T> {
  try {
    return await use();
  } catch (error) {
    if (error instanceof NotOpened) throw new BackupRefused(`${file} ${error.message}.`);
    throw error;
  }
}

async function writeAll(path: string, parts: AsyncIterable<Buffer>): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    for await (const part of parts) await file.writeFile(part);
    await file.sync();
  } finally {
    await file.close();
  }
}

function requireWhole(path: string, file: string): void {
  const database = new DatabaseSync(path);
  try {
    const answer = database.prepare('pragma integrity_check').get();
    if (answer?.integrity_check !== 'ok') throw new BackupRefused(`${file} holds a damaged database.`);
  } catch (error) {
    throw error instanceof BackupRefused ? error : new BackupRefused(`${file} holds a damaged database.`);
  } finally {
    database.close();
  }
}

/** Does something to a database that is empty, but for what tells of a restore that was cut short. */
async function atEmpty(databaseUrl: string, act: string | null): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  try {
    await client.connect();
    const { rows } = await client.query(
      `select 1 from pg_class join pg_namespace on pg_namespace.oid = relnamespace
       where nspname not like 'pg\\_%' and nspname <> 'information_schema' and relname <> $1 limit 1`,
      [RESTORING_TABLE],
    );
    if (rows.length === 0) {
      if (act !== null) await client.query(act);
      return;
    }
  } catch (error) {
    const code = String((error as { code?: unknown }).code ?? 'no answer');
    throw new BackupRefused(`The database in DATABASE_URL cannot be used (${code}).`);
  } finally {
    await client.end().catch(() => undefined);
  }
  throw new BackupRefused('The database in DATABASE_URL is not empty; a restore overwrites nothing.');
}
