import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import { type Intake, openIntake } from '../../kiosk-backend/ingest/take.ts';
import { startBackendProcess } from '../../kiosk-backend/simulate/backend.ts';
import { enrolAll } from '../../kiosk-backend/simulate/enrol.ts';
import { type SignedRequest, SimulatedKiosk } from '../../kiosk-backend/simulate/kiosk.ts';
import { openWire, type Wire } from '../../kiosk-backend/simulate/wire.ts';
import { openStorage, type Storage } from '../../kiosk-backend/storage/index.ts';
import { postgresHere, startPostgres } from '../../kiosk-backend/testing/index.ts';
import type { Room } from './room.ts';
import { compare, type Figure, interleave } from './stats.ts';

const KIOSKS = 8;
const BATCH = 100;
const ROUNDS = 20;
const WARM_UP = 4;
/** Rows a second, ours by theirs, must be 0.6: so a round may take so many times as long. */
const AIM = 1 / 0.6;
const TABLES = ['certificates', 'print_ledger', 'events'] as const;
const BIGINT: ReadonlySet<string> = new Set(['enrolment', 'sequence', 'offline']);

/** The rows alone. */
interface Bare {
  readonly what: string;
  readonly run: (prepared: readonly Prepared[]) => unknown;
}

type Row = Readonly<Record<string, unknown>>;

/** One kiosk's batch, ready in every form in which it is written. */
interface Prepared {
  readonly kiosk: SimulatedKiosk;
  readonly events: readonly unknown[];
  readonly request: SignedRequest;
  /** What it becomes, by table. */
  rows: Readonly<Record<(typeof TABLES)[number], readonly Row[]>>;
}

interface Figures {
  /**
   * Examining and taking in, in this process, with what puts the request on record: one kiosk after the other, so that
   * each side has one transaction and one connection at a time.
   */
  readonly takeInTurn: Figure;
  /** The same with all kiosks at once, beside the quickest that the rows alone are inserted. */
  readonly take: Figure;
  /** The same through HTTP, signature and JSON included, at a backend in a process of its own. */
  readonly http: Figure;
}

/**
 * A hundred events each from eight kiosks at once (in thirty events a certificate with a signed statement and ten
 * printed pages), beside inserting the very same rows into the same tables of the same database and doing nothing else:
 * the same indexes, and commits that are synced to the disk on both sides.
 */
export async function measureIngest(room: Room): Promise<{
  readonly sqlite: Figures;
  readonly postgres: Figures | { readonly leftOut: string };
}> {
  const sqlite = await measureSqlite(room);
  if ('absent' in postgresHere) return { sqlite, postgres: { leftOut: postgresHere.absent } };
  return { sqlite, postgres: await measurePostgres(room, postgresHere.bin) };
}

async function measureSqlite({ folder, onInterrupt }: Room): Promise<Figures> {
  const place = (name: string): string => {
    const path = join(folder, `ingest-${name}`);
    mkdirSync(path);
    return path;
  };
  const folders = ['http', 'take', 'take-in-turn', 'bare', 'bare-in-turn'].map(place);
  const databases = await Promise.all(folders.map((data) => openStorage({ data })));
  const [served, own, inTurn] = databases;
  const [behind, , , ...twins] = folders;
  if (!own || !inTurn || !served || !behind) throw new Error('Five databases were opened');
  const rounds = await prepare(databases, place('draft'));
  await served.destroy();
  const [bare, bareInTurn] = twins.map((data) => {
    const database = new DatabaseSync(join(data, 'backend.sqlite'));
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON');
    return database;
  });
  if (!bare || !bareInTurn) throw new Error('Two databases were opened');
  const backend = await startBackendProcess({ data: behind, databaseUrl: undefined });
  const wire = openWire(backend.url, KIOSKS);
  const close = async (): Promise<void> => {
    wire.close();
    await backend.close();
  };
  onInterrupt(close);
  try {
    return await measureRounds(
      rounds,
      { own, inTurn, wire },
      // One writer at a time: all at once is no quicker.
      { inTurn: bareSqlite(bareInTurn, rounds[0]?.[0]), atOnce: bareSqlite(bare, rounds[0]?.[0]) },
    );
  } finally {
    await close();
    bare.close();
    bareInTurn.close();
    for (const db of databases) await db.destroy();
  }
}

