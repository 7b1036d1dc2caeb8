import { randomBytes, randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { EventBody } from '@huimin/backend/contract';
import { systemClock } from '@huimin/drivers';
import initSqlJs from 'sql.js';
import { nodeFiles } from '../core/store/files.ts';
import { keyFileHolder, openStore, type Store } from '../core/store/index.ts';
import { openJournal } from '../core/store/journal.ts';
import { soleUser } from '../core/store/lock.ts';
import { SPARE } from '../core/store/segment.ts';
import { compare, type Figure, interleave } from './stats.ts';

/** As large as the record of an issued certificate. */
const RECORD_BYTES = 900;
const GROUP = 100;
const ROUNDS = 1000;
const GROUP_ROUNDS = 100;
const EXPORT_ROWS = 10_000;
const EXPORT_ROUNDS = 20;
const RESTART_RECORDS = 10_000;
const RESTARTS = 10;
/** Commits a second, ours by theirs, must be 0.8: so a commit may take 1.25 times as long. */
const AIM = 1 / 0.8;

const random = (bytes: number): Uint8Array => new Uint8Array(randomBytes(bytes));

/**
 * What the sealed journal costs, each beside what it is measured against on the same disk: SQLite with a write-ahead log
 * and synchronous FULL, which neither seals nor chains, and a sql.js database that is exported after each change.
 */
export async function measureJournal(folder: string): Promise<{
  /** The same bytes: one record a commit, and a hundred that share one. */
  readonly commit: Figure;
  readonly group: Figure;
  /** Whole events: made, checked against the schema, hashed, sealed, on the disk and in the view. */
  readonly event: Figure;
  readonly eventGroup: Figure;
  readonly export: Figure;
  readonly restart: Figure;
}> {
  const inFull = 'the same record committed by SQLite (WAL, synchronous FULL, not encrypted)';
  const bytes = await measureBytes(join(folder, 'bytes'));
  const events = await measureEvents(join(folder, 'events'));
  return {
    commit: compare(bytes.journal, { what: inFull, samples: bytes.sqlite }, AIM),
    group: compare(
      bytes.journalGroup,
      { what: `${GROUP} records in one transaction of the same`, samples: bytes.sqliteGroup },
      AIM,
    ),
    event: compare(events.store, { what: inFull, samples: bytes.sqlite }),
    eventGroup: compare(events.storeGroup, {
      what: `${GROUP} records in one transaction of the same`,
      samples: bytes.sqliteGroup,
    }),
    export: compare(
      bytes.journal,
      {
        what: `sql.js with ${EXPORT_ROWS} rows: one more, export() and the file written and synced`,
        samples: await measureExport(folder),
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

async function measureBytes(folder: string): Promise<{
  readonly journal: number[];
  readonly sqlite: number[];
  readonly journalGroup: number[];
  readonly sqliteGroup: number[];
}> {
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
  const records = Array.from({ length: GROUP }, () => random(RECORD_BYTES));
  const [record = random(RECORD_BYTES)] = records;
  const append = async (plaintext: Uint8Array): Promise<void> => {
    const appended = await journal.append(plaintext);
    if (!appended.ok) throw new Error(appended.error);
  };
  const now = (): number => performance.now();
  try {
    const single = await interleave({
      rounds: ROUNDS,
      warmUp: 50,
      subjects: { journal: () => append(record), sqlite: () => insert.run(record) },
      now,
    });
    const groups = await interleave({
      rounds: GROUP_ROUNDS,
      warmUp: 10,
      subjects: {
        journalGroup: () => append(Buffer.concat(records)),
        sqliteGroup: () => {
          database.exec('BEGIN');
          for (const each of records) insert.run(each);
          database.exec('COMMIT');
        },
      },
      now,
    });
    return { ...single, ...groups };
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

async function openIn(folder: string): Promise<Store> {
  const opened = await openStore({
    folder,
    kiosk: 'kiosk-measure',
    keyHolder: keyFileHolder(join(folder, 'key'), random),
    clock: systemClock,
    random,
    createKeys: async () => ({
      identity: { pkcs8: 'AA', publicKey: 'AA' },
      document: { pkcs8: 'AA', spki: 'AA' },
    }),
    onDamage: (sentence) => {
      throw new Error(sentence);
    },
  });
  if (!opened.ok) throw new Error(opened.error);
  return opened.value;
}

async function commit(store: Store, events: readonly EventBody[]): Promise<void> {
  const kept = await store.commit({ events });
  if (!kept.ok) throw new Error(kept.error);
}

async function measureEvents(
  folder: string,
): Promise<{ readonly store: number[]; readonly storeGroup: number[] }> {
  const store = await openIn(folder);
  const now = (): number => performance.now();
  try {
    const single = await interleave({
      rounds: ROUNDS,
      warmUp: 50,
      subjects: { store: () => commit(store, [issued()]) },
      now,
    });
    const groups = await interleave({
      rounds: GROUP_ROUNDS,
      warmUp: 10,
      subjects: {
        storeGroup: () => Promise.all(Array.from({ length: GROUP }, () => commit(store, [issued()]))),
      },
      now,
    });
    return { ...single, ...groups };
  } finally {
    await store.close();
  }
}

async function measureExport(folder: string): Promise<number[]> {
  const { Database } = await initSqlJs();
  const database = new Database();
  database.run('CREATE TABLE record (body BLOB)');
  const record = random(RECORD_BYTES);
  database.run('BEGIN');
  for (let row = 0; row < EXPORT_ROWS; row++) database.run('INSERT INTO record VALUES (?)', [record]);
  database.run('COMMIT');
  const fd = openSync(join(folder, 'export.sqlite'), 'w');
  try {
    const { exported } = await interleave({
      rounds: EXPORT_ROUNDS,
      warmUp: 2,
      subjects: {
        exported: () => {
          database.run('INSERT INTO record VALUES (?)', [record]);
          const bytes = database.export();
          writeSync(fd, bytes, 0, bytes.length, 0);
          fsyncSync(fd);
        },
      },
      now: () => performance.now(),
    });
    return exported;
  } finally {
    closeSync(fd);
    database.close();
  }
}

/** Each event was a commit of its own, and none can be forgotten: the longest tail there is before a compaction. */
async function measureRestarts(folder: string): Promise<number[]> {
  const store = await openIn(folder);
  for (let record = 1; record < RESTART_RECORDS; record++) await commit(store, [issued()]);
  await store.close();
  const took: number[] = [];
  for (let restart = 0; restart < RESTARTS; restart++) {
    const from = performance.now();
    const again = await openIn(folder);
    took.push(performance.now() - from);
    const { waiting } = again.counts();
    await again.close();
    if (waiting !== RESTART_RECORDS - 1) throw new Error(`${waiting} events were found again`);
  }
  return took;
}
