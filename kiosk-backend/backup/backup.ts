import { createHash } from 'node:crypto';
import { createReadStream, existsSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { sql } from 'kysely';
import { type Actor, lastEntries, recordAct } from '../audit/index.ts';
import { isPostgres, passingName, type Storage } from '../storage/index.ts';
import { settled } from './folder.ts';
import { checkArchive, dumped } from './programs.ts';
import { BackupRefused } from './refused.ts';
import { type BackupNote, openSealed, sealed } from './sealed-file.ts';

export interface BackupOptions {
  /** A new file, for this user alone. */
  readonly file: string;
  /** Null for a backup that anyone who has the file can read. */
  readonly passphrase: string | null;
  /** Where the SQLite file lives; the snapshot is made beside it, so that it is on no other disk in the clear. */
  readonly data: string;
  readonly databaseUrl: string | undefined;
  readonly actor: Actor;
  readonly now: () => Date;
}

export interface BackupMade {
  readonly bytes: number;
  /** The audit's last hash, for noting down. */
  readonly auditHead: string | null;
}

/**
 * Writes all the backend knows into one file, of one moment, while kiosks go on being served; read back and checked
 * before it is said to be there, and put on record. Throws {@link BackupRefused}.
 */
export async function makeBackup(db: Storage, options: BackupOptions): Promise<BackupMade> {
  const { file, passphrase } = options;
  if (existsSync(file)) throw new BackupRefused(`${file} is there already; a backup overwrites nothing.`);
  const madeAt = options.now();
  const [last] = await lastEntries(db, 1);
  const note: BackupNote = {
    kind: isPostgres(db) ? 'postgres' : 'sqlite',
    madeAt: madeAt.toISOString(),
    auditHead: last?.hash ?? null,
  };
  const partial = `${file}.partial`;
  const snapshot = passingName(options.data, 'snapshot');
  // SQLite's own journal of the copy is one of its traces.
  const clear = (): void => {
    for (const path of [partial, snapshot, `${snapshot}-journal`]) rmSync(path, { force: true });
  };
  process.once('exit', clear);
  try {
    const source = options.databaseUrl ? dumped(options.databaseUrl) : await snapshotOf(db, snapshot);
    const fingerprint = createHash('sha256');
    const seen = tapped(source, fingerprint);
    await written(partial, passphrase === null ? seen : sealed(seen, note, passphrase));
    await checkWritten(partial, passphrase, note.kind, fingerprint.digest('hex'));
    const { size: bytes } = statSync(partial);
    // Before there is one: none is anywhere without being on record.
    const detail = { kind: note.kind, sealed: passphrase !== null, bytes, head: note.auditHead };
    await db
      .transaction()
      .execute((trx) =>
        recordAct(trx, { at: options.now(), actor: options.actor, action: 'backup.made', detail }),
      );
    renameSync(partial, file);
    await settled(dirname(file));
    return { bytes, auditHead: note.auditHead };
  } finally {
    process.off('exit', clear);
    clear();
  }
}

/** A copy of the SQLite database as it is at one moment, checked. */
async function snapshotOf(db: Storage, path: string): Promise<AsyncIterable<Buffer>> {
  writeFileSync(path, '', { mode: 0o600, flag: 'wx' });
  await sql`vacuum into ${path}`.execute(db);
  const copy = new DatabaseSync(path, { readOnly: true });
  try {
    const answer = copy.prepare('pragma integrity_check').get();
    if (answer?.integrity_check !== 'ok') {
      throw new BackupRefused(`The database is damaged: ${String(answer?.integrity_check)}.`);
    }
  } finally {
    copy.close();
  }
  return createReadStream(path);
}

async function* tapped(
  source: AsyncIterable<Buffer>,
  hash: ReturnType<typeof createHash>,
): AsyncGenerator<Buffer, void, undefined> {
  for await (const part of source) {
    hash.update(part);
    yield part;
  }
}

async function written(path: string, parts: AsyncIterable<Buffer>): Promise<void> {
  rmSync(path, { force: true }); // what an earlier try left behind
  const file = await open(path, 'wx', 0o600).catch((error: unknown) => {
    const code = (error as { code?: unknown }).code;
    throw new BackupRefused(`${path} cannot be written (${String(code)}).`);
  });
  try {
    for await (const part of parts) await file.writeFile(part);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Reads the file back as a restore would: what it holds is what was read, and a program can make sense of it. */
async function checkWritten(
  path: string,
  passphrase: string | null,
  kind: BackupNote['kind'],
  fingerprint: string,
): Promise<void> {
  const content =
    passphrase === null ? () => createReadStream(path) : (await openSealed(path, passphrase)).content;
  const hash = createHash('sha256');
  for await (const part of content()) hash.update(part);
  if (hash.digest('hex') !== fingerprint) {
    throw new BackupRefused('What was written is not what was read: the disk of the backup is not good.');
  }
  if (kind === 'postgres') await checkArchive(content());
}
