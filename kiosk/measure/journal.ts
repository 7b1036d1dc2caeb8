import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, fdatasyncSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import type { EventBody } from '@huimin/backend/contract';
import initSqlJs from 'sql.js';
import { nodeFiles } from '../core/store/files.ts';
import type { Store } from '../core/store/index.ts';
import { openJournal } from '../core/store/journal.ts';
import { soleUser } from '../core/store/lock.ts';
import { SPARE } from '../core/store/segment.ts';
import { openMeasuredStore, type Reopened, random } from './reopen.ts';
import { compare, type Figure, interleave } from './stats.ts';

/** As large as the record of an issued certificate. */
const RECORD_BYTES = 900;
const GROUP = 100;
/** A kiosk runs for months: its code has been compiled by then, as SQLite's is. */
const WARM_UP = 1000;
const ROUNDS = 1000;
const GROUP_WARM_UP = 30;
const GROUP_ROUNDS = 100;
const EXPORT_ROWS = 10_000;
const EXPORT_ROUNDS = 20;
/** So many commits in a row beside each export, whose megabytes the disk would else still be at when ours is its turn. */
const COMMITS_AN_EXPORT = 50;
const RESTART_RECORDS = 10_000;
const RESTARTS = 10;
/** Commits a second, ours by theirs, must be 0.8: so a commit may take 1.25 times as long. */
const AIM = 1 / 0.8;

/**
 * What the sealed journal costs, each beside what it is measured against on the same disk: SQLite with a write-ahead log
 * and synchronous FULL, which keeps the same events with what finds them again, and neither checks, seals nor chains
 * them; and a sql.js database that is exported after each change.
 */
export async function measureJournal(folder: string): Promise<{
  /** Whole events, one a commit: checked, made, hashed, sealed, on the disk and in the view. */
  readonly commit: Figure;
  /** A hundred of them, asked for one by one in the same turn. */
  readonly group: Figure;
  /** The same bytes and nothing else: one record a commit. */
  readonly append: Figure;
  /** One of fifty commits in a row. */
  readonly export: Figure;
  /** Each in a process of its own, which has not used sql.js before. */
  readonly restart: Figure;
}> {
  const bytes = await measureBytes(join(folder, 'bytes'));
  const events = await measureEvents(join(folder, 'events'));
  const exported = await measureExport(join(folder, 'export'));
  return {
    commit: compare(
      events.store,
      {
        what: 'the same event as a row with two indexes in SQLite (WAL, synchronous FULL, neither encrypted nor chained)',
        samples: events.sqlite,
      },
      AIM,
    ),
    group: compare(
      events.storeGroup,
      { what: `${GROUP} such rows in one transaction`, samples: events.sqliteGroup },
      AIM,
    ),
    append: compare(
      bytes.journal,
      { what: `${RECORD_BYTES} bytes in a table without index in the same SQLite`, samples: bytes.sqlite },
      AIM,
    ),
    export: compare(
      exported.store,
      {
        what: `sql.js with ${EXPORT_ROWS} events: one more, export() and its bytes written over the file and synced (fdatasync)`,
        samples: exported.exported,
      },
      1 / 60,
    ),
    restart: compare(
      await measureRestarts(join(folder, 'restart')),
      { what: `half a second, with ${RESTART_RECORDS} events that nobody answered`, ms: 500 },
      1,
    ),
  };
}

async function measureBytes(
  folder: string,
): Promise<{ readonly journal: number[]; readonly sqlite: number[] }> {
  mkdirSync(folder);
  const masterKey = random(32);
  const opened = openJournal({
    folder,
    files: nodeFiles(),
    keys: { current: masterKey, others: [] },
    random,
    spare: SPARE,
    lock: soleUser,
    onFound: () => undefined,
  });
  if (!opened.ok) throw new Error(opened.error);
  const { journal } = opened.value;
  await journal.rewrite(masterKey, [], () => undefined);
  const database = new DatabaseSync(join(folder, 'journal.sqlite'));
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE record (body BLOB)');
  const insert = database.prepare('INSERT INTO record VALUES (?)');
  const record = random(RECORD_BYTES);
  const append = async (): Promise<void> => {
    const appended = await journal.append(record);
    if (!appended.ok) throw new Error(appended.error);
  };
  try {
    return await interleave({
      rounds: ROUNDS,
      warmUp: WARM_UP,
      subjects: { journal: append, sqlite: () => insert.run(record) },
      now: () => performance.now(),
    });
  } finally {
    journal.close();
    database.close();
  }
}

/** As an offline kiosk reports a certificate: about 900 bytes once it is an event. */
const issued = (): EventBody => ({
  kind: 'certificate.issued',
  visit: randomUUID(),
  number: 'JZ-0001-000001',
  type: 'residence-certificate',
  holder: { name: '王桂兰', idNumber: '999901194803120243' },
  facts: { residence: '荷花社区 12 幢 3 单元 501 室', community: '荷花社区', residentSince: '1986-09-01' },
  issuedAt: '2026-11-22T09:00:00.000Z',
  validUntil: '2026-12-22T09:00:00.000Z',
  statement: 'A'.repeat(250),
  verification: { by: 'staff', staff: 'li' },
  offline: true,
});