async function measurePostgres({ folder, onInterrupt }: Room, bin: string): Promise<Figures> {
  const postgres = await startPostgres(bin, { durable: true });
  onInterrupt(() => postgres.close());
  const addresses = [];
  for (let index = 0; index < 5; index++) addresses.push(await postgres.newDatabase());
  const databases = await Promise.all(addresses.map((databaseUrl) => openStorage({ data: '', databaseUrl })));
  const [own, inTurn] = databases;
  const [, , twin, twinInTurn, served] = addresses;
  if (!own || !inTurn || !served) throw new Error('Five databases were opened');
  const draft = join(folder, 'ingest-postgres-draft');
  mkdirSync(draft);
  const rounds = await prepare(databases, draft);
  const backend = await startBackendProcess({ data: folder, databaseUrl: served });
  const wire = openWire(backend.url, KIOSKS);
  const pool = new pg.Pool({ connectionString: twin, max: KIOSKS });
  const single = new pg.Pool({ connectionString: twinInTurn, max: 1 });
  const rowsThrough = 'the same rows inserted through unnest, a transaction for each hundred (fsync on)';
  try {
    return await measureRounds(
      rounds,
      { own, inTurn, wire },
      {
        inTurn: {
          what: `${rowsThrough}, one connection; ours uses one too`,
          run: async (prepared) => {
            for (const { rows } of prepared) await barePostgres(single, rows);
          },
        },
        atOnce: {
          what: `${rowsThrough}, eight connections at once, each with a server process; ours uses two`,
          run: (prepared) => Promise.all(prepared.map(({ rows }) => barePostgres(pool, rows))),
        },
      },
    );
  } finally {
    wire.close();
    await backend.close();
    await pool.end();
    await single.end();
    for (const db of databases) await db.destroy();
    await postgres.close();
  }
}

async function measureRounds(
  rounds: readonly (readonly Prepared[])[],
  { own, inTurn, wire }: { readonly own: Storage; readonly inTurn: Storage; readonly wire: Wire },
  bare: { readonly inTurn: Bare; readonly atOnce: Bare },
): Promise<Figures> {
  const intake = openIntake(own);
  const intakeInTurn = openIntake(inTurn);
  const roundOf = (round: number): readonly Prepared[] => rounds[round] ?? [];
  const samples = await interleave({
    rounds: ROUNDS,
    warmUp: WARM_UP,
    subjects: {
      bare: (round) => bare.atOnce.run(roundOf(round)),
      takeInTurn: async (round) => {
        for (const prepared of roundOf(round)) await take(intakeInTurn, prepared);
      },
      bareInTurn: (round) => bare.inTurn.run(roundOf(round)),
      take: (round) => Promise.all(roundOf(round).map((prepared) => take(intake, prepared))),
      http: (round) => Promise.all(roundOf(round).map(({ request }) => post(wire, request))),
    },
    now: () => performance.now(),
  });
  const atOnce = { what: bare.atOnce.what, samples: samples.bare };
  const baseInTurn = { what: bare.inTurn.what, samples: samples.bareInTurn };
  return {
    takeInTurn: compare(samples.takeInTurn, baseInTurn, AIM),
    take: compare(samples.take, atOnce, AIM),
    http: compare(samples.http, atOnce),
  };
}

