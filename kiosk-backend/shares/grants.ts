import { createHash, randomUUID } from 'node:crypto';
import type { SharedResource, SharesRequest, SharesResponse, StandingClaim } from '../contract/index.ts';
import { Refusal } from '../errors.ts';
import type { Caller } from '../fleet/index.ts';
import type { Storage, Tables } from '../storage/index.ts';
import { allot, fairTarget, wantsTopUp } from './fair.ts';
import { holdCommunity, movePool, openPots, readDefinition } from './pots.ts';
import { isKnownWhole } from './restored.ts';

type LeaseRow = Tables['share_leases'];

/**
 * Answers a kiosk that tells what it has: gives it more where its share runs out or somebody in front of it wants more,
 * asks others to give back what is wanted here, and tells it everything it holds. Throws {@link Refusal}.
 */
export function answerShares(
  db: Storage,
  caller: Pick<Caller, 'id' | 'community'>,
  request: SharesRequest,
  now: Date,
): Promise<SharesResponse> {
  return db.transaction().execute(async (trx) => {
    await openBook(trx, caller.id, request.book, now);
    const key = await holdCommunity(trx, caller.community);
    const open = await isGood(trx, caller.id, request.book);
    await trx
      .updateTable('share_books')
      .set({ heard_at: now.toISOString() })
      .where('id', '=', request.book)
      .execute();
    const leases = open ? await leasesOf(trx, request.book) : [];
    const resources = await resourcesFor(trx, caller.community, leases, now);
    const answer: SharesResponse = {
      book: open ? 'good' : 'written-off',
      key,
      resources,
      leases: [],
      pots: [],
      ...(await claimsOf(trx, resources, request.asks)),
      serverTime: now.toISOString(),
    };
    if (!open) return answer;
    const kiosks = await countKiosks(trx, caller.community);
    // Two machines with one identity hold the same units: what they hold stays, and nothing is added.
    const single = !(await isForked(trx, caller.id));
    const isWhole = await isKnownWhole(trx, caller.community);
    for (const resource of resources) {
      const share = await Share.of(trx, resource, request, leases, now);
      await share.adopt();
      if (single && isWhole) {
        await share.serveWants();
        await share.topUp(kiosks);
      }
      answer.leases.push(...(await share.told()));
      answer.pots.push(...(await share.display()));
    }
    return answer;
  });
}

