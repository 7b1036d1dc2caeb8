import { parseDocument } from 'yaml';
import { type Pot, potsOf, type SharedResource, sharedResourceSchema } from '../contract/index.ts';
import type { Storage } from '../storage/index.ts';
import { holdCommunity, movePool, openPots, readDefinition } from './pots.ts';

/** Either a definition, or what is wrong with the text, a sentence each. */
export type Definition =
  | { readonly ok: true; readonly resource: SharedResource }
  | { readonly ok: false; readonly mistakes: readonly string[] };

/** Reads what an operator wrote. */
export function parseDefinition(text: string): Definition {
  const document = parseDocument(text, { prettyErrors: false });
  const [broken] = document.errors;
  if (broken) return { ok: false, mistakes: [`It is not valid YAML: ${broken.message}.`] };
  const parsed = sharedResourceSchema.safeParse(document.toJS() ?? {});
  if (parsed.success) return { ok: true, resource: parsed.data };
  return { ok: false, mistakes: parsed.error.issues.map(sentence) };
}

interface Issue {
  readonly code?: string | undefined;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly keys?: readonly string[];
}

function sentence({ code, path, message, keys }: Issue): string {
  const place = path.map(String).join('.');
  if (code === 'unrecognized_keys') {
    const within = place === '' ? '' : ` in ${place}`;
    return `${(keys ?? []).map((key) => `"${key}"`).join(', ')} is not known${within}.`;
  }
  const said = message
    .replace(/^Invalid (input|option): /, '')
    .replace(/^Invalid discriminator value\. Expected /, 'wants one of ');
  return place === '' ? `The file ${said}.` : `"${place}": ${said}.`;
}

/** What an operator asked for cannot be done; the message is one sentence for them. */
export class NotPossible extends Error {}

/**
 * Puts a resource up to be shared, or changes one: names, times and limits at once, capacities as far as units are in
 * the pool. In the caller's transaction. Throws {@link NotPossible}.
 */
export async function addResource(
  trx: Storage,
  resource: SharedResource,
  now: Date,
): Promise<'added' | 'changed'> {
  await holdCommunity(trx, resource.community);
  const row = {
    community: resource.community,
    kind: resource.kind,
    closes_at: new Date(resource.closesAt).toISOString(),
    definition: JSON.stringify(resource),
  };
  const known = await trx
    .selectFrom('share_resources')
    .select('definition')
    .where('id', '=', resource.id)
    .executeTakeFirst();
  if (!known) {
    await trx
      .insertInto('share_resources')
      .values({ id: resource.id, ...row, added_at: now.toISOString() })
      .execute();
    await openPots(trx, resource, now);
    return 'added';
  }
  await amendPots(trx, readDefinition(known.definition), resource, now);
  await trx.updateTable('share_resources').set(row).where('id', '=', resource.id).execute();
  await openPots(trx, resource, now);
  return 'changed';
}

async function amendPots(
  trx: Storage,
  before: SharedResource,
  after: SharedResource,
  now: Date,
): Promise<void> {
  const refuse = (what: string): never => {
    throw new NotPossible(`${after.id} exists already, and ${what}; give the new one another id.`);
  };
  if (before.community !== after.community) refuse(`belongs to ${before.community}`);
  switch (after.kind) {
    case 'quota':
      if (before.kind !== 'quota' || before.period !== after.period) refuse('its periods are other ones');
      break;
    case 'slots':
      if (before.kind !== 'slots') refuse(`is a ${before.kind}`);
      break;
    case 'vote':
      if (before.kind !== 'vote') return refuse(`is a ${before.kind}`);
      if (JSON.stringify(before.options) !== JSON.stringify(after.options))
        refuse('its options cannot change');
      return;
  }
  const capacities = new Map(potsEver(after, now).map(({ pot, capacity }) => [pot, capacity]));
  const concerned = new Set([...potsEver(before, now).map(({ pot }) => pot), ...capacities.keys()]);
  const pots = await trx.selectFrom('share_pots').selectAll().where('resource', '=', after.id).execute();
  for (const { pot, capacity, pool } of pots) {
    if (!concerned.has(pot)) continue;
    const more = (capacities.get(pot) ?? 0) - capacity;
    if (pool + more < 0)
      throw new NotPossible(
        `Of ${after.id}, ${pot}, only ${pool} of ${capacity} are free; the others are claimed or with kiosks.`,
      );
    await trx
      .updateTable('share_pots')
      .set({ capacity: capacity + more })
      .where('resource', '=', after.id)
      .where('pot', '=', pot)
      .execute();
    await movePool(trx, after.id, pot, more);
  }
}

/** More periods than any that is there already lies ahead. */
const PERIODS_EVER = 1000;

/**
 * All pots from now on, whether they can be claimed yet or not: one that was opened when more lay ahead is claimed when
 * its time comes, and has its capacity until then.
 */
const potsEver = (resource: SharedResource, now: Date): readonly Pot[] =>
  potsOf(resource.kind === 'quota' ? { ...resource, ahead: PERIODS_EVER } : resource, now.getTime());

/**
 * Gives up all that a kiosk holds: it will never be heard of again, or must not be. Its units go back to the pool, and
 * what it may have given out and not reported counts no more: that is for a person to decide, never for a clock.
 * Answers how many units came back. `former` gives up only what it held before its present book, so that what it
 * promises now stays good. Throws {@link NotPossible}.
 */
export async function writeOff(
  trx: Storage,
  kiosk: string,
  reason: string,
  now: Date,
  which: 'all' | 'former' = 'all',
): Promise<number> {
  const known = await trx.selectFrom('kiosks').select('community').where('id', '=', kiosk).executeTakeFirst();
  if (!known) throw new NotPossible(`No kiosk ${kiosk} is known.`);
  // A kiosk that was moved holds units of the community that it stood in.
  const open = await trx
    .selectFrom('share_books')
    .select('id')
    .where('kiosk', '=', kiosk)
    .where('written_off_at', 'is', null)
    .orderBy('opened_at', 'desc')
    .execute();
  const books = which === 'former' ? open.slice(1) : open;
  if (books.length === 0) return 0;
  const ids = books.map(({ id }) => id);
  const communities = await trx
    .selectFrom('share_leases')
    .innerJoin('share_resources', 'share_resources.id', 'share_leases.resource')
    .select('community')
    .distinct()
    .where('book', 'in', ids)
    .orderBy('community')
    .execute();
  for (const { community } of communities) await holdCommunity(trx, community);
  await trx
    .updateTable('share_books')
    .set({ written_off_at: now.toISOString(), reason })
    .where('id', 'in', ids)
    .execute();
  const leases = await trx.selectFrom('share_leases').selectAll().where('book', 'in', ids).execute();
  let units = 0;
  for (const { id, resource, pot, granted, used, returned } of leases) {
    const left = granted - used - returned;
    if (left === 0) continue;
    await trx
      .updateTable('share_leases')
      .set({ returned: returned + left })
      .where('id', '=', id)
      .execute();
    await movePool(trx, resource, pot, left);
    units += left;
  }
  return units;
}
