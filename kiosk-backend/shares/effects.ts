import { cellOf, type SharedResource, type ShareEventBody } from '../contract/index.ts';
import type { Storage } from '../storage/index.ts';
import { holdCommunity, leaseLeft, movePool, resourceOf } from './pots.ts';

/** Whose event it is, and when it came. */
export interface EffectPlace {
  readonly kiosk: string;
  readonly event: string;
  readonly serverTime: string;
}

type Body<Kind extends ShareEventBody['kind']> = Extract<ShareEventBody, { kind: Kind }>;

/**
 * What an event about shares changes, in the transaction that takes it in; the reason when it may not. It counts
 * however late it comes: the units of a lease wait for it. What the lease has not is refused, for staff to look at.
 */
export async function applyShareEvent(
  trx: Storage,
  place: EffectPlace,
  body: ShareEventBody,
): Promise<string | null> {
  if (body.kind === 'share.returned') {
    const lease = await leaseOf(trx, place.kiosk, body.under);
    const resource = lease && (await resourceOf(trx, lease.resource));
    if (!resource) return 'share-not-held';
    await holdCommunity(trx, resource.community);
    return giveBack(trx, place, body);
  }
  const resource = await resourceOf(trx, body.resource);
  if (resource === null) return 'share-unknown';
  await holdCommunity(trx, resource.community);
  switch (body.kind) {
    case 'claim.made':
      return resource.kind === 'vote'
        ? takePart(trx, place, body)
        : claim(trx, place, body, resource, resource.perPerson);
    case 'claim.cancelled':
      return resource.kind === 'vote' ? 'vote-stands' : cancel(trx, place, body);
    case 'ballots.counted': {
      const known = new Set(resource.kind === 'vote' ? resource.options.map(({ id }) => id) : []);
      const unknown = Object.keys(body.counts).some((choice) => !known.has(choice));
      return unknown ? 'option-unknown' : countBallots(trx, place, body);
    }
  }
}

/** The lease as this kiosk holds it; null when it is not its own. */
async function leaseOf(trx: Storage, kiosk: string, id: string) {
  const lease = await trx
    .selectFrom('share_leases')
    .innerJoin('share_books', 'share_books.id', 'share_leases.book')
    .select(['share_leases.id', 'resource', 'pot', 'written_off_at', leaseLeft.as('left')])
    .where('share_leases.id', '=', id)
    .where('share_books.kiosk', '=', kiosk)
    .executeTakeFirst();
  return lease ?? null;
}

type Lease = NonNullable<Awaited<ReturnType<typeof leaseOf>>>;

function refusal(lease: Lease | null, body: Body<'claim.made'>): string | null {
  if (lease === null || lease.resource !== body.resource || lease.pot !== body.pot) return 'share-not-held';
  return lease.written_off_at === null ? null : 'share-written-off';
}

async function claim(
  trx: Storage,
  place: EffectPlace,
  body: Body<'claim.made'>,
  resource: SharedResource,
  perPerson: number | null,
): Promise<string | null> {
  const lease = await leaseOf(trx, place.kiosk, body.under);
  const refused = refusal(lease, body);
  if (refused !== null) return refused;
  if (lease === null || lease.left < body.amount) return 'share-overdrawn';
  const earlier = await trx
    .selectFrom('share_claims')
    .select(['resource', 'holder', 'made_at', 'cancelled_at'])
    .where('claim', '=', body.claim)
    .executeTakeFirst();
  if (earlier && earlier.made_at !== null) return 'claim-taken';
  await trx
    .updateTable('share_leases')
    .set((column) => ({ used: column('used', '+', body.amount) }))
    .where('id', '=', body.under)
    .execute();
  // Another kiosk may have said that it is cancelled before this one said that it was made.
  const cancelled = earlier?.resource === body.resource && earlier.holder === body.holder;
  const row = {
    resource: body.resource,
    holder: body.holder,
    pot: body.pot,
    amount: body.amount,
    lease: body.under,
    made_at: place.serverTime,
    cancelled_at: cancelled ? earlier.cancelled_at : null,
  };
  await trx
    .insertInto('share_claims')
    .values({ claim: body.claim, ...row })
    .onConflict((conflict) => conflict.column('claim').doUpdateSet(row))
    .execute();
  if (cancelled) await movePool(trx, body.resource, body.pot, body.amount);
  else if (perPerson !== null && (await standing(trx, body, resource)) > perPerson)
    await note(trx, place, body.resource, 'over-limit');
  return null;
}

/** What a holder has claimed and not cancelled: of a quota in that period, of slots altogether. */
async function standing(
  trx: Storage,
  { holder, pot }: Body<'claim.made'>,
  { id, kind }: SharedResource,
): Promise<number> {
  let query = trx
    .selectFrom('share_claims')
    .select((select) => select.fn.sum<number | string | null>('amount').as('amount'))
    .where('resource', '=', id)
    .where('holder', '=', holder)
    .where('made_at', 'is not', null)
    .where('cancelled_at', 'is', null);
  if (kind === 'quota') query = query.where('pot', '=', pot);
  return Number((await query.executeTakeFirst())?.amount ?? 0);
}

