import initSqlJs, { type Database } from 'sql.js';
import type { Position } from './journal.ts';
import type { JournalRecord, PrintState } from './record.ts';

/** An event that waits, by where it stands in the journal: its content stays sealed until it is sent. */
export interface OutboxRow {
  readonly id: string;
  readonly sequence: number;
  readonly position: Position;
}

export interface LedgerRow {
  readonly entry: string;
  readonly visit: string;
  readonly document: 'certificate' | 'receipt';
  readonly number: string | null;
  readonly state: PrintState;
  /** Where the intent stands in the journal. */
  readonly position: Position;
}

/**
 * sql.js as the journal's view: rebuilt at every start, never written to disk, and free of personal data (it points
 * into the journal instead).
 */
export interface View {
  apply(position: Position, record: JournalRecord): void;
  outbox(limit: number): readonly OutboxRow[];
  counts(): { readonly waiting: number; readonly rejected: number };
  rejected(): readonly { readonly id: string; readonly reason: string }[];
  openPrints(): readonly LedgerRow[];
  bundle(lookup: string): Position | null;
  close(): void;
}

const SCHEMA = `
  CREATE TABLE outbox (sequence INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, position INTEGER NOT NULL,
                       state TEXT NOT NULL, reason TEXT);
  CREATE INDEX outbox_state ON outbox (state, sequence);
  CREATE TABLE ledger (entry TEXT PRIMARY KEY, visit TEXT NOT NULL, document TEXT NOT NULL, number TEXT,
                       state TEXT NOT NULL, position INTEGER NOT NULL);
  CREATE TABLE bundle (lookup TEXT PRIMARY KEY, position INTEGER NOT NULL);
`;

export async function createView(): Promise<View> {
  const { Database } = await initSqlJs();
  const db = new Database();
  db.run(SCHEMA);
  return {
    apply: (position, record) => apply(db, position, record),
    outbox: (limit) =>
      rows(
        db,
        "SELECT id, sequence, position FROM outbox WHERE state = 'waiting' ORDER BY sequence LIMIT ?",
        [limit],
      ).map((row) => ({
        id: String(row.id),
        sequence: Number(row.sequence),
        position: Number(row.position),
      })),
    counts: () => {
      const [row] = rows(
        db,
        "SELECT sum(state = 'waiting') AS waiting, sum(state = 'rejected') AS rejected FROM outbox",
        [],
      );
      return { waiting: Number(row?.waiting ?? 0), rejected: Number(row?.rejected ?? 0) };
    },
    rejected: () =>
      rows(db, "SELECT id, reason FROM outbox WHERE state = 'rejected' ORDER BY sequence", []).map((row) => ({
        id: String(row.id),
        reason: String(row.reason),
      })),
    openPrints: () =>
      rows(db, "SELECT * FROM ledger WHERE state IN ('intent', 'sent') ORDER BY position", []).map((row) => ({
        entry: String(row.entry),
        visit: String(row.visit),
        document: row.document === 'certificate' ? 'certificate' : 'receipt',
        number: row.number === null ? null : String(row.number),
        state: row.state === 'intent' ? 'intent' : 'sent',
        position: Number(row.position),
      })),
    bundle: (lookup) => {
      const [row] = rows(db, 'SELECT position FROM bundle WHERE lookup = ?', [lookup]);
      return row === undefined ? null : Number(row.position);
    },
    close: () => db.close(),
  };
}

function apply(db: Database, position: Position, record: JournalRecord): void {
  switch (record.kind) {
    case 'event':
      db.run("INSERT INTO outbox VALUES (?, ?, ?, 'waiting', NULL)", [
        record.event.sequence,
        record.event.id,
        position,
      ]);
      return;
    case 'answered':
      for (const { id, outcome, reason } of record.results)
        if (outcome === 'rejected')
          db.run("UPDATE outbox SET state = 'rejected', reason = ? WHERE id = ?", [reason ?? '', id]);
        else db.run('DELETE FROM outbox WHERE id = ?', [id]);
      return;
    case 'print':
      db.run(
        `INSERT INTO ledger VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (entry) DO UPDATE SET state = excluded.state`,
        [record.entry, record.visit, record.document, record.number, record.state, position],
      );
      return;
    case 'bundles':
      // The newest delivery is the whole truth: whoever is no longer in it must not open offline.
      db.run('DELETE FROM bundle');
      for (const { lookup } of record.bundles) db.run('INSERT INTO bundle VALUES (?, ?)', [lookup, position]);
      return;
    case 'keys':
    case 'endorsed':
    case 'number':
    case 'staff':
    case 'inbox-current':
    case 'authority-lost':
      return; // kept by the store itself
    default:
      record satisfies never;
  }
}

function rows(db: Database, sql: string, parameters: (string | number)[]): Record<string, unknown>[] {
  const statement = db.prepare(sql, parameters);
  const found: Record<string, unknown>[] = [];
  while (statement.step()) found.push(statement.getAsObject());
  statement.free();
  return found;
}
