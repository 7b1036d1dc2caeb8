import { hash, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type EventBody, eventHashText, sharedResourceSchema } from '../contract/index.ts';
import { type Batch, commitBatches } from '../ingest/commit.ts';
import { examine } from '../ingest/examine.ts';
import { openStorage, type Storage } from '../storage/index.ts';
import { postgresHere, startPostgres } from '../testing/index.ts';
import { addResource, answerShares, holderOf } from './index.ts';

const NOW = new Date('2026-11-22T09:00:00.000Z');
const ROUNDS = 5;
const CLAIMS = 10;

/** A kiosk that holds a share, and claims from it. */
async function kioskOf(db: Storage, id: string, community: string) {
  await db
    .insertInto('kiosks')
    .values({
      id,
      number: id,
      community,
      identity_key: '',
      enrolment: 1,
      enrolled_at: '',
      last_contact: '',
      last_kiosk_time: null,
      kiosk_time_floor: '',
    })
    .execute();
  const asked = { book: randomUUID(), balances: [], wants: [], asks: [] };
  const { key, leases } = await answerShares(db, { id, community }, asked, NOW);
  const under = leases[0]?.id ?? '';
  const resource = `meals-${community}`;
  let [sequence, previous] = [0, ''];
  const claimed = () => {
    const body: EventBody = {
      kind: 'claim.made',
      claim: randomUUID(),
      resource,
      pot: 'all',
      holder: holderOf(key, resource, 'ann'),
      amount: 1,
      under,
      offline: true,
    };
    const made = {
      id: randomUUID(),
      kiosk: id,
      sequence: ++sequence,
      deviceTime: NOW.toISOString(),
      monotonicMs: 1,
      previous,
      body,
    };
    previous = hash('sha256', eventHashText(made));
    return { ...made, hash: previous };
  };
  const sender = {
    id,
    number: id,
    grants: () => Promise.reject(new Error('there are no certificates')),
  };
  return async (): Promise<Batch> => ({
    kiosk: id,
    contact: null,
    at: NOW.toISOString(),
    findings: await examine(Array.from({ length: CLAIMS }, claimed), sender),
  });
}

const absent = 'absent' in postgresHere ? postgresHere.absent : null;

test.skipIf(absent !== null)(
  `events of several communities are taken in at two backends at once, and neither waits for the other for ever${absent === null ? '' : ` (${absent})`}`,
  async () => {
    if ('absent' in postgresHere) throw new Error(postgresHere.absent);
    const postgres = await startPostgres(postgresHere.bin);
    const data = mkdtempSync(join(tmpdir(), 'huimin-locks-'));
    try {
      const databaseUrl = await postgres.newDatabase();
      const [one, two] = [await openStorage({ data, databaseUrl }), await openStorage({ data, databaseUrl })];
      for (const community of ['lotus', 'peony']) {
        const resource = sharedResourceSchema.parse({
          id: `meals-${community}`,
          community,
          kind: 'quota',
          capacity: 100_000,
          perPerson: null,
          name: { 'zh-CN': '助餐', en: 'Meals' },
          opensAt: '2020-01-01T00:00:00Z',
          closesAt: '2030-01-01T00:00:00Z',
        });
        await one.transaction().execute((trx) => addResource(trx, resource, NOW));
      }
      const [a, b] = [await kioskOf(one, 'a', 'lotus'), await kioskOf(one, 'b', 'peony')];
      const [c, d] = [await kioskOf(one, 'c', 'peony'), await kioskOf(one, 'd', 'lotus')];
      for (let round = 0; round < ROUNDS; round++) {
        const [here, there] = [
          [await a(), await b()],
          [await c(), await d()],
        ];
        const taken = await Promise.all([commitBatches(one, here, 'all'), commitBatches(two, there, 'all')]);
        const results = taken.flat().flatMap((each) => ('results' in each ? each.results : []));
        expect(results.map(({ outcome }) => outcome)).toEqual(Array(4 * CLAIMS).fill('accepted'));
      }
      await one.destroy();
      await two.destroy();
    } finally {
      rmSync(data, { recursive: true, force: true });
      await postgres.close();
    }
  },
  90_000,
);