/**
 * A vote: the lease of the holder's cell is a right that is not used up, and the holder counts once for ever. It was
 * given while the kiosk had that right, even when it is told after the right was given back (carried by hand).
 */
async function takePart(trx: Storage, place: EffectPlace, body: Body<'claim.made'>): Promise<string | null> {
  if (body.amount !== 1 || body.pot !== cellOf(body.holder)) return 'share-wrong-cell';
  const refused = refusal(await leaseOf(trx, place.kiosk, body.under), body);
  if (refused !== null) return refused;
  const taken = await trx
    .insertInto('share_voters')
    .values({ resource: body.resource, holder: body.holder, claim: body.claim, lease: body.under })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return taken.numInsertedOrUpdatedRows === 1n ? null : 'already-voted';
}

async function cancel(
  trx: Storage,
  place: EffectPlace,
  body: Body<'claim.cancelled'>,
): Promise<string | null> {
  const made = await trx
    .selectFrom('share_claims')
    .selectAll()
    .where('claim', '=', body.claim)
    .executeTakeFirst();
  if (!made) {
    await trx
      .insertInto('share_claims')
      .values({
        claim: body.claim,
        resource: body.resource,
        holder: body.holder,
        pot: null,
        amount: 0,
        lease: null,
        made_at: null,
        cancelled_at: place.serverTime,
      })
      .execute();
    return null;
  }
  if (made.resource !== body.resource || made.holder !== body.holder) return 'claim-of-another';
  if (made.cancelled_at !== null || made.pot === null) return null;
  await trx
    .updateTable('share_claims')
    .set({ cancelled_at: place.serverTime })
    .where('claim', '=', body.claim)
    .execute();
  await movePool(trx, made.resource, made.pot, made.amount);
  return null;
}

async function giveBack(
  trx: Storage,
  place: EffectPlace,
  body: Body<'share.returned'>,
): Promise<string | null> {
  const lease = await leaseOf(trx, place.kiosk, body.under);
  if (lease === null) return 'share-not-held';
  // What was written off is in the pool already.
  if (lease.written_off_at !== null) return 'share-written-off';
  if (lease.left < body.units) return 'share-overdrawn';
  await trx
    .updateTable('share_leases')
    .set((column) => ({ returned: column('returned', '+', body.units), recalled: 0 }))
    .where('id', '=', lease.id)
    .execute();
  await movePool(trx, lease.resource, lease.pot, body.units);
  return null;
}

async function countBallots(
  trx: Storage,
  place: EffectPlace,
  body: Body<'ballots.counted'>,
): Promise<string | null> {
  const book = await trx
    .selectFrom('share_books')
    .select('id')
    .where('id', '=', body.book)
    .where('kiosk', '=', place.kiosk)
    .executeTakeFirst();
  if (!book) return 'share-not-held';
  // Of a book that was written off too: its voters were accepted before, and nobody else's ballots are.
  const accepted = await trx
    .selectFrom('share_voters')
    .innerJoin('share_leases', 'share_leases.id', 'share_voters.lease')
    .select((select) => select.fn.countAll<number | string>().as('n'))
    .where('share_voters.resource', '=', body.resource)
    .where('share_leases.book', '=', body.book)
    .executeTakeFirstOrThrow();
  const counted = await trx
    .selectFrom('share_boxes')
    .select('ballots')
    .where('book', '=', body.book)
    .where('resource', '=', body.resource)
    .executeTakeFirst();
  const told = Object.values(body.counts).reduce((sum, votes) => sum + votes, 0);
  const ballots = (counted?.ballots ?? 0) + told;
  if (ballots > Number(accepted.n)) return 'ballots-without-voters';
  await trx
    .insertInto('share_boxes')
    .values({ book: body.book, resource: body.resource, ballots })
    .onConflict((conflict) => conflict.columns(['book', 'resource']).doUpdateSet({ ballots }))
    .execute();
  for (const [choice, votes] of Object.entries(body.counts)) {
    await trx
      .insertInto('share_ballots')
      .values({ resource: body.resource, choice, votes })
      .onConflict((conflict) =>
        conflict
          .columns(['resource', 'choice'])
          .doUpdateSet((column) => ({ votes: column('share_ballots.votes', '+', votes) })),
      )
      .execute();
  }
  return null;
}

/** How many have taken part in a vote, and how many ballots have been counted so far. */
export async function turnout(db: Storage, resource: string): Promise<{ ballots: number; voters: number }> {
  const ballots = await db
    .selectFrom('share_ballots')
    .select((select) => select.fn.sum<number | string | null>('votes').as('n'))
    .where('resource', '=', resource)
    .executeTakeFirst();
  const voters = await db
    .selectFrom('share_voters')
    .select((select) => select.fn.countAll<number | string>().as('n'))
    .where('resource', '=', resource)
    .executeTakeFirst();
  return { ballots: Number(ballots?.n ?? 0), voters: Number(voters?.n ?? 0) };
}

const note = (trx: Storage, place: EffectPlace, resource: string, text: string) =>
  trx
    .insertInto('share_notes')
    .values({
      kiosk: place.kiosk,
      event: place.event,
      resource,
      note: text,
      server_time: place.serverTime,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
