import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { BackupRefused } from './refused.ts';

const DEBIAN = '/usr/lib/postgresql';

/** The database as one archive in PostgreSQL's own custom format, from one snapshot. Throws {@link BackupRefused}. */
export async function* dumped(databaseUrl: string): AsyncGenerator<Buffer, void, undefined> {
  const { url, env } = withoutPassword(databaseUrl);
  const child = started(
    'pg_dump',
    ['--format=custom', '--no-owner', '--no-privileges', `--dbname=${url}`],
    env,
    'read',
  );
  const ended = endOf(child, 'pg_dump');
  ended.catch(() => undefined); // heard below, once all was read
  try {
    if (child.stdout) for await (const part of child.stdout) yield part as Buffer;
    await ended;
  } finally {
    child.kill(); // where the reader gave up; one that has ended does not mind
  }
}

/** Puts an archive into an empty database, all of it or nothing. Throws {@link BackupRefused}. */
export async function undump(archive: AsyncIterable<Buffer>, databaseUrl: string): Promise<void> {
  const { url, env } = withoutPassword(databaseUrl);
  await fed(
    'pg_restore',
    ['--no-owner', '--no-privileges', '--exit-on-error', '--single-transaction', `--dbname=${url}`],
    env,
    archive,
  );
}

/** Reads an archive to its end without putting it anywhere. Throws {@link BackupRefused}. */
export const checkArchive = (archive: AsyncIterable<Buffer>): Promise<void> =>
  fed('pg_restore', ['--file=-'], {}, archive);

async function fed(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  archive: AsyncIterable<Buffer>,
): Promise<void> {
  const child = started(program, args, env, 'write');
  const ended = endOf(child, program);
  const sent = child.stdin
    ? pipeline(Readable.from(archive), child.stdin).catch((error: unknown) => {
        // A program that ended early says why itself; anything else must not look like the archive's end.
        if ((error as { code?: unknown }).code !== 'EPIPE') {
          child.kill('SIGKILL');
          throw error;
        }
      })
    : Promise.resolve();
  const [feeding, end] = await Promise.allSettled([sent, ended]);
  if (feeding.status === 'rejected') throw feeding.reason;
  if (end.status === 'rejected') throw end.reason;
}

function started(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  way: 'read' | 'write',
): ChildProcess {
  return spawn(pathOf(program), [...args], {
    env: { ...process.env, ...env },
    stdio: [way === 'write' ? 'pipe' : 'ignore', way === 'read' ? 'pipe' : 'ignore', 'pipe'],
  });
}

/** On the path, or where Debian keeps each version's programs: the newest reads every older server's data. */
function pathOf(program: string): string {
  const folders = (process.env.PATH ?? '').split(process.platform === 'win32' ? ';' : ':');
  const names = process.platform === 'win32' ? [`${program}.exe`] : [program];
  for (const folder of folders) {
    for (const name of names) if (folder !== '' && existsSync(join(folder, name))) return join(folder, name);
  }
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  const found = versions.map((version) => join(DEBIAN, version, 'bin', program)).find(existsSync);
  if (found !== undefined) return found;
  throw new BackupRefused(
    `${program} is not installed here; it comes with PostgreSQL's client programs (Debian: postgresql-client).`,
  );
}

/** The password goes by the environment: other users of the machine can read a program's arguments. */
function withoutPassword(databaseUrl: string): {
  readonly url: string;
  readonly env: Readonly<Record<string, string>>;
} {
  const url = new URL(databaseUrl);
  const password = url.password || encodeURIComponent(url.searchParams.get('password') ?? '');
  url.password = '';
  url.searchParams.delete('password');
  return {
    url: url.toString(),
    env: password === '' ? {} : { PGPASSWORD: decodeURIComponent(password) },
  };
}

/** Rejects with the program's own first line when it fails: it names tables and settings, never rows. */
async function endOf(child: ChildProcess, program: string): Promise<void> {
  let said = '';
  child.stderr?.on('data', (chunk) => {
    if (said.length < 2000) said += chunk;
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  if (child.stderr) await finished(child.stderr).catch(() => undefined);
  if (code === 0) return;
  const [line = ''] = said.split('\n');
  throw new BackupRefused(`${program} failed: ${line.replace(/^\S+: (error: )?/, '') || `code ${code}`}`);
}
