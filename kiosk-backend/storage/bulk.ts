import { CompiledQuery, type RawBuilder, sql } from 'kysely';
import { isPostgres, sqliteOf } from './dialect.ts';
import type { Storage, Tables } from './schema.ts';

/** As the tables keep them: texts, and whole numbers as PostgreSQL's `bigint`, which fits into its `integer` too. */
export type Kind = 'text' | 'bigint';
type Value = string | number | null;
type Row<Column extends string> = Readonly<Record<Column, Value>>;

/**
 * Rows as a source to select from, named `given`, with one parameter a column (PostgreSQL) or one in all (SQLite):
 * statements about many rows keep one short text. Meant for keys; what is long is written by {@link insertRows}.
 */
export function given<Column extends string>(
  db: Storage,
  columns: Readonly<Record<Column, Kind>>,
  rows: readonly Row<NoInfer<Column>>[],
): RawBuilder<unknown> {
  const names = Object.keys(columns) as Column[];
  if (isPostgres(db)) {
    const arrays = names.map(
      (name) => sql`${rows.map((row) => row[name])}::${sql.raw(`${columns[name]}[]`)}`,
    );
    return sql`unnest(${sql.join(arrays)}) as given(${sql.join(names.map((name) => sql.ref(name)))})`;
  }
  const values = JSON.stringify(rows.map((row) => names.map((name) => row[name])));
  const parts = names.map((name, index) => sql`value ->> ${sql.lit(index)} as ${sql.ref(name)}`);
  return sql`(select ${sql.join(parts)} from json_each(${values})) as given`;
}

/**
 * Inserts rows, in a transaction, in the quickest way each database has: PostgreSQL takes all in one statement of
 * arrays, SQLite, which has no way to go, one by one through a statement that it keeps prepared.
 */
export async function insertRows<Table extends keyof Tables, Column extends string & keyof Tables[Table]>(
  trx: Storage,
  table: Table,
  columns: Readonly<Record<Column, Kind>>,
  rows: readonly Row<NoInfer<Column>>[],
): Promise<void> {
  if (rows.length === 0) return;
  const names = Object.keys(columns) as Column[];
  const into = `insert into "${table}" (${names.map((name) => `"${name}"`).join(', ')})`;
  const sqlite = sqliteOf(trx);
  if (sqlite) {
    const insert = sqlite.prepare(`${into} values (${names.map(() => '?').join(', ')})`);
    for (const row of rows) insert.run(names.map((name) => row[name]));
    return;
  }
  const arrays = names.map((name, index) => `$${index + 1}::${columns[name]}[]`);
  const values = names.map((name) => rows.map((row) => row[name]));
  await trx.executeQuery(CompiledQuery.raw(`${into} select * from unnest(${arrays.join(', ')})`, values));
}
