import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openJournal } from '../core/store/journal.ts';
import { compare, type Figure } from './stats.ts';

/** As large as the record of an issued certificate. */
const RECORD_BYTES = 900;
const TURNS = 10;
const TURN_MS = 100;

/** One record at a time, safe on the disk before the next: sealed and chained in the journal, in the clear in SQLite. */
export async function measureJournal(folder: string): Promise<{
  readonly perSecond: { readonly journal: number; readonly sqlite: number };
  readonly commit: Figure;
}> {
  const random = (bytes: number): Uint8Array => new Uint8Array(randomBytes(bytes));
  const opened = await openJournal({
    path: join(folder, 'journal.hmj'),
    masterKey: random(32),
    random,
    onFrame: () => undefined,
  });
  if (!opened.ok) throw new Error(opened.error);
  const { journal } = opened.value;
  const database = new DatabaseSync(join(folder, 'journal.sqlite'));
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE record (body BLOB)');
  const insert = database.prepare('INSERT INTO record VALUES (?)');
  const record = random(RECORD_BYTES);
  try {
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let turn = 0; turn < TURNS; turn++) {
      await fill(ours, async () => {
        const appended = await journal.append([record]);
        if (!appended.ok) throw new Error(appended.error);
      });
      await fill(theirs, () => insert.run(record));
    }
    const what = 'the same record committed by SQLite (WAL, synchronous FULL, not encrypted)';
    return {
      perSecond: { journal: rateOf(ours), sqlite: rateOf(theirs) },
      commit: compare(ours, { what, samples: theirs }),
    };
  } finally {
    await journal.close();
    database.close();
  }
}

/** One turn of the same commit again and again. */
async function fill(samples: number[], commit: () => unknown): Promise<void> {
  const until = performance.now() + TURN_MS;
  for (let from = performance.now(); from < until; ) {
    await commit();
    const now = performance.now();
    samples.push(now - from);
    from = now;
  }
}

const rateOf = (samples: readonly number[]): number =>
  Math.round((samples.length * 1000) / samples.reduce((sum, ms) => sum + ms, 0));