/** A book that is not known yet is opened. Before anything is held: it looks at the kiosk, which others may hold. */
async function openBook(trx: Storage, kiosk: string, book: string, now: Date): Promise<void> {
  await trx
    .insertInto('share_books')
    .values({ id: book, kiosk, opened_at: now.toISOString(), written_off_at: null, reason: null })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

async function isGood(trx: Storage, kiosk: string, book: string): Promise<boolean> {
  const known = await trx
    .selectFrom('share_books')
    .select(['kiosk', 'written_off_at'])
    .where('id', '=', book)
    .executeTakeFirstOrThrow();
  if (known.kiosk !== kiosk)
    throw new Refusal(409, 'rejected', 'book-taken', 'This share book belongs to another kiosk.');
  return known.written_off_at === null;
}

const leasesOf = (trx: Storage, book: string): Promise<LeaseRow[]> =>
  trx.selectFrom('share_leases').selectAll().where('book', '=', book).orderBy('id').execute();

const leftOf = ({ granted, used, returned }: LeaseRow): number => granted - used - returned;

/** What is still open, and what this kiosk still holds something of. */
async function resourcesFor(
  trx: Storage,
  community: string,
  leases: readonly LeaseRow[],
  now: Date,
): Promise<SharedResource[]> {
  const held = new Set(leases.filter((lease) => leftOf(lease) > 0).map(({ resource }) => resource));
  const rows = await trx
    .selectFrom('share_resources')
    .select('definition')
    .where('community', '=', community)
    .where((where) =>
      where.or([
        where('closes_at', '>', now.toISOString()),
        ...(held.size === 0 ? [] : [where('id', 'in', [...held])]),
      ]),
    )
    .orderBy('id')
    .execute();
  return rows.map(({ definition }) => readDefinition(definition));
}

async function countKiosks(trx: Storage, community: string): Promise<number> {
  const { n } = await trx
    .selectFrom('kiosks')
    .select((select) => select.fn.countAll<number | string>().as('n'))
    .where('community', '=', community)
    .where('revoked_at', 'is', null)
    .executeTakeFirstOrThrow();
  return Number(n);
}

async function isForked(trx: Storage, kiosk: string): Promise<boolean> {
  const row = await trx
    .selectFrom('kiosks')
    .select(['enrolment', 'forked_enrolment'])
    .where('id', '=', kiosk)
    .executeTakeFirst();
  return row !== undefined && row.forked_enrolment === row.enrolment;
}

async function claimsOf(
  trx: Storage,
  resources: readonly SharedResource[],
  asks: SharesRequest['asks'],
): Promise<Pick<SharesResponse, 'claims' | 'cancelled'>> {
  const known = new Set(resources.map(({ id }) => id));
  const found: StandingClaim[] = [];
  const cancelled: string[] = [];
  for (const { resource, holder } of asks) {
    if (!known.has(resource)) continue;
    const claims = await trx
      .selectFrom('share_claims')
      .select(['claim', 'pot', 'amount', 'cancelled_at'])
      .where('resource', '=', resource)
      .where('holder', '=', holder)
      .execute();
    cancelled.push(...claims.filter((each) => each.cancelled_at !== null).map(({ claim }) => claim));
    const standing = claims.filter((each) => each.cancelled_at === null);
    const votes = await trx
      .selectFrom('share_voters')
      .innerJoin('share_leases', 'share_leases.id', 'share_voters.lease')
      .select(['claim', 'pot'])
      .where('share_voters.resource', '=', resource)
      .where('holder', '=', holder)
      .execute();
    for (const { claim, pot, amount } of [...standing, ...votes.map((vote) => ({ ...vote, amount: 1 }))])
      if (pot !== null) found.push({ claim, resource, pot, holder, amount });
  }
  return { claims: found, cancelled };
}

/** One resource, as it is shared with the kiosk that asks. */
class Share {
  readonly #trx: Storage;
  readonly #resource: SharedResource;
  readonly #request: SharesRequest;
  /** Units in the pool of each pot that is not over. */
  readonly #pools: Map<string, number>;
  /** The kiosk's leases by pot. */
  readonly #leases: Map<string, LeaseRow>;

  private constructor(
    trx: Storage,
    resource: SharedResource,
    request: SharesRequest,
    pools: ReadonlyMap<string, number>,
    leases: readonly LeaseRow[],
  ) {
    this.#trx = trx;
    this.#resource = resource;
    this.#request = request;
    this.#pools = new Map(pools);
    this.#leases = new Map(
      leases.filter((lease) => lease.resource === resource.id).map((lease) => [lease.pot, lease]),
    );
  }

  static async of(
    trx: Storage,
    resource: SharedResource,
    request: SharesRequest,
    leases: readonly LeaseRow[],
    now: Date,
  ): Promise<Share> {
    return new Share(trx, resource, request, await openPots(trx, resource, now), leases);
  }

  /**
   * What the kiosk has left of a pot once it hears the answer: by its own word, which knows claims that have not
   * arrived yet, and with whatever was granted in answers that it never got.
   */
  #left(pot: string): number {
    const lease = this.#leases.get(pot);
    if (lease === undefined) return 0;
    const said = this.#request.balances.find((balance) => balance.lease === lease.id);
    if (said === undefined) return leftOf(lease);
    return Math.min(leftOf(lease), Math.max(0, said.left + lease.granted - said.granted));
  }

  /**
   * Takes out of the pool what the kiosk was granted and the database does not know of, having come from a backup; as
   * far as there is any. What the kiosk says it used or gave back meanwhile stays with it until its events come again.
   */
  async adopt(): Promise<void> {
    for (const { lease, resource, pot, granted } of this.#request.balances) {
      const pool = this.#pools.get(pot);
      if (resource !== this.#resource.id || pool === undefined) continue;
      const held = this.#leases.get(pot);
      const unknown = Math.min(pool, granted - (held?.granted ?? 0));
      if (unknown <= 0 || (held !== undefined && held.id !== lease)) continue;
      if (held === undefined && (await this.#isTaken(lease))) continue;
      await this.#grant(pot, unknown, lease);
    }
  }

  async #isTaken(lease: string): Promise<boolean> {
    const known = await this.#trx
      .selectFrom('share_leases')
      .select('id')
      .where('id', '=', lease)
      .executeTakeFirst();
    return known !== undefined;
  }

  async serveWants(): Promise<void> {
    for (const { resource, pot, units } of this.#request.wants) {
      const pool = this.#pools.get(pot);
      if (resource !== this.#resource.id || pool === undefined) continue;
      const missing = units - this.#left(pot);
      if (missing <= 0) continue;
      if (pool >= missing) await this.#grant(pot, missing);
      else await this.#recall(pot);
    }
  }

  async topUp(kiosks: number): Promise<void> {
    const { kind, offlineShare } = this.#resource;
    const usage = await this.#usage();
    // Each period of a quota is shared out by itself; of slots, and of a vote's cells, a kiosk gets some of all.
    const pots = [...this.#pools.keys()];
    const groups = kind === 'quota' ? pots.map((pot) => [pot]) : [inOrderOf(this.#request.book, pots)];
    for (const group of groups) {
      const left = group.reduce((sum, pot) => sum + this.#left(pot), 0);
      const free = group.map((pot) => ({ pot, pool: this.#pools.get(pot) ?? 0 }));
      const pooled = free.reduce((sum, { pool }) => sum + pool, 0);
      // The right to take votes is not used up, so that its whole is what is shared out.
      const base = kind === 'vote' ? group.length : pooled + left;
      const target = fairTarget({ base, kiosks, offlineShare, ...usage });
      if (!wantsTopUp(left, target)) continue;
      for (const [pot, units] of allot(target - left, free)) await this.#grant(pot, units);
    }
  }

  async #usage(): Promise<{ usedHere: number; usedAll: number }> {
    const { all } = await this.#trx
      .selectFrom('share_leases')
      .select((select) => select.fn.sum<number | string | null>('used').as('all'))
      .where('resource', '=', this.#resource.id)
      .executeTakeFirstOrThrow();
    const usedHere = [...this.#leases.values()].reduce((sum, { used }) => sum + used, 0);
    return { usedHere, usedAll: Number(all ?? 0) };
  }

  async #grant(pot: string, units: number, id: string = randomUUID()): Promise<void> {
    if (units <= 0) return;
    const resource = this.#resource.id;
    await movePool(this.#trx, resource, pot, -units);
    const held = this.#leases.get(pot);
    const row =
      held === undefined
        ? {
            id,
            book: this.#request.book,
            resource,
            pot,
            granted: units,
            used: 0,
            returned: 0,
            recalled: 0,
          }
        : { ...held, granted: held.granted + units };
    await this.#trx
      .insertInto('share_leases')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ granted: row.granted }))
      .execute();
    this.#leases.set(pot, row);
    this.#pools.set(pot, (this.#pools.get(pot) ?? 0) - units);
  }

  /** Asks the others: they give back when they are heard of next, and only then is anything here. */
  async #recall(pot: string): Promise<void> {
    await this.#trx
      .updateTable('share_leases')
      .set({ recalled: 1 })
      .where('resource', '=', this.#resource.id)
      .where('pot', '=', pot)
      .where('book', '!=', this.#request.book)
      .execute();
  }

  async told(): Promise<SharesResponse['leases']> {
    const told: SharesResponse['leases'] = [];
    const votersOf = await this.#votersElsewhere();
    for (const lease of this.#leases.values()) {
      const { id, resource, pot, granted, used } = lease;
      const over = !this.#pools.has(pot);
      if (over && leftOf(lease) === 0) continue;
      const said = this.#request.balances.find((balance) => balance.lease === id);
      if (lease.recalled === 1 && this.#left(pot) === 0)
        await this.#trx.updateTable('share_leases').set({ recalled: 0 }).where('id', '=', id).execute();
      // What is on its way here already is not asked for again.
      const onItsWay = said !== undefined && said.returned > lease.returned;
      const recall = onItsWay ? 'none' : over ? 'all' : lease.recalled === 1 ? 'half' : 'none';
      const voters = votersOf.get(pot);
      told.push({ id, resource, pot, granted, used, recall, ...(voters && leftOf(lease) > 0 && { voters }) });
    }
    return told;
  }

  /** By cell, who has taken part in a vote under other books: this one's kiosk knows its own. */
  async #votersElsewhere(): Promise<ReadonlyMap<string, string[]>> {
    if (this.#resource.kind !== 'vote') return new Map();
    const rows = await this.#trx
      .selectFrom('share_voters')
      .innerJoin('share_leases', 'share_leases.id', 'share_voters.lease')
      .select(['pot', 'holder'])
      .where('share_voters.resource', '=', this.#resource.id)
      .where('book', '!=', this.#request.book)
      .orderBy('holder')
      .execute();
    const cells = [...Map.groupBy(rows, ({ pot }) => pot)];
    return new Map(cells.map(([pot, voters]) => [pot, voters.map(({ holder }) => holder)]));
  }

  async display(): Promise<SharesResponse['pots']> {
    if (this.#resource.kind === 'vote') return [];
    const resource = this.#resource.id;
    const claimed = await this.#trx
      .selectFrom('share_claims')
      .select((select) => ['pot', select.fn.sum<number | string>('amount').as('taken')])
      .where('resource', '=', resource)
      .where('cancelled_at', 'is', null)
      .groupBy('pot')
      .execute();
    const taken = new Map(claimed.map((row) => [row.pot, Number(row.taken)]));
    const rows = await this.#trx
      .selectFrom('share_pots')
      .select(['pot', 'capacity', 'pool'])
      .where('resource', '=', resource)
      .orderBy('pot')
      .execute();
    return rows
      .filter(({ pot }) => this.#pools.has(pot))
      .map(({ pot, capacity, pool }) => ({
        resource,
        pot,
        capacity,
        free: pool,
        taken: taken.get(pot) ?? 0,
      }));
  }
}

/** An order of the pots that is another one for each kiosk, so that each has early and late ones. */
function inOrderOf(book: string, pots: readonly string[]): string[] {
  const place = (pot: string): string => createHash('sha256').update(`${book}\n${pot}`).digest('hex');
  const places = new Map(pots.map((pot) => [pot, place(pot)]));
  return pots.toSorted((a, b) => ((places.get(a) ?? '') < (places.get(b) ?? '') ? -1 : 1));
}
