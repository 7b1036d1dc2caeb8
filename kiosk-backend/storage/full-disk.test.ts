import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { openStorage } from './index.ts';

test('SQLite that is full says so, and goes on once there is room', async () => {
  const data = mkdtempSync(join(tmpdir(), 'full-disk-'));
  const db = await openStorage({ data });
  try {
    await sql`create table big (x text)`.execute(db);
    const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(db);
    await sql.raw(`pragma max_page_count = ${(rows[0]?.page_count ?? 0) + 3}`).execute(db);
    const fill = db.transaction().execute(async (trx) => {
      for (let row = 0; row < 200; row++)
        await sql`insert into big values (${'x'.repeat(3000)})`.execute(trx);
    });
    // SQLITE_FULL (13), in which case SQLite has rolled back by itself.
    await expect(fill).rejects.toMatchObject({ errcode: 13 });
    await sql.raw('pragma max_page_count = 1000000').execute(db);
    await db.transaction().execute(async (trx) => {
      await sql`insert into big values ('y')`.execute(trx);
    });
    const kept = await sql<{ x: string }>`select x from big`.execute(db);
    expect(kept.rows).toEqual([{ x: 'y' }]);
  } finally {
    await db.destroy();
    rmSync(data, { recursive: true, force: true });
  }
});