async function take(intake: Intake, { kiosk, events, request }: Prepared): Promise<void> {
  const now = new Date();
  const contact = {
    kiosk: kiosk.id,
    nonce: request.headers['x-kiosk-nonce'] ?? '',
    time: now.toISOString(),
    floor: '',
    at: now.toISOString(),
  };
  const caller = { id: kiosk.id, number: kiosk.number, community: '荷花社区' };
  const results = await intake.take(caller, contact, events, now);
  if (results.some(({ outcome }) => outcome !== 'accepted')) throw new Error('An event was not accepted');
}

async function post(wire: Wire, request: SignedRequest): Promise<void> {
  const answered = await wire.post(request, 'none');
  if (answered.is !== 'answer' || answered.status !== 200) throw new Error('A request was not answered');
}

/** Enrols the kiosks in every database, and learns in one of its own what their batches become. */
async function prepare(databases: readonly Storage[], folder: string): Promise<Prepared[][]> {
  const draft = await openStorage({ data: folder });
  const kiosks = Array.from(
    { length: KIOSKS },
    (_, index) => new SimulatedKiosk('bench', index, BATCH * (ROUNDS + WARM_UP)),
  );
  for (const db of [draft, ...databases]) await enrolAll(db, kiosks);
  const intake = openIntake(draft);
  const rounds: Prepared[][] = [];
  for (let round = 0; round < ROUNDS + WARM_UP; round++) {
    const prepared: Prepared[] = [];
    for (const kiosk of kiosks) {
      const events = await kiosk.batch(BATCH);
      const request = kiosk.request(events, new Date());
      const one: Prepared = {
        kiosk,
        events,
        request,
        rows: { certificates: [], print_ledger: [], events: [] },
      };
      await take(intake, one);
      const ids = events.map(({ id }) => id);
      one.rows = await rowsOf(draft, kiosk.id, ids);
      kiosk.answered(events);
      prepared.push(one);
    }
    rounds.push(prepared);
  }
  await draft.destroy();
  return rounds;
}

async function rowsOf(db: Storage, kiosk: string, ids: readonly string[]): Promise<Prepared['rows']> {
  const events = db.selectFrom('events').selectAll().where('kiosk', '=', kiosk).where('id', 'in', ids);
  const certificates = db.selectFrom('certificates').selectAll().where('event', 'in', ids);
  const prints = db
    .selectFrom('print_ledger')
    .selectAll()
    .where('kiosk', '=', kiosk)
    .where('event', 'in', ids);
  return {
    events: await events.execute(),
    certificates: await certificates.execute(),
    print_ledger: await prints.execute(),
  };
}

function bareSqlite(database: DatabaseSync, sample: Prepared | undefined): Bare {
  const statements = TABLES.map((table) => {
    const columns = Object.keys(sample?.rows[table][0] ?? {});
    const marks = columns.map(() => '?').join(', ');
    const insert = database.prepare(
      `insert into ${table} (${columns.map((name) => `"${name}"`).join(', ')}) values (${marks})`,
    );
    return { table, columns, insert };
  });
  return {
    what: 'the same rows inserted by node:sqlite in this process, a transaction for each hundred (WAL, synchronous FULL)',
    run: (prepared) => {
      for (const { rows } of prepared) {
        database.exec('begin immediate');
        for (const { table, columns, insert } of statements) {
          for (const row of rows[table])
            insert.run(...columns.map((name) => row[name] as string | number | null));
        }
        database.exec('commit');
      }
    },
  };
}

async function barePostgres(pool: pg.Pool, rows: Prepared['rows']): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    for (const table of TABLES) {
      const [first] = rows[table];
      if (first === undefined) continue;
      const columns = Object.keys(first);
      const arrays = columns.map((name, index) => `$${index + 1}::${BIGINT.has(name) ? 'bigint' : 'text'}[]`);
      const names = columns.map((name) => `"${name}"`).join(', ');
      await client.query(
        `insert into ${table} (${names}) select * from unnest(${arrays.join(', ')})`,
        columns.map((name) => rows[table].map((row) => row[name])),
      );
    }
    await client.query('commit');
  } finally {
    client.release();
  }
}
