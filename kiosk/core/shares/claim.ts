import {
  cellOf,
  type Pot,
  potsOf,
  type SharedResource,
  type ShareEventBody,
  type StandingClaim,
} from '@huimin/backend/contract';
import { err, ok, type Result } from '@huimin/drivers';
import { leaseFor, leftIn, resourceIn, type ShareBook, type ShareRecord } from './book.ts';

/** Why nothing was claimed; each is something else to tell a resident. */
export type ClaimError =
  /** This kiosk's community shares nothing of this name, or it has no such place. */
  | 'not-here'
  | 'not-open-yet'
  | 'closed'
  /** As much as one person may have. */
  | 'already'
  /** This kiosk has no more to give out, and cannot ask for more now. */
  | 'sold-out-here'
  /** All of it is claimed. */
  | 'sold-out'
  /** Another kiosk holds it; it was asked to give it back. */
  | 'later'
  /** The kiosk cannot write it down, so that it did not happen. */
  | 'storage';

/** What a resident wants. */
export interface Wish {
  readonly claim: string;
  readonly resource: string;
  /** The period or slot; null for the running period. Of a vote there is nothing to choose. */
  readonly pot: string | null;
  readonly holder: string;
  readonly amount: number;
  /** What is voted for; null for anything but a vote. */
  readonly choice: string | null;
  readonly offline: boolean;
}

/** What is written when a wish comes true, all of it or nothing. */
export interface ShareChange {
  readonly events: readonly ShareEventBody[];
  readonly records: readonly ShareRecord[];
}

/** The pot a wish is about, among those that can be claimed now. */
export function potFor(
  resource: SharedResource,
  wish: Pick<Wish, 'pot' | 'holder'>,
  nowMs: number,
): Pot | null {
  const pots = potsOf(resource, nowMs);
  if (resource.kind === 'vote') return pots.find(({ pot }) => pot === cellOf(wish.holder)) ?? null;
  if (wish.pot === null && resource.kind === 'quota') return pots[0] ?? null;
  return pots.find(({ pot }) => pot === wish.pot) ?? null;
}

/**
 * Decides by the book alone what comes of a wish. `elsewhere` are the holder's claims that the backend knows of. Pure.
 */
export function decideClaim(
  book: ShareBook | null,
  wish: Wish,
  elsewhere: readonly StandingClaim[],
  nowMs: number,
): Result<ShareChange, ClaimError> {
  const resource = resourceIn(book, wish.resource);
  if (book === null || resource === null) return err('not-here');
  if (nowMs < Date.parse(resource.opensAt)) return err('not-open-yet');
  if (nowMs >= Date.parse(resource.closesAt)) return err('closed');
  const pot = potFor(resource, wish, nowMs)?.pot;
  if (pot === undefined) return err(isEverHere(resource, wish) ? 'closed' : 'not-here');
  if (isTooMuch(book, resource, { ...wish, pot }, elsewhere)) return err('already');
  const lease = leaseFor(book, resource.id, pot);
  const amount = resource.kind === 'vote' ? 1 : wish.amount;
  if (lease === null || leftIn(lease) < amount) return err('sold-out-here');
  const { claim, holder, offline } = wish;
  const made: ShareEventBody = {
    kind: 'claim.made',
    claim,
    resource: resource.id,
    pot,
    holder,
    amount,
    under: lease.id,
    offline,
  };
  return ok({ events: [made], records: ballotOf(resource, wish) });
}

/** Whether the resource has such a pot at any time. */
const isEverHere = (resource: SharedResource, { pot }: Wish): boolean =>
  resource.kind !== 'slots' || resource.slots.some(({ id }) => id === pot);

/** Throws for a choice that the vote does not have: nobody can choose it on the screen. */
function ballotOf(resource: SharedResource, { choice }: Wish): ShareRecord[] {
  if (resource.kind !== 'vote') return [];
  if (choice === null || !resource.options.some(({ id }) => id === choice))
    throw new RangeError(`${resource.id} has no such option`);
  return [{ kind: 'ballot', resource: resource.id, choice }];
}

/** Of a quota a person's claims count in their period, of slots altogether; of a vote there is one for ever. */
function isTooMuch(
  book: ShareBook,
  resource: SharedResource,
  wish: Wish & { readonly pot: string },
  elsewhere: readonly StandingClaim[],
): boolean {
  const all = new Map([...elsewhere, ...book.claims].map((claim) => [claim.claim, claim]));
  const own = [...all.values()].filter(
    (claim) =>
      claim.resource === resource.id &&
      claim.holder === wish.holder &&
      (resource.kind !== 'quota' || claim.pot === wish.pot),
  );
  if (resource.kind === 'vote') {
    const voters = leaseFor(book, resource.id, wish.pot)?.voters ?? [];
    return own.length > 0 || voters.includes(wish.holder);
  }
  if (resource.perPerson === null) return false;
  return own.reduce((sum, { amount }) => sum + amount, wish.amount) > resource.perPerson;
}

/** What can be said of a resource before anybody asks for it. */
export interface Available {
  readonly state: 'now' | 'later' | 'not-here';
  /** Null when it is there now. */
  readonly reason: ClaimError | null;
  /** Units that this kiosk can give out by itself; of a vote null, since it depends on who asks. */
  readonly left: number | null;
}

/** Says whether somebody who asks can hope for something. Pure. */
export function availableIn(
  book: ShareBook | null,
  id: string,
  { online, nowMs }: { readonly online: boolean; readonly nowMs: number },
): Available {
  const resource = resourceIn(book, id);
  if (book === null || resource === null) return { state: 'not-here', reason: 'not-here', left: 0 };
  if (nowMs < Date.parse(resource.opensAt)) return { state: 'later', reason: 'not-open-yet', left: 0 };
  const pots = potsOf(resource, nowMs);
  if (pots.length === 0) return { state: 'not-here', reason: 'closed', left: 0 };
  const held = pots.map(({ pot }) => {
    const lease = leaseFor(book, id, pot);
    return lease === null ? 0 : leftIn(lease);
  });
  const left = held.reduce((sum, units) => sum + units, 0);
  if (resource.kind === 'vote') {
    const can = online || left > 0;
    return { state: can ? 'now' : 'later', reason: can ? null : 'sold-out-here', left: null };
  }
  if (left > 0) return { state: 'now', reason: null, left };
  const shown = book.pots.filter(({ resource }) => resource === id);
  if (online && shown.some(({ free }) => free > 0)) return { state: 'now', reason: null, left };
  const isGone = shown.length > 0 && shown.every(({ capacity, taken }) => taken >= capacity);
  return { state: 'later', reason: isGone ? 'sold-out' : online ? 'later' : 'sold-out-here', left };
}
