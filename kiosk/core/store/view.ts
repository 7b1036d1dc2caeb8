import initSqlJs, { type Database, type SqlValue, type Statement } from 'sql.js';
import { type JournalRecord, type PrintState, printStateSchema } from './record.ts';
import type { Position } from './segment.ts';

/** An event that waits or was set aside, by where it stands in the journal: its content stays sealed until it is sent. */
export interface OutboxRow {
  readonly id: string;
  readonly sequence: number;
  readonly position: Position;
  /** Why the backend refused it; null while it waits. */
  readonly refused: string | null;
}

export interface LedgerRow {
  readonly entry: string;
  readonly visit: string;
  readonly document: 'certificate' | 'receipt';
  readonly number: string | null;
  readonly state: PrintState;
  /** For a technician. */
  readonly detail: string;
  /** The kiosk's wall clock at this state, as an ISO time; null when it was not written down. */
  readonly at: string | null;
  /** Where the intent stands in the journal. */
  readonly position: Position;
}

/**
 * sql.js as the journal's view: rebuilt at every start, never written to disk, and free of personal data (it points
 * into the journal instead). Its tables may change with every version: nothing reads those of an earlier one.
 */
export interface View {
  apply(position: Position, record: JournalRecord): void;
  /** Those with a higher sequence than `after`, in their order. */
  outbox(which: 'waiting' | 'rejected' | 'all', limit?: number, after?: number): readonly OutboxRow[];
  counts(): { readonly waiting: number; readonly rejected: number };
  openPrints(): readonly LedgerRow[];
  /** Every page that is still known, the oldest first. */
  ledger(): readonly LedgerRow[];
  bundle(lookup: string): Position | null;
  /** Takes out the events and bundles of the frame at this position; how many events that were. */
  forget(position: Position): number;
  close(): void;
}

/**
 * In one transaction that never ends: sql.js keeps even a database in memory as a file, and would write its pages there
 * after each change (0.3 ms). Nothing is rolled back, and nothing is exported.
 */
const SCHEMA = `
  PRAGMA cache_spill = OFF;
  PRAGMA temp_store = MEMORY;
  BEGIN;
  CREATE TABLE outbox (sequence INTEGER PRIMARY KEY, id TEXT NOT NULL, position INTEGER NOT NULL, refused TEXT);
  CREATE INDEX outbox_refused ON outbox (sequence) WHERE refused IS NOT NULL;
  CREATE TABLE ledger (entry TEXT PRIMARY KEY, visit TEXT NOT NULL, document TEXT NOT NULL, number TEXT,
                       state TEXT NOT NULL, detail TEXT NOT NULL, at TEXT, position INTEGER NOT NULL);
  CREATE INDEX ledger_open ON ledger (state) WHERE state IN ('intent', 'sent');
  CREATE TABLE bundle (lookup TEXT PRIMARY KEY, position INTEGER NOT NULL);
`;

const LOOK = {
  waiting: 'SELECT * FROM outbox WHERE refused IS NULL AND sequence > ? ORDER BY sequence LIMIT ?',
  rejected: 'SELECT * FROM outbox WHERE refused IS NOT NULL AND sequence > ? ORDER BY sequence LIMIT ?',
  all: 'SELECT * FROM outbox WHERE sequence > ? ORDER BY sequence LIMIT ?',
} as const;

/** What an event adds to the outbox: sequence, id, position. */
const COLUMNS = 3;
/** So many rows are added with one statement, where there are that many: each then takes half the time. */
const ROWS = 32;
/** More rows do not wait to be added. */
const MOST_ADDED = 128;

const CHANGE = {
  event: 'INSERT OR IGNORE INTO outbox VALUES (?, ?, ?, NULL)',
  events: `INSERT OR IGNORE INTO outbox VALUES ${Array(ROWS).fill('(?, ?, ?, NULL)').join(', ')}`,
  refused: 'UPDATE outbox SET refused = ? WHERE sequence = ?',
  returned: 'UPDATE outbox SET refused = NULL WHERE sequence = ?',
  done: 'DELETE FROM outbox WHERE sequence = ?',
  print: `INSERT INTO ledger VALUES (?, ?, ?, ?, ?, ?, ?, ?)
          ON CONFLICT (entry) DO UPDATE SET state = excluded.state, detail = excluded.detail, at = excluded.at`,
  forget: 'DELETE FROM bundle',
  bundle: 'INSERT OR REPLACE INTO bundle VALUES (?, ?)',
  forgetEvents: 'DELETE FROM outbox WHERE position = ?',
  forgetBundles: 'DELETE FROM bundle WHERE position = ?',
} as const;

let program: ReturnType<typeof initSqlJs> | null = null;

