import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chownSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';

const DEBIAN = '/usr/lib/postgresql';

/** Where this machine has PostgreSQL's programs, or why it cannot be run here. */
export const postgresHere: { readonly bin: string } | { readonly absent: string } = (() => {
  const versions = listed(DEBIAN).sort((a, b) => Number(b) - Number(a));
  const [newest] = versions.filter((version) => listed(join(DEBIAN, version, 'bin')).includes('initdb'));
  if (!newest) return { absent: `no PostgreSQL in ${DEBIAN}` };
  if (process.getuid?.() === 0 && !account()) return { absent: 'PostgreSQL refuses root; no user postgres' };
  return { bin: join(DEBIAN, newest, 'bin') };
})();

export interface Postgres {
  /** Makes an empty database; answers its address. */
  newDatabase(): Promise<string>;
  close(): Promise<void>;
}

/**
 * A real PostgreSQL of its own in a temporary folder (in `place`, by default the system's), on a free port of this
 * machine only. A `durable` one syncs each commit to the disk, as for measurements; tests do not wait for that.
 */
export async function startPostgres(
  bin: string,
  { durable = false, place = tmpdir() }: { readonly durable?: boolean; readonly place?: string } = {},
): Promise<Postgres> {
  const folder = mkdtempSync(join(place, 'huimin-pg-'));
  const user = process.getuid?.() === 0 ? account() : null;
  if (user) chownSync(folder, user.uid, user.gid);
  const identity = user ?? {};
  const cluster = join(folder, 'cluster');
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  const made = spawnSync(
    join(bin, 'initdb'),
    ['-D', cluster, '-U', 'test', '--auth=trust', '--no-sync', '-E', 'UTF8', '--locale=C'],
    { ...identity, cwd: folder, encoding: 'utf8' },
  );
  if (made.status !== 0) {
    remove();
    throw new Error(`initdb: ${made.stderr}`);
  }
  const start = async () => {
    const port = await freePort();
    const server = spawn(
      join(bin, 'postgres'),
      [
        '-D',
        cluster,
        '-p',
        String(port),
        '-h',
        '127.0.0.1',
        '-c',
        'unix_socket_directories=',
        '-c',
        `fsync=${durable ? 'on' : 'off'}`,
      ],
      { ...identity, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    // Also by itself: an interrupt at the terminal reaches it too.
    const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
    await said(server, 'ready to accept connections');
    return { port, server, ended };
  };
  // Once more, because the port was free a moment ago and may be somebody else's now.
  const { port, server, ended } = await start()
    .catch(start)
    .catch((error: unknown) => {
      remove();
      throw error;
    });
  const address = (database: string) => `postgres://test@127.0.0.1:${port}/${database}`;
  let databases = 0;
  return {
    async newDatabase() {
      databases += 1;
      const client = new pg.Client({ connectionString: address('postgres') });
      await client.connect();
      await client.query(`create database t${databases}`);
      await client.end();
      return address(`t${databases}`);
    },
    async close() {
      server.kill('SIGINT'); // fast shutdown
      await ended;
      remove();
    },
  };
}

function said(server: ChildProcess, words: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = '';
    server.stderr?.on('data', (chunk) => {
      log += chunk;
      if (log.includes(words)) resolve();
    });
    server.once('exit', () => reject(new Error(`PostgreSQL ended: ${log}`)));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.listen(0, '127.0.0.1', () => {
      const bound = probe.address();
      probe.close(() => resolve(bound && typeof bound === 'object' ? bound.port : 0));
    });
  });
}

/** The account `postgres`, which Debian's package makes. */
function account(): { uid: number; gid: number } | null {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith('postgres:'));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid && gid ? { uid: Number(uid), gid: Number(gid) } : null;
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
