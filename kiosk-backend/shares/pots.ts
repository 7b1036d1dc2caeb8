import { createHmac, randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import {
  HOLDER_BYTES,
  holderText,
  potsOf,
  type SharedResource,
  type ShareEventBody,
  sharedResourceSchema,
} from '../contract/index.ts';
import type { Storage } from '../storage/index.ts';

/** What a lease still has. */
export const leaseLeft = sql<number>`granted - used - returned`;

/**
 * Makes this transaction the only one that moves units of a community, until it ends; answers the key under which its
 * residents are named. To be called before anything about units is read.
 */
export async function holdCommunity(trx: Storage, community: string): Promise<string> {
  await trx
    .insertInto('share_communities')
    .values({ community, key: randomBytes(32).toString('base64url'), changes: 0 })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const { key } = await trx
    .updateTable('share_communities')
    .set((column) => ({ changes: column('changes', '+', 1) }))
    .where('community', '=', community)
    .returning('key')
    .executeTakeFirstOrThrow();
  return key;
}

/**
 * Holds every community that these events are about, in one order for all, so that whoever takes in events of several
 * communities in one transaction waits for others and never for each other.
 */
export async function holdCommunitiesOf(trx: Storage, bodies: readonly ShareEventBody[]): Promise<void> {
  const resources = new Set(bodies.flatMap((body) => ('resource' in body ? [body.resource] : [])));
  const leases = new Set(bodies.flatMap((body) => (body.kind === 'share.returned' ? [body.under] : [])));
  const communities = new Set<string>();
  for (const some of portions([...resources]))
    for (const { community } of await trx
      .selectFrom('share_resources')
      .select('community')
      .distinct()
      .where('id', 'in', some)
      .execute())
      communities.add(community);
  for (const some of portions([...leases]))
    for (const { community } of await trx
      .selectFrom('share_leases')
      .innerJoin('share_resources', 'share_resources.id', 'share_leases.resource')
      .select('community')
      .distinct()
      .where('share_leases.id', 'in', some)
      .execute())
      communities.add(community);
  for (const community of [...communities].sort()) await holdCommunity(trx, community);
}

/** A statement takes so many values at a time on either database. */
const VALUES = 500;

const portions = (all: readonly string[]): string[][] =>
  Array.from({ length: Math.ceil(all.length / VALUES) }, (_, at) =>
    all.slice(at * VALUES, (at + 1) * VALUES),
  );

/** What stands for a resident in the claims on a resource. */
export const holderOf = (key: string, resource: string, idNumber: string): string =>
  createHmac('sha256', Buffer.from(key, 'base64url'))
    .update(holderText(resource, idNumber))
    .digest()
    .subarray(0, HOLDER_BYTES)
    .toString('base64url');

export const readDefinition = (definition: string): SharedResource =>
  sharedResourceSchema.parse(JSON.parse(definition));

export async function resourceOf(db: Storage, id: string): Promise<SharedResource | null> {
  const row = await db
    .selectFrom('share_resources')
    .select('definition')
    .where('id', '=', id)
    .executeTakeFirst();
  return row ? readDefinition(row.definition) : null;
}

/** Makes the pots that are not over and do not exist yet, all in the pool; answers how many units each pool has. */
export async function openPots(
  trx: Storage,
  resource: SharedResource,
  now: Date,
): Promise<ReadonlyMap<string, number>> {
  const wanted = potsOf(resource, now.getTime());
  const rows = await trx
    .selectFrom('share_pots')
    .select(['pot', 'pool'])
    .where('resource', '=', resource.id)
    .execute();
  const pools = new Map(rows.map(({ pot, pool }) => [pot, pool]));
  const missing = wanted.filter(({ pot }) => !pools.has(pot));
  if (missing.length > 0) {
    const values = missing.map(({ pot, capacity }) => ({
      resource: resource.id,
      pot,
      capacity,
      pool: capacity,
    }));
    await trx.insertInto('share_pots').values(values).execute();
  }
  return new Map(wanted.map(({ pot, capacity }) => [pot, pools.get(pot) ?? capacity]));
}

/** Adds units to a pool, or takes them out; throws when there are not so many. */
export async function movePool(trx: Storage, resource: string, pot: string, units: number): Promise<void> {
  const { numUpdatedRows } = await trx
    .updateTable('share_pots')
    .set((column) => ({ pool: column('pool', '+', units) }))
    .where('resource', '=', resource)
    .where('pot', '=', pot)
    .where('pool', '>=', -units)
    .executeTakeFirst();
  if (numUpdatedRows !== 1n) throw new Error('units were to be moved that are not there');
}