async function commit(store: Store, events: readonly EventBody[]): Promise<void> {
  const kept = await store.commit({ events });
  if (!kept.ok) throw new Error(kept.error);
}

/** As large as a hash, which only ours computes. */
const FAKE_HASH = 'f'.repeat(64);

/** Keeps events as a store would that need not seal them: whole, and found again by sequence, by id and when refused. */
function sqliteStore(folder: string): { keep(events: readonly EventBody[]): void; close(): void } {
  const database = new DatabaseSync(join(folder, 'events.sqlite'));
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    CREATE TABLE event (sequence INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, event TEXT NOT NULL, refused TEXT);
    CREATE INDEX event_refused ON event (sequence) WHERE refused IS NOT NULL;
  `);
  const insert = database.prepare('INSERT INTO event VALUES (?, ?, ?, NULL)');
  let sequence = 0;
  const keep = (body: EventBody): void => {
    const id = randomUUID();
    sequence++;
    const made = { id, kiosk: 'kiosk-measure', sequence, deviceTime: new Date().toISOString() };
    const event = {
      ...made,
      monotonicMs: Math.round(performance.now()),
      previous: FAKE_HASH,
      hash: FAKE_HASH,
      body,
    };
    insert.run(sequence, id, JSON.stringify(event));
  };
  return {
    keep: (events) => {
      if (events.length > 1) database.exec('BEGIN');
      for (const body of events) keep(body);
      if (events.length > 1) database.exec('COMMIT');
    },
    close: () => database.close(),
  };
}

async function measureEvents(folder: string): Promise<{
  readonly store: number[];
  readonly sqlite: number[];
  readonly storeGroup: number[];
  readonly sqliteGroup: number[];
}> {
  const store = await openMeasuredStore(folder);
  const sqlite = sqliteStore(folder);
  const now = (): number => performance.now();
  const group = (): EventBody[] => Array.from({ length: GROUP }, issued);
  try {
    const single = await interleave({
      rounds: ROUNDS,
      warmUp: WARM_UP,
      subjects: { store: () => commit(store, [issued()]), sqlite: () => sqlite.keep([issued()]) },
      now,
    });
    const groups = await interleave({
      rounds: GROUP_ROUNDS,
      warmUp: GROUP_WARM_UP,
      subjects: {
        storeGroup: () => Promise.all(group().map((event) => commit(store, [event]))),
        sqliteGroup: () => sqlite.keep(group()),
      },
      now,
    });
    return { ...single, ...groups };
  } finally {
    await store.close();
    sqlite.close();
  }
}

/** Commits of the store beside one more row in a sql.js database that already has many, and that is then written. */
async function measureExport(
  folder: string,
): Promise<{ readonly store: number[]; readonly exported: number[] }> {
  mkdirSync(folder);
  const { Database } = await initSqlJs();
  const database = new Database();
  database.run(
    'CREATE TABLE event (sequence INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, event TEXT NOT NULL)',
  );
  const insert = (): void => {
    const id = randomUUID();
    const event = JSON.stringify({ id, previous: FAKE_HASH, hash: FAKE_HASH, body: issued() });
    database.run('INSERT INTO event (id, event) VALUES (?, ?)', [id, event]);
  };
  database.run('BEGIN');
  for (let row = 0; row < EXPORT_ROWS; row++) insert();
  database.run('COMMIT');
  const store = await openMeasuredStore(folder);
  const fd = openSync(join(folder, 'export.sqlite'), 'w');
  try {
    const { commits, exported } = await interleave({
      rounds: EXPORT_ROUNDS,
      warmUp: EXPORT_ROUNDS,
      subjects: {
        commits: async () => {
          for (let each = 0; each < COMMITS_AN_EXPORT; each++) await commit(store, [issued()]);
        },
        exported: () => {
          insert();
          const bytes = database.export();
          writeSync(fd, bytes, 0, bytes.length, 0);
          fdatasyncSync(fd);
        },
      },
      now: () => performance.now(),
    });
    return { store: commits.map((took) => took / COMMITS_AN_EXPORT), exported };
  } finally {
    closeSync(fd);
    database.close();
    await store.close();
  }
}

/** Each event was a commit of its own, and none can be forgotten: the longest tail there is before a compaction. */
async function measureRestarts(folder: string): Promise<number[]> {
  const store = await openMeasuredStore(folder);
  for (let record = 1; record < RESTART_RECORDS; record++) await commit(store, [issued()]);
  await store.close();
  const took: number[] = [];
  for (let restart = 0; restart < RESTARTS; restart++) {
    const { stdout } = await promisify(execFile)(process.execPath, [
      join(import.meta.dirname, 'reopen.ts'),
      folder,
    ]);
    const { ms, waiting }: Reopened = JSON.parse(stdout);
    if (waiting !== RESTART_RECORDS - 1) throw new Error(`${waiting} events were found again`);
    took.push(ms);
  }
  return took;
}
