import { holderOf } from '../shares/index.ts';
import type { Storage, Tables } from '../storage/index.ts';

/** What a person has claimed of what kiosks share, and in which votes they took part; what they chose nobody knows. */
export interface PersonalClaims {
  readonly claims: readonly Pick<
    Tables['share_claims'],
    'resource' | 'pot' | 'amount' | 'made_at' | 'cancelled_at'
  >[];
  readonly votes: readonly string[];
}

/** Claims name their holder by a pseudonym that is another one for each thing, so each thing is asked in turn. */
export async function claimsOf(trx: Storage, idNumber: string): Promise<PersonalClaims> {
  const things = await trx
    .selectFrom('share_resources')
    .innerJoin('share_communities', 'share_communities.community', 'share_resources.community')
    .select(['share_resources.id', 'share_communities.key'])
    .orderBy('share_resources.id')
    .execute();
  const claims: PersonalClaims['claims'][number][] = [];
  const votes: string[] = [];
  for (const { id, key } of things) {
    const holder = holderOf(key, id, idNumber);
    const made = await trx
      .selectFrom('share_claims')
      .select(['resource', 'pot', 'amount', 'made_at', 'cancelled_at'])
      .where('resource', '=', id)
      .where('holder', '=', holder)
      .execute();
    claims.push(...made);
    const voted = await trx
      .selectFrom('share_voters')
      .select('resource')
      .where('resource', '=', id)
      .where('holder', '=', holder)
      .executeTakeFirst();
    if (voted) votes.push(id);
  }
  return { claims, votes };
}
