import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const home = resolve(import.meta.dirname, '../../../..');

/** An event as the backend keeps it. */
export interface KeptEvent {
  readonly id: string;
  readonly sequence: number;
  readonly previous: string;
  readonly hash: string;
  readonly outcome: string;
  readonly body: { readonly kind: string; readonly screen?: string };
}

/** The backend as it runs in the field, over SQLite, in a process of its own. */
export interface RealBackend {
  readonly port: number;
  /** What it keeps of a kiosk's events, in the order in which they came. */
  events(kiosk: string): readonly KeptEvent[];
  /** Where the chain of a kiosk's events is not whole: sequences. */
  gaps(kiosk: string): readonly number[];
  /** What a kiosk told last of how it is; null when it told nothing. */
  telemetry(kiosk: string): Record<string, unknown> | null;
  stop(): Promise<void>;
}

/** `options` are what a person would type behind `npm run backend --`. */
export async function startRealBackend(data: string, ...options: string[]): Promise<RealBackend> {
  const child = spawn(
    process.execPath,
    [join(home, 'kiosk-backend/main.ts'), '--data', data, '--port', '0', ...options],
    { cwd: home, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, DATABASE_URL: '' } },
  );
  const url = new URL(await readyLine(child));
  const database = new DatabaseSync(join(data, 'backend.sqlite'), { readOnly: true });
  const rows = (sql: string, kiosk: string) => database.prepare(sql).all(kiosk);
  return {
    port: Number(url.port),
    events: (kiosk) =>
      rows('select * from events where kiosk = ? order by rowid', kiosk).map((row) => ({
        id: String(row.id),
        sequence: Number(row.sequence),
        previous: String(row.previous),
        hash: String(row.hash),
        outcome: String(row.outcome),
        body: JSON.parse(String(row.body)).body,
      })),
    gaps: (kiosk) =>
      rows('select sequence from chain_gaps where kiosk = ? order by sequence', kiosk).map(({ sequence }) =>
        Number(sequence),
      ),
    telemetry: (kiosk) => {
      const [row] = rows('select body from telemetry where kiosk = ?', kiosk);
      return row === undefined ? null : JSON.parse(String(row.body));
    },
    stop: async () => {
      database.close();
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function readyLine(child: ChildProcess): Promise<string> {
  let output = '';
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  return new Promise((done, fail) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      const ready = /^ready backend (\S+)$/m.exec(output);
      if (ready?.[1] !== undefined) done(ready[1]);
    });
    child.once('exit', (code) => fail(new Error(`the backend ended with ${code}: ${errors}`)));
  });
}
