import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { registerKiosk } from '../fleet/index.ts';
import { takeEvents } from '../ingest/index.ts';
import { openStorage, type Storage } from '../storage/index.ts';
import { checkStorm } from './check.ts';
import { SimulatedKiosk } from './kiosk.ts';

const EVENTS = 12;
const data = mkdtempSync(join(tmpdir(), 'huimin-check-'));
const kiosk = new SimulatedKiosk('check', 0, EVENTS);
const now = new Date('2026-11-22T09:00:00.000Z');
let db: Storage;

beforeAll(async () => {
  db = await openStorage({ data });
  const { id, identityKey, documentKey } = kiosk;
  const { number } = await db.transaction().execute(async (trx) => {
    const request = { kiosk: id, identityKey, documentKey };
    const claim = { nonce: 'enrolment', time: now.toISOString() };
    return (await registerKiosk(trx, { request, claim, community: '荷花社区' }, now)).kiosk;
  });
  kiosk.number = number;
  const events = await kiosk.batch(EVENTS);
  // What was not answered is made again, the same to the byte.
  expect(await kiosk.batch(EVENTS)).toEqual(events);
  const results = await takeEvents(db, { id, number, community: '荷花社区' }, events, now);
  expect(results.map(({ outcome }) => outcome)).toEqual(Array(EVENTS).fill('accepted'));
  kiosk.answered(events);
});
afterAll(async () => {
  await db.destroy();
  rmSync(data, { recursive: true, force: true });
});

const good = { drained: EVENTS, lost: 0, doubled: 0, chainBreaks: 0, refused: 0 };
const check = () => checkStorm(db, [kiosk], EVENTS);

test('a whole chain is found whole; what is missing, changed or there twice is noticed', async () => {
  expect(await check()).toEqual(good);

  const events = db.selectFrom('events').selectAll().where('sequence', '=', 5);
  const event = await events.executeTakeFirstOrThrow();
  await db.deleteFrom('events').where('sequence', '=', 5).execute();
  expect(await check()).toMatchObject({ drained: EVENTS - 2, lost: 1, chainBreaks: 1 });
  await db
    .insertInto('events')
    .values({ ...event, hash: 'f'.repeat(64) })
    .execute();
  expect(await check()).toMatchObject({ drained: EVENTS - 1, lost: 0, chainBreaks: 1 });
  await sql`update events set hash = ${event.hash} where sequence = 5`.execute(db);
  expect(await check()).toEqual(good);

  const print = await db.selectFrom('print_ledger').selectAll().limit(1).executeTakeFirstOrThrow();
  await db
    .insertInto('print_ledger')
    .values({ ...print, event: 'again' })
    .execute();
  await db
    .insertInto('events')
    .values({ ...event, id: 'again', enrolment: 2 })
    .execute();
  expect(await check()).toMatchObject({ lost: 0, doubled: 2 });
  await db.deleteFrom('certificates').execute();
  expect(await check()).toMatchObject({ lost: 1, doubled: 2 });
});