export async function createView(): Promise<View> {
  program ??= initSqlJs();
  const { Database } = await program;
  const db = new Database();
  db.run(SCHEMA);
  const prepared = new Map<string, Statement>();
  const statement = (sql: string): Statement => {
    const known = prepared.get(sql);
    if (known !== undefined) return known;
    const made = db.prepare(sql);
    prepared.set(sql, made);
    return made;
  };
  const change = (what: keyof typeof CHANGE, values: SqlValue[]): void => statement(CHANGE[what]).run(values);
  const sequences = new Map<string, number>();
  let added: SqlValue[] = [];
  /** Before anything is read of the outbox, or changed in it. Adding a row again does nothing. */
  const settle = (): void => {
    if (added.length === 0) return;
    const few = added.length % (ROWS * COLUMNS);
    for (let at = 0; at < few; at += COLUMNS) change('event', added.slice(at, at + COLUMNS));
    for (let at = few; at < added.length; at += ROWS * COLUMNS)
      change('events', added.slice(at, at + ROWS * COLUMNS));
    added = [];
  };
  const outbox: Outbox = {
    sequences,
    add: (id, sequence, position) => {
      added.push(sequence, id, position);
      if (added.length >= MOST_ADDED * COLUMNS) settle();
    },
    change: (what, values) => {
      settle();
      change(what, values);
    },
  };
  return {
    apply: (position, record) => apply(change, outbox, position, record),
    outbox: (which, limit = -1, after = 0) => {
      settle();
      return rows(statement(LOOK[which]), [after, limit]).map((row) => ({
        id: String(row.id),
        sequence: Number(row.sequence),
        position: Number(row.position),
        refused: row.refused === null ? null : String(row.refused),
      }));
    },
    counts: () => {
      settle();
      const [row] = rows(statement('SELECT count(*) AS every, count(refused) AS rejected FROM outbox'), []);
      const rejected = Number(row?.rejected ?? 0);
      return { waiting: Number(row?.every ?? 0) - rejected, rejected };
    },
    openPrints: () =>
      rows(statement("SELECT * FROM ledger WHERE state IN ('intent', 'sent') ORDER BY rowid"), []).map(
        ledgerRow,
      ),
    ledger: () => rows(statement('SELECT * FROM ledger ORDER BY rowid'), []).map(ledgerRow),
    bundle: (lookup) => {
      const [row] = rows(statement('SELECT position FROM bundle WHERE lookup = ?'), [lookup]);
      return row === undefined ? null : Number(row.position);
    },
    forget: (position) => {
      settle();
      change('forgetBundles', [position]);
      const events = rows(statement('SELECT id FROM outbox WHERE position = ?'), [position]);
      for (const { id } of events) sequences.delete(String(id));
      change('forgetEvents', [position]);
      return events.length;
    },
    close: () => close(db, prepared),
  };
}

type Change = (what: keyof typeof CHANGE, values: SqlValue[]) => void;

interface Outbox {
  /** Finds a row by its event's id: an index of random texts would take half the time of a commit of many events. */
  readonly sequences: Map<string, number>;
  /** The row may be added later, but before the outbox is looked at. */
  add(id: string, sequence: number, position: Position): void;
  readonly change: Change;
}

function apply(change: Change, outbox: Outbox, position: Position, record: JournalRecord): void {
  const { sequences } = outbox;
  switch (record.kind) {
    case 'event': {
      const { id, sequence } = record.event;
      // A frame that somebody repeated in a file of the first form is the same event.
      if (sequences.has(id)) return;
      outbox.add(id, sequence, position);
      sequences.set(id, sequence);
      return;
    }
    case 'answered':
      for (const { id, outcome, reason } of record.results) {
        const sequence = sequences.get(id);
        if (sequence === undefined) continue;
        if (outcome === 'rejected') outbox.change('refused', [reason ?? '', sequence]);
        else {
          outbox.change('done', [sequence]);
          sequences.delete(id);
        }
      }
      return;
    case 'returned':
      outbox.change('returned', [sequences.get(record.id) ?? null]);
      return;
    case 'print': {
      const { entry, visit, document, number, state, detail, at } = record;
      change('print', [entry, visit, document, number, state, detail, at ?? null, position]);
      return;
    }
    case 'bundles':
    case 'delivery':
      // The newest delivery is the whole truth: whoever is no longer in it must not open offline.
      change('forget', []);
      for (const { lookup } of record.bundles) change('bundle', [lookup, position]);
      return;
    case 'keys':
    case 'endorsed':
    case 'number':
    case 'staff':
    case 'inbox-current':
    case 'authority-lost':
    case 'share-book':
    case 'share-delivery':
    case 'ballot':
    case 'closed':
    case 'state':
      return; // kept by the store itself
    default:
      record satisfies never;
  }
}

const ledgerRow = (row: Record<string, unknown>): LedgerRow => ({
  entry: String(row.entry),
  visit: String(row.visit),
  document: row.document === 'certificate' ? 'certificate' : 'receipt',
  number: row.number === null ? null : String(row.number),
  state: printStateSchema.parse(row.state),
  detail: String(row.detail),
  at: row.at === null ? null : String(row.at),
  position: Number(row.position),
});

function rows(statement: Statement, parameters: SqlValue[]): Record<string, unknown>[] {
  statement.bind(parameters);
  const found: Record<string, unknown>[] = [];
  while (statement.step()) found.push(statement.getAsObject());
  statement.reset();
  return found;
}

function close(db: Database, prepared: ReadonlyMap<string, Statement>): void {
  for (const statement of prepared.values()) statement.free();
  db.close();
}
